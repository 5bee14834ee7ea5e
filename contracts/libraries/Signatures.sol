// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IERC1271 } from "@openzeppelin/contracts/interfaces/IERC1271.sol";

/// @title The one form of signature that is accepted
library Signatures {
    /// @dev Enough for a wallet of a dozen owners or a passkey; a wallet that burns it all costs its relayer no more.
    uint256 internal constant WALLET_GAS = 500_000;
    /// @dev Half of the curve's order, and one: the first s that is not low.
    uint256 private constant HIGH_S = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a1;

    /// @notice Tells whether `key` signed `digest`: 65 bytes, v 27 or 28, low s; or, by an ERC-1271 wallet, whatever it accepts now.
    /// @dev ECDSA comes first, so that an account which gains code (EIP-7702) goes on signing as before.
    function isValid(address key, bytes32 digest, bytes calldata signature) internal view returns (bool) {
        if (key == address(0)) return false;
        if (recover(digest, signature) == key) return true;
        return key.code.length != 0 && _isAcceptedByWallet(key, digest, signature);
    }

    /// @notice Returns the account that signed `digest`; zero if the signature is not in the one form.
    function recover(bytes32 digest, bytes calldata signature) internal view returns (address signer) {
        if (signature.length != 65) return address(0);
        // The precompile itself answers for no other v than 27 and 28; of the two forms of s it takes both.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, digest)
            mstore(add(free, 0x20), byte(0, calldataload(add(signature.offset, 0x40))))
            calldatacopy(add(free, 0x40), signature.offset, 0x40)
            if lt(mload(add(free, 0x60)), HIGH_S) {
                mstore(0x00, 0)
                pop(staticcall(gas(), 0x01, free, 0x80, 0x00, 0x20))
                signer := mload(0x00)
            }
        }
    }

    function _isAcceptedByWallet(address wallet, bytes32 digest, bytes calldata signature) private view returns (bool accepted) {
        bytes memory request = abi.encodeCall(IERC1271.isValidSignature, (digest, signature));
        bytes4 magic = IERC1271.isValidSignature.selector;
        // Only assembly can call without copying whatever length the wallet returns.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let success := staticcall(WALLET_GAS, wallet, add(request, 0x20), mload(request), 0x00, 0x20)
            accepted := and(success, and(gt(returndatasize(), 0x1f), eq(mload(0x00), magic)))
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IERC1271 } from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @title The one form of signature that is accepted
library Signatures {
    /// @dev Enough for a wallet of a dozen owners or a passkey; a wallet that burns it all costs its relayer no more.
    uint256 internal constant WALLET_GAS = 500_000;

    /// @notice Tells whether `key` signed `digest`: 65 bytes, v 27 or 28, low s; or, by an ERC-1271 wallet, whatever it accepts now.
    /// @dev ECDSA comes first, so that an account which gains code (EIP-7702) goes on signing as before.
    function isValid(address key, bytes32 digest, bytes calldata signature) internal view returns (bool) {
        if (key == address(0)) return false;
        if (recover(digest, signature) == key) return true;
        return key.code.length != 0 && _isAcceptedByWallet(key, digest, signature);
    }

    /// @notice Returns the account that signed `digest`; zero if the signature is not in the one form.
    function recover(bytes32 digest, bytes calldata signature) internal pure returns (address signer) {
        (signer, , ) = ECDSA.tryRecoverCalldata(digest, signature);
    }

    function _isAcceptedByWallet(address wallet, bytes32 digest, bytes calldata signature) private view returns (bool accepted) {
        bytes memory request = abi.encodeCall(IERC1271.isValidSignature, (digest, signature));
        bytes4 magic = IERC1271.isValidSignature.selector;
        // Only assembly can call without copying whatever length the wallet returns.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            mstore(0x00, 0)
            let success := staticcall(WALLET_GAS, wallet, add(request, 0x20), mload(request), 0x00, 0x20)
            accepted := and(success, and(gt(returndatasize(), 0x1f), eq(mload(0x00), magic)))
        }
    }
}

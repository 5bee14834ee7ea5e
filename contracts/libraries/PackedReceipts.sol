// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { ParticipantId } from "../interfaces/Types.sol";
import { MerkleTree } from "./MerkleTree.sol";
import { Signatures } from "./Signatures.sol";

/// @title Receipts as challenges take them
/// @notice The fields of a receipt in this order, each in its own width and without padding, since calldata is a third of a challenge's
/// price: entry (32 bytes), index (8), start (8), count (8), issuedAt (6), deadline (6), signature (65), path (32 a node).
library PackedReceipts {
    uint256 private constant FIXED = 133;

    /// @notice Tells whether the bytes can be a receipt: the fields and a whole number of nodes.
    function isReceipt(bytes calldata packed) internal pure returns (bool isIt) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            isIt := and(gt(packed.length, 132), eq(and(packed.length, 31), 5))
        }
    }

    function entryOf(bytes calldata packed) internal pure returns (bytes32) {
        return _wordAt(packed, 0);
    }

    function indexOf(bytes calldata packed) internal pure returns (uint64) {
        return uint64(uint256(_wordAt(packed, 32)) >> 192);
    }

    function issuedAtOf(bytes calldata packed) internal pure returns (uint48) {
        return uint48(uint256(_wordAt(packed, 56)) >> 208);
    }

    function deadlineOf(bytes calldata packed) internal pure returns (uint48) {
        return uint48(uint256(_wordAt(packed, 62)) >> 208);
    }

    /// @notice Prepares the words that the EIP-712 digests of all receipts of one gateway share; returns where in memory they stand.
    function formOf(bytes32 typeHash, ParticipantId gateway, bytes32 domain) internal pure returns (uint256 form) {
        // Seven words of the struct, of which signerOf fills in five; then prefix, domain and the struct's hash.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            form := mload(0x40)
            mstore(0x40, add(form, 0x140))
            mstore(form, typeHash)
            mstore(add(form, 0x20), gateway)
            mstore(add(form, 0xe0), 0x1901)
            mstore(add(form, 0x100), domain)
        }
    }

    /// @notice Returns the account that signed the receipt's batch; zero if its index and path cannot belong there, or if the signature is
    /// not in the one form.
    /// @dev Accounts' signatures only: a wallet could deny later what it signed.
    function signerOf(bytes calldata packed, uint256 form) internal view returns (address) {
        bool isPath = packed.length == FIXED ? _putLeaf(packed, form) : _putRoot(packed, form);
        if (!isPath) return address(0);
        bytes32 digest;
        bytes calldata signature;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            mstore(add(form, 0x40), shr(192, calldataload(add(packed.offset, 40))))
            mstore(add(form, 0x60), shr(192, calldataload(add(packed.offset, 48))))
            mstore(add(form, 0xa0), shr(208, calldataload(add(packed.offset, 56))))
            mstore(add(form, 0xc0), shr(208, calldataload(add(packed.offset, 62))))
            mstore(add(form, 0x120), keccak256(form, 0xe0))
            digest := keccak256(add(form, 0xfe), 0x42)
            signature.offset := add(packed.offset, 68)
            signature.length := 65
        }
        return Signatures.recover(digest, signature);
    }

    /// @dev Without a path there is one batch that fits, that of the entry alone, whose root is its leaf. Most receipts are of this kind.
    function _putLeaf(bytes calldata packed, uint256 form) private view returns (bool isAlone) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            // Index, start and count, of which the first two are the same and the last is one.
            let numbers := shr(64, calldataload(add(packed.offset, 32)))
            isAlone := eq(numbers, add(mul(shr(128, numbers), 0x100000000000000010000000000000000), 1))
            mstore(0x00, 0)
            mstore(0x01, calldataload(packed.offset))
            if iszero(staticcall(gas(), 0x02, 0x00, 0x21, add(form, 0x80), 0x20)) {
                revert(0x00, 0x00)
            }
        }
    }

    function _putRoot(bytes calldata packed, uint256 form) private view returns (bool isPath) {
        uint256 numbers = uint256(_wordAt(packed, 32));
        (uint64 index, uint64 start, uint64 count) = (uint64(numbers >> 192), uint64(numbers >> 128), uint64(numbers >> 64));
        bytes32[] calldata path;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            path.offset := add(packed.offset, FIXED)
            path.length := shr(5, sub(packed.length, FIXED))
        }
        bytes32 root;
        // An index before the start wraps to one beyond any count.
        unchecked {
            (isPath, root) = MerkleTree.rootOf(entryOf(packed), index - start, count, path);
        }
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            mstore(add(form, 0x80), root)
        }
    }

    /// @dev The caller has checked that the bytes are a receipt.
    function _wordAt(bytes calldata packed, uint256 place) private pure returns (bytes32 word) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            word := calldataload(add(packed.offset, place))
        }
    }
}

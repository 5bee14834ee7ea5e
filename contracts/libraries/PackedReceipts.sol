// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { ParticipantId } from "../interfaces/Types.sol";
import { MerkleTree } from "./MerkleTree.sol";

/// @title Receipts as challenges take them
/// @notice The fields of a receipt in this order, each in its own width and without padding, since calldata is a third of a challenge's
/// price: entry (32 bytes), index (8), start (8), count (8), issuedAt (6), deadline (6), signature (65), path (32 a node).
library PackedReceipts {
    uint256 private constant FIXED = 133;

    /// @notice Tells whether the bytes can be a receipt: the fields and a whole number of nodes.
    function isReceipt(bytes calldata packed) internal pure returns (bool) {
        return packed.length >= FIXED && packed.length % 32 == FIXED % 32;
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

    function signatureOf(bytes calldata packed) internal pure returns (bytes calldata signature) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            signature.offset := add(packed.offset, 68)
            signature.length := 65
        }
    }

    /// @notice Returns the root of the receipt's batch, and whether index and path can belong there.
    function batchRootOf(bytes calldata packed) internal view returns (bool isPath, bytes32 root) {
        uint256 numbers = uint256(_wordAt(packed, 32));
        (uint64 index, uint64 start, uint64 count) = (uint64(numbers >> 192), uint64(numbers >> 128), uint64(numbers >> 64));
        // A batch of one needs no path; most have one.
        if (count == 1 && index == start && packed.length == FIXED) return (true, MerkleTree.leafHash(entryOf(packed)));
        bytes32[] calldata path;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            path.offset := add(packed.offset, FIXED)
            path.length := shr(5, sub(packed.length, FIXED))
        }
        // An index before the start wraps to one beyond any count.
        unchecked {
            return MerkleTree.rootOf(entryOf(packed), index - start, count, path);
        }
    }

    /// @notice Returns the EIP-712 hash of the receipt's batch, without a domain.
    function structHash(
        bytes calldata packed,
        bytes32 typeHash,
        ParticipantId gateway,
        bytes32 root
    ) internal pure returns (bytes32 hash) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, typeHash)
            mstore(add(free, 0x20), gateway)
            mstore(add(free, 0x40), shr(192, calldataload(add(packed.offset, 40))))
            mstore(add(free, 0x60), shr(192, calldataload(add(packed.offset, 48))))
            mstore(add(free, 0x80), root)
            mstore(add(free, 0xa0), shr(208, calldataload(add(packed.offset, 56))))
            mstore(add(free, 0xc0), shr(208, calldataload(add(packed.offset, 62))))
            hash := keccak256(free, 0xe0)
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

// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @title The Merkle tree of RFC 9162 over 32-byte digests
/// @notice Leaf = SHA-256(0x00 || digest), node = SHA-256(0x01 || left || right).
/// @dev The one place with assembly for its price: two hashes an entry must fit beside the calldata floor of EIP-7623.
library MerkleTree {
    /// @notice Adds digests to a tree of `size` leaves and returns the new root. There must be at least one digest.
    /// @param frontier By level, the root of the complete subtree that stands at the tree's right edge. Only levels whose bit is set in
    /// the size count; the others keep what they once held, so that no level costs a new slot twice.
    function append(bytes32[64] storage frontier, uint256 size, bytes32[] calldata digests) internal returns (bytes32 root) {
        uint256 count = digests.length;
        uint256 row = _hashLeaves(digests);
        uint256 level = 0;
        // No level is beyond 64, and no count beyond the digests and one.
        unchecked {
            // `size` counts the nodes of this level to the left of the row; an odd one is the frontier's and the row's first sibling.
            for (; count != 0; ++level) {
                if (size & 1 == 1) {
                    row = _prepend(row, _load(frontier, level));
                    ++count;
                }
                if (count & 1 == 1) {
                    bytes32 last = _nodeAt(row, count - 1);
                    _store(frontier, level, last);
                    root = root == 0 ? last : nodeHash(last, root);
                }
                count >>= 1;
                _hashPairs(row, count);
                size >>= 1;
            }
            // Above, nothing changed.
            for (; size != 0; ++level) {
                if (size & 1 == 1) {
                    bytes32 left = _load(frontier, level);
                    root = root == 0 ? left : nodeHash(left, root);
                }
                size >>= 1;
            }
        }
    }

    /// @notice Returns the root that `path` leads to from `digest` at `index` of `size`, and whether the path can belong there (RFC 9162,
    /// 2.1.3.2).
    function rootOf(
        bytes32 digest,
        uint256 index,
        uint256 size,
        bytes32[] calldata path
    ) internal view returns (bool isPath, bytes32 root) {
        if (index >= size) return (false, 0);
        root = leafHash(digest);
        // All nodes are hashed in one place of memory: the prefix 0x01, the left child, the right child.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore8(free, 0x01)
            let left := add(free, 0x01)
            let right := add(free, 0x21)
            let last := sub(size, 1)
            let node := path.offset
            let end := add(node, shl(5, path.length))
            let done := 1
            // Where the root is reached before the path's end, the path is none.
            for {} mul(last, lt(node, end)) {} {
                switch or(and(index, 1), eq(index, last))
                case 0 {
                    mstore(left, root)
                    mstore(right, calldataload(node))
                }
                default {
                    mstore(left, calldataload(node))
                    mstore(right, root)
                    // The last node of a level without a sibling stands for itself above.
                    for {} gt(index, mul(index, and(index, 1))) {} {
                        index := shr(1, index)
                        last := shr(1, last)
                    }
                }
                done := and(staticcall(gas(), 0x02, free, 0x41, 0x00, 0x20), done)
                root := mload(0x00)
                index := shr(1, index)
                last := shr(1, last)
                node := add(node, 0x20)
            }
            if iszero(done) {
                revert(0x00, 0x00)
            }
            isPath := and(iszero(last), eq(node, end))
        }
    }

    function leafHash(bytes32 digest) internal view returns (bytes32 hash) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            mstore(0x00, 0)
            mstore(0x01, digest)
            if iszero(staticcall(gas(), 0x02, 0x00, 0x21, 0x00, 0x20)) {
                revert(0x00, 0x00)
            }
            hash := mload(0x00)
        }
    }

    function nodeHash(bytes32 left, bytes32 right) internal view returns (bytes32 hash) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore8(free, 0x01)
            mstore(add(free, 0x01), left)
            mstore(add(free, 0x21), right)
            if iszero(staticcall(gas(), 0x02, free, 0x41, 0x00, 0x20)) {
                revert(0x00, 0x00)
            }
            hash := mload(0x00)
        }
    }

    /// @dev Returns where in memory the row of leaf hashes starts. Before it one word a level stays free for `_prepend`.
    function _hashLeaves(bytes32[] calldata digests) private view returns (uint256 row) {
        // The loops here are unrolled by four, which is worth a tenth of the whole price.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            row := add(mload(0x40), 0x820)
            let end := add(row, shl(5, digests.length))
            mstore(0x40, end)
            // The prefix 0x00 stands at 0x00, the digest from 0x01 on.
            mstore(0x00, 0)
            let source := digests.offset
            let leaf := row
            let done := 1
            for {
                let fours := add(row, shl(7, shr(2, digests.length)))
            } lt(leaf, fours) {} {
                mstore(0x01, calldataload(source))
                done := and(staticcall(gas(), 0x02, 0x00, 0x21, leaf, 0x20), done)
                mstore(0x01, calldataload(add(source, 0x20)))
                done := and(staticcall(gas(), 0x02, 0x00, 0x21, add(leaf, 0x20), 0x20), done)
                mstore(0x01, calldataload(add(source, 0x40)))
                done := and(staticcall(gas(), 0x02, 0x00, 0x21, add(leaf, 0x40), 0x20), done)
                mstore(0x01, calldataload(add(source, 0x60)))
                done := and(staticcall(gas(), 0x02, 0x00, 0x21, add(leaf, 0x60), 0x20), done)
                source := add(source, 0x80)
                leaf := add(leaf, 0x80)
            }
            for {} lt(leaf, end) {} {
                mstore(0x01, calldataload(source))
                done := and(staticcall(gas(), 0x02, 0x00, 0x21, leaf, 0x20), done)
                source := add(source, 0x20)
                leaf := add(leaf, 0x20)
            }
            if iszero(done) {
                revert(0x00, 0x00)
            }
        }
    }

    /// @dev Replaces `pairs` pairs of nodes by their parents, from the start of the row on.
    function _hashPairs(uint256 row, uint256 pairs) private view {
        // The prefix 0x01 overwrites the last byte of a word that is read no more, or of the free word before the row.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let input := sub(row, 1)
            let end := add(input, shl(6, pairs))
            let parent := row
            let done := 1
            for {
                let fours := add(input, shl(8, shr(2, pairs)))
            } lt(input, fours) {} {
                mstore8(input, 0x01)
                done := and(staticcall(gas(), 0x02, input, 0x41, parent, 0x20), done)
                let next := add(input, 0x40)
                mstore8(next, 0x01)
                done := and(staticcall(gas(), 0x02, next, 0x41, add(parent, 0x20), 0x20), done)
                next := add(input, 0x80)
                mstore8(next, 0x01)
                done := and(staticcall(gas(), 0x02, next, 0x41, add(parent, 0x40), 0x20), done)
                next := add(input, 0xc0)
                mstore8(next, 0x01)
                done := and(staticcall(gas(), 0x02, next, 0x41, add(parent, 0x60), 0x20), done)
                input := add(input, 0x100)
                parent := add(parent, 0x80)
            }
            for {} lt(input, end) {} {
                mstore8(input, 0x01)
                done := and(staticcall(gas(), 0x02, input, 0x41, parent, 0x20), done)
                input := add(input, 0x40)
                parent := add(parent, 0x20)
            }
            if iszero(done) {
                revert(0x00, 0x00)
            }
        }
    }

    function _prepend(uint256 row, bytes32 node) private pure returns (uint256 longer) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            longer := sub(row, 0x20)
            mstore(longer, node)
        }
    }

    function _nodeAt(uint256 row, uint256 index) private pure returns (bytes32 node) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            node := mload(add(row, shl(5, index)))
        }
    }

    /// @dev Sizes are below 2^64, so that no level is beyond the frontier.
    function _load(bytes32[64] storage frontier, uint256 level) private view returns (bytes32 node) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            node := sload(add(frontier.slot, level))
        }
    }

    function _store(bytes32[64] storage frontier, uint256 level, bytes32 node) private {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            sstore(add(frontier.slot, level), node)
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @notice RFC 9162, sections 2.1.1 and 2.1.3.1, word for word and without a thought for its price.
library ReferenceTree {
    function root(bytes32[] memory digests) internal pure returns (bytes32) {
        return digests.length == 0 ? sha256("") : _root(digests, 0, digests.length);
    }

    function path(uint256 index, bytes32[] memory digests) internal pure returns (bytes32[] memory) {
        return _path(index, digests, 0, digests.length);
    }

    /// @notice Section 2.1.3.2: whether a path of this length can belong there, and where it leads.
    function rootOf(
        bytes32 digest,
        uint256 index,
        uint256 size,
        bytes32[] memory nodes
    ) internal pure returns (bool isPath, bytes32 found) {
        if (index >= size) return (false, 0);
        uint256 last = size - 1;
        found = sha256(abi.encodePacked(uint8(0), digest));
        for (uint256 i = 0; i < nodes.length; ++i) {
            if (last == 0) return (false, 0);
            if (index & 1 == 1 || index == last) {
                found = sha256(abi.encodePacked(uint8(1), nodes[i], found));
                while (index & 1 == 0 && index != 0) {
                    index >>= 1;
                    last >>= 1;
                }
            } else {
                found = sha256(abi.encodePacked(uint8(1), found, nodes[i]));
            }
            index >>= 1;
            last >>= 1;
        }
        return (last == 0, found);
    }

    /// @notice How many nodes prove an index of a tree of that size.
    function pathLength(uint256 index, uint256 size) internal pure returns (uint256 length) {
        for (; size > 1; ++length) {
            uint256 half = _split(size);
            if (index < half) size = half;
            else (index, size) = (index - half, size - half);
        }
    }

    function _root(bytes32[] memory digests, uint256 from, uint256 to) private pure returns (bytes32) {
        if (to - from == 1) return sha256(abi.encodePacked(uint8(0), digests[from]));
        uint256 middle = from + _split(to - from);
        return sha256(abi.encodePacked(uint8(1), _root(digests, from, middle), _root(digests, middle, to)));
    }

    function _path(uint256 index, bytes32[] memory digests, uint256 from, uint256 to) private pure returns (bytes32[] memory) {
        if (to - from == 1) return new bytes32[](0);
        uint256 middle = from + _split(to - from);
        return
            index < middle
                ? _with(_path(index, digests, from, middle), _root(digests, middle, to))
                : _with(_path(index, digests, middle, to), _root(digests, from, middle));
    }

    /// @dev The largest power of two smaller than `count`.
    function _split(uint256 count) private pure returns (uint256 half) {
        half = 1;
        while (half * 2 < count) half *= 2;
    }

    function _with(bytes32[] memory list, bytes32 last) private pure returns (bytes32[] memory longer) {
        longer = new bytes32[](list.length + 1);
        for (uint256 i = 0; i < list.length; ++i) longer[i] = list[i];
        longer[list.length] = last;
    }
}

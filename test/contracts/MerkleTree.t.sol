// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { MerkleTree } from "../../contracts/libraries/MerkleTree.sol";
import { Base } from "./support/Base.sol";
import { ReferenceTree } from "./support/ReferenceTree.sol";

contract Tree {
    bytes32[64] private _frontier;
    uint256 private _size;

    function append(bytes32[] calldata digests) external returns (bytes32 root) {
        root = MerkleTree.append(_frontier, _size, digests);
        _size += digests.length;
    }

    function rootOf(bytes32 digest, uint256 index, uint256 size, bytes32[] calldata path) external view returns (bool, bytes32) {
        return MerkleTree.rootOf(digest, index, size, path);
    }

    /// @dev Whether memory that was reserved before and after stands untouched.
    function appendBesideMemory(bytes32[] calldata digests) external returns (bytes32 root, bool isWhole) {
        bytes memory before = abi.encode(digests);
        bytes32 digest = keccak256(before);
        root = MerkleTree.append(_frontier, _size, digests);
        bytes memory afterwards = abi.encode(digests);
        isWhole = keccak256(before) == digest && keccak256(afterwards) == digest;
    }
}

contract MerkleTreeTest is Base {
    function setUp() public override {}

    function test_rootOfEverySizeInOneBatch() public {
        bytes32[] memory all = _entries(300, 1);
        for (uint256 size = 1; size <= 300; ++size) {
            bytes32[] memory some = _slice(all, 0, size);
            _eq(new Tree().append(some), ReferenceTree.root(some));
        }
    }

    function test_rootOfEverySizeOneByOne() public {
        bytes32[] memory all = _entries(300, 2);
        Tree tree = new Tree();
        for (uint256 size = 1; size <= 300; ++size) {
            _eq(tree.append(_slice(all, size - 1, size)), ReferenceTree.root(_slice(all, 0, size)));
        }
    }

    function test_everySplitOfSmallTrees() public {
        for (uint256 size = 2; size <= 24; ++size) {
            bytes32[] memory all = _entries(size, size);
            bytes32 root = ReferenceTree.root(all);
            for (uint256 split = 1; split < size; ++split) {
                Tree tree = new Tree();
                tree.append(_slice(all, 0, split));
                _eq(tree.append(_slice(all, split, size)), root);
            }
        }
    }

    function testFuzz_randomSplits(uint256 seed, uint16 total) public {
        bytes32[] memory all = _entries((uint256(total) % 700) + 1, seed);
        Tree tree = new Tree();
        uint256 size = 0;
        for (uint256 step = 0; size < all.length; ++step) {
            uint256 width = (uint256(keccak256(abi.encode(seed, "width", step))) % 90) + 1;
            uint256 next = size + width < all.length ? size + width : all.length;
            _eq(tree.append(_slice(all, size, next)), ReferenceTree.root(_slice(all, 0, next)));
            size = next;
        }
    }

    function testFuzz_memoryOfTheCallerStands(uint256 seed, uint8 before, uint8 count) public {
        Tree tree = new Tree();
        bytes32[] memory all = _entries(uint256(before) + count + 2, seed);
        tree.append(_slice(all, 0, uint256(before) + 1));
        (bytes32 root, bool isWhole) = tree.appendBesideMemory(_slice(all, uint256(before) + 1, all.length));
        _eq(root, ReferenceTree.root(all));
        _true(isWhole);
    }

    function testFuzz_everyPathLeadsToTheRoot(uint256 seed, uint8 total) public {
        Tree tree = new Tree();
        bytes32[] memory all = _entries((uint256(total) % 70) + 1, seed);
        bytes32 root = ReferenceTree.root(all);
        for (uint256 index = 0; index < all.length; ++index) {
            (bool isPath, bytes32 found) = tree.rootOf(all[index], index, all.length, ReferenceTree.path(index, all));
            _true(isPath);
            _eq(found, root);
        }
    }

    function testFuzz_damagedPathLeadsElsewhere(uint256 seed, uint8 total, uint8 bit) public {
        Tree tree = new Tree();
        bytes32[] memory all = _entries((uint256(total) % 70) + 2, seed);
        bytes32 root = ReferenceTree.root(all);
        uint256 index = seed % all.length;
        bytes32[] memory path = ReferenceTree.path(index, all);
        uint256 place = uint256(keccak256(abi.encode(seed))) % path.length;
        path[place] ^= bytes32(uint256(1) << bit);
        (, bytes32 found) = tree.rootOf(all[index], index, all.length, path);
        _true(found != root);
        path[place] ^= bytes32(uint256(1) << bit);
        (, found) = tree.rootOf(all[index] ^ bytes32(uint256(1) << bit), index, all.length, path);
        _true(found != root);
        for (uint256 other = 0; other < all.length; ++other) {
            if (other == index) continue;
            bool isPath;
            (isPath, found) = tree.rootOf(all[index], other, all.length, path);
            _true(!isPath || found != root);
        }
    }

    /// @dev Trees that no test could build, up to 64 levels: as the plain algorithm of the RFC has it, for each length that comes near.
    function testFuzz_pathsOfAnyTree(uint64 index, uint64 size, uint8 shift, uint256 seed) public {
        size = (size >> (shift % 64)) | 1;
        index %= size;
        Tree tree = new Tree();
        uint256 length = ReferenceTree.pathLength(index, size);
        bytes32[] memory path = _entries(length + 1, seed);
        for (uint256 i = length == 0 ? 0 : length - 1; i <= length + 1; ++i) {
            bytes32[] memory some = _slice(path, 0, i);
            (bool isPath, bytes32 found) = tree.rootOf(bytes32(seed), index, size, some);
            (bool isExpected, bytes32 expected) = ReferenceTree.rootOf(bytes32(seed), index, size, some);
            _true(isPath == isExpected && isPath == (i == length));
            _true(!isPath || found == expected);
        }
    }

    function test_pathOfAnotherLengthIsNone() public {
        Tree tree = new Tree();
        bytes32[] memory all = _entries(13, 3);
        bytes32[] memory path = ReferenceTree.path(12, all);
        (bool isPath, ) = tree.rootOf(all[12], 12, 13, _slice(path, 0, path.length - 1));
        _true(!isPath);
        bytes32[] memory longer = new bytes32[](path.length + 1);
        for (uint256 i = 0; i < path.length; ++i) longer[i] = path[i];
        (isPath, ) = tree.rootOf(all[12], 12, 13, longer);
        _true(!isPath);
        (isPath, ) = tree.rootOf(all[12], 13, 13, path);
        _true(!isPath);
        (isPath, ) = tree.rootOf(all[12], 0, 0, new bytes32[](0));
        _true(!isPath);
        (isPath, ) = tree.rootOf(all[12], type(uint256).max, type(uint256).max, new bytes32[](0));
        _true(!isPath);
    }

    /// @dev Nodes of the RFC 6962 reference tree: a node of two of its leaf hashes.
    function test_nodeHashIsThatOfTheReferenceTree() public view {
        _eq(
            MerkleTree.nodeHash(
                0x6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d,
                0x96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7
            ),
            0xfac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125
        );
        // SHA-256 of 33 zero bytes.
        _eq(MerkleTree.leafHash(0), 0x7f9c9e31ac8256ca2f258583df262dbc7d6f68f2a03043d5c99a4ae5a7396ce9);
    }

    function _slice(bytes32[] memory list, uint256 from, uint256 to) private pure returns (bytes32[] memory some) {
        some = new bytes32[](to - from);
        for (uint256 i = from; i < to; ++i) some[i - from] = list[i];
    }
}

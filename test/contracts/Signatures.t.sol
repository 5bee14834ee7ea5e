// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import { Signatures } from "../../contracts/libraries/Signatures.sol";
import { Base } from "./support/Base.sol";
import { vm } from "./support/Vm.sol";

contract SignaturesTest is Base {
    uint256 private constant ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
    uint256 private constant PRIME = 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f;
    uint256 private constant SECRET = 0xda7a;
    bytes32 private constant DIGEST = keccak256("what was signed");

    function setUp() public override {}

    function recover(bytes32 digest, bytes calldata signature) external view returns (address) {
        return Signatures.recover(digest, signature);
    }

    /// @dev What stood in memory before is not taken for an answer.
    function recoverAfter(uint256 before, bytes32 digest, bytes calldata signature) external view returns (address) {
        assembly ("memory-safe") {
            mstore(0x00, before)
        }
        return Signatures.recover(digest, signature);
    }

    function expected(bytes32 digest, bytes calldata signature) external pure returns (address signer) {
        (signer, , ) = ECDSA.tryRecoverCalldata(digest, signature);
    }

    function isValid(address key, bytes32 digest, bytes calldata signature) external view returns (bool) {
        return Signatures.isValid(key, digest, signature);
    }

    function testFuzz_recoversWhoSigned(uint256 secret, bytes32 digest) public view {
        secret = (secret % (ORDER - 1)) + 1;
        bytes memory signature = _signature(secret, digest);
        _eq(this.recover(digest, signature), vm.addr(secret));
        _true(this.isValid(vm.addr(secret), digest, signature));
        _true(!this.isValid(address(0), digest, signature));
    }

    /// @dev Random bytes, damaged signatures and lengths about 65: the answer is that of OpenZeppelin's ECDSA.
    function testFuzz_agreesWithOpenZeppelin(bytes32 r, bytes32 s, uint8 v, uint8 kind, uint256 place) public view {
        if (kind & 1 == 1) s = bytes32(uint256(s) >> 1);
        if (kind & 2 == 2) v = 27 + (v & 1);
        bytes memory signature = abi.encodePacked(r, s, v);
        if (kind & 4 == 4) signature = _signature(SECRET, DIGEST);
        if (kind & 12 == 12) signature[place % 65] ^= bytes1(uint8(1 << ((place >> 8) % 8)));
        if (kind & 16 == 16) signature = abi.encodePacked(signature, uint8(place));
        _eq(this.recover(DIGEST, signature), this.expected(DIGEST, signature));
    }

    function test_onlyTheOneFormOfASignatureCounts() public view {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(SECRET, DIGEST);
        address signer = vm.addr(SECRET);
        _eq(this.recover(DIGEST, abi.encodePacked(r, s, v)), signer);
        bytes32 high = bytes32(ORDER - uint256(s));
        uint8 flipped = v == 27 ? 28 : 27;
        _nobody(abi.encodePacked(r, high, flipped));
        _nobody(abi.encodePacked(r, high, v));
        _nobody(abi.encodePacked(r, s, v - 27));
        _nobody(abi.encodePacked(r, s, v + 8));
        for (uint256 other = 0; other < 256; ++other) {
            if (other != 27 && other != 28) _nobody(abi.encodePacked(r, s, uint8(other)));
        }
        // EIP-2098, one byte short, one byte long, empty.
        _nobody(abi.encodePacked(r, bytes32(uint256(s) | (uint256(v - 27) << 255))));
        _nobody(abi.encodePacked(r, s));
        _nobody(abi.encodePacked(r, s, v, uint8(0)));
        _nobody("");
    }

    function test_nobodyIsRecoveredFromWhatStoodInMemory() public view {
        bytes memory signature = abi.encodePacked(bytes32(0), bytes32(uint256(1)), uint8(27));
        _eq(this.recoverAfter(uint160(vm.addr(SECRET)), DIGEST, signature), address(0));
        _eq(this.recoverAfter(uint160(vm.addr(SECRET)), DIGEST, abi.encodePacked(ORDER, ORDER, uint8(27))), address(0));
    }

    /// @dev The edges of r and s as Wycheproof tries them: zero, one, the order and the prime with their neighbours.
    function test_edgesOfTheCurve() public view {
        uint256[12] memory edges = [
            uint256(0),
            1,
            2,
            ORDER / 2,
            ORDER / 2 + 1,
            ORDER - 1,
            ORDER,
            ORDER + 1,
            PRIME - ORDER,
            PRIME - 1,
            PRIME,
            type(uint256).max
        ];
        bytes32[4] memory digests = [bytes32(0), bytes32(uint256(1)), bytes32(ORDER), bytes32(type(uint256).max)];
        for (uint256 i = 0; i < 12; ++i) {
            for (uint256 j = 0; j < 12; ++j) {
                for (uint8 v = 26; v < 30; ++v) _edge(digests[(i + j) % 4], edges[i], edges[j], v);
            }
        }
    }

    function _edge(bytes32 digest, uint256 r, uint256 s, uint8 v) private view {
        bytes memory signature = abi.encodePacked(r, s, v);
        address signer = this.recover(digest, signature);
        _eq(signer, this.expected(digest, signature));
        bool isOutside = r == 0 || r >= ORDER || s == 0 || s > ORDER / 2 || v < 27 || v > 28;
        if (isOutside) _eq(signer, address(0));
        _true(!this.isValid(address(0), digest, signature));
    }

    /// @dev The low half ends at the order's half, inclusive.
    function test_theLowHalfIsExact() public view {
        // With r of the generator and any s a public key can be found.
        bytes32 r = 0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798;
        _true(this.recover(DIGEST, abi.encodePacked(r, ORDER / 2, uint8(27))) != address(0));
        _nobody(abi.encodePacked(r, ORDER / 2 + 1, uint8(27)));
    }

    function _nobody(bytes memory signature) private view {
        _eq(this.recover(DIGEST, signature), address(0));
        _true(!this.isValid(vm.addr(SECRET), DIGEST, signature));
        _true(!this.isValid(address(0), DIGEST, signature));
    }
}

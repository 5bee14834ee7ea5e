// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @notice An ERC-1271 wallet of one owner whose behavior can be changed at any time.
contract Wallet {
    enum Behavior {
        Honest,
        Reverts,
        Burns,
        ReturnsMuch,
        ReturnsShort,
        ReturnsOther,
        AcceptsAll,
        AcceptsAllAtLength,
        RevertsWithMagic,
        Writes
    }

    bytes4 private constant MAGIC = 0x1626ba7e;

    address private immutable OWNER;
    Behavior private _behavior;
    uint256 private _calls;

    constructor(address owner) {
        OWNER = owner;
    }

    function behave(Behavior behavior) external {
        _behavior = behavior;
    }

    function isValidSignature(bytes32 digest, bytes calldata signature) external returns (bytes4) {
        Behavior behavior = _behavior;
        if (behavior == Behavior.Reverts) revert("no");
        if (behavior == Behavior.Burns) while (true) {}
        if (behavior == Behavior.ReturnsMuch) {
            assembly {
                return(0, 1000000)
            }
        }
        if (behavior == Behavior.ReturnsShort) {
            assembly {
                mstore(0, 0x1626ba7e00000000000000000000000000000000000000000000000000000000)
                return(0, 4)
            }
        }
        if (behavior == Behavior.ReturnsOther) return 0xffffffff;
        if (behavior == Behavior.AcceptsAll) return MAGIC;
        if (behavior == Behavior.AcceptsAllAtLength) {
            assembly {
                mstore(0, 0x1626ba7e00000000000000000000000000000000000000000000000000000000)
                return(0, 100000)
            }
        }
        if (behavior == Behavior.RevertsWithMagic) {
            assembly {
                mstore(0, 0x1626ba7e00000000000000000000000000000000000000000000000000000000)
                revert(0, 32)
            }
        }
        if (behavior == Behavior.Writes) ++_calls;
        (address signer, , ) = ECDSA.tryRecoverCalldata(digest, signature);
        return signer == OWNER ? MAGIC : bytes4(0xffffffff);
    }
}

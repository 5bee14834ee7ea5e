// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IAccessLog } from "../../../contracts/interfaces/IAccessLog.sol";
import { IAgreementRegistry } from "../../../contracts/interfaces/IAgreementRegistry.sol";
import { ReferenceTree } from "../support/ReferenceTree.sol";
import { Handler } from "./Handler.t.sol";

/// @notice The invariants of README.md under their numbers. The contracts are compared with what the handler knows of its own acts.
/// @dev All are asked after each act of one campaign: a campaign each would do eight times the acts for no more states.
contract InvariantsTest {
    struct Target {
        address addr;
        bytes4[] selectors;
    }

    error Broken(uint256 invariant);

    Handler private _handler;
    uint64 private _size;
    bytes32 private _root;
    uint64[] private _uses;

    function setUp() public {
        _handler = new Handler();
        _handler.setUp();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function targetSelectors() public view returns (Target[] memory targets) {
        targets = new Target[](1);
        targets[0].addr = address(_handler);
        targets[0].selectors = new bytes4[](17);
        bytes4[17] memory acts = [
            Handler.wait.selector,
            Handler.offer.selector,
            Handler.offer.selector,
            Handler.sign.selector,
            Handler.sign.selector,
            Handler.sign.selector,
            Handler.sign.selector,
            Handler.stop.selector,
            Handler.reinstate.selector,
            Handler.turnDataset.selector,
            Handler.turnParticipant.selector,
            Handler.setApprovals.selector,
            Handler.rotate.selector,
            Handler.turnDelegate.selector,
            Handler.append.selector,
            Handler.challenge.selector,
            Handler.acknowledge.selector
        ];
        for (uint256 i = 0; i < 17; ++i) targets[0].selectors[i] = acts[i];
    }

    function invariant_1to8() public {
        _inForceIfAndOnlyIfAgreedAndNotStopped();
        _nobodySignsInTwoCapacities();
        _theLogIsTheTreeOfWhatWasAppended();
        _usesOnlyRiseByWhatWasMetered();
        _keysStayWhoseTheyWere();
        _thePolicyPermitsOnlyWhatIsInForce();
        _aBreachStopsAndOnlyRegulatorsLetGoOn();
        _noForbiddenTransition();
    }

    function _inForceIfAndOnlyIfAgreedAndNotStopped() private view {
        for (uint256 i = 0; i < _handler.agreementCount(); ++i) {
            (IAgreementRegistry.Facts memory facts, IAgreementRegistry.Status status, ) = _handler.factsAt(i);
            _require(1, status == _handler.expectedStatus(i));
            if (status != IAgreementRegistry.Status.InForce) continue;
            _require(1, facts.assignerSignedAt != 0 && facts.assigneeSignedAt != 0 && facts.approvals != 0);
            _require(1, facts.finalizedAt != 0 && facts.terminatedAt == 0);
        }
    }

    function _nobodySignsInTwoCapacities() private view {
        for (uint256 i = 0; i < _handler.agreementCount(); ++i) {
            Handler.Model memory model = _handler.modelAt(i);
            (IAgreementRegistry.Facts memory facts, , ) = _handler.factsAt(i);
            _require(2, (facts.assignerSignedAt != 0) == model.hasSigned[0]);
            _require(2, (facts.assigneeSignedAt != 0) == model.hasSigned[1]);
            uint256 approved = (model.hasApproved[0] ? 1 : 0) + (model.hasApproved[1] ? 1 : 0);
            _require(2, facts.approvals == approved && (facts.finalizedAt != 0) == model.isFinal);
        }
    }

    function _theLogIsTheTreeOfWhatWasAppended() private {
        IAccessLog.Log memory log = _handler.ledger();
        bytes32[] memory entries = _handler.log();
        _require(3, log.size == entries.length && log.size >= _size);
        if (log.size == _size) {
            _require(3, log.root == _root);
        } else {
            _require(3, log.root == ReferenceTree.root(entries));
        }
        (_size, _root) = (log.size, log.root);
    }

    function _usesOnlyRiseByWhatWasMetered() private {
        for (uint256 i = 0; i < _handler.agreementCount(); ++i) {
            (, , uint64 uses) = _handler.factsAt(i);
            if (i == _uses.length) _uses.push(0);
            _require(4, uses == _handler.uses(_handler.modelAt(i).lineage) && uses >= _uses[i]);
            _uses[i] = uses;
        }
    }

    function _keysStayWhoseTheyWere() private view {
        _require(5, _handler.areKeysKept());
    }

    function _thePolicyPermitsOnlyWhatIsInForce() private view {
        for (uint256 i = 0; i < _handler.agreementCount(); ++i) {
            // Half of the time as the assignee, who alone can be permitted, else as each of the others in turn.
            uint256 turn = _handler.acts() + i;
            (bool permitted, bool expected) = _handler.permits(i, turn % 2 == 0 ? 1 : uint8((turn / 2) % 7));
            _require(6, permitted == expected);
        }
    }

    function _aBreachStopsAndOnlyRegulatorsLetGoOn() private view {
        _require(7, (_handler.ledger().breachedAt != 0) == _handler.isBreached());
    }

    /// @dev Who must be refused is refused within the handler, which fails otherwise; here what has ended stays so.
    function _noForbiddenTransition() private {
        for (uint256 i = 0; i < _handler.agreementCount(); ++i) _require(8, _handler.stepStatus(i));
    }

    function _require(uint256 invariant, bool condition) private pure {
        if (!condition) revert Broken(invariant);
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IAgreementRegistry } from "../../contracts/interfaces/IAgreementRegistry.sol";
import { AgreementId } from "../../contracts/interfaces/Types.sol";
import { Base } from "./support/Base.sol";
import { Defaults } from "./support/Defaults.sol";
import { vm } from "./support/Vm.sol";

contract AgreementLifeTest is Base {
    // --- Status ---

    function test_boundarySeconds() public {
        AgreementId id = _agree();
        vm.warp(Defaults.FROM - 1);
        _is(id, IAgreementRegistry.Status.Scheduled);
        vm.warp(Defaults.FROM);
        _is(id, IAgreementRegistry.Status.InForce);
        vm.warp(Defaults.UNTIL - 1);
        _is(id, IAgreementRegistry.Status.InForce);
        vm.warp(Defaults.UNTIL);
        _is(id, IAgreementRegistry.Status.Expired);
        vm.warp(Defaults.UNTIL + 1);
        _is(id, IAgreementRegistry.Status.Expired);
        vm.warp(type(uint48).max);
        _is(id, IAgreementRegistry.Status.Expired);
    }

    function test_precedence() public {
        AgreementId id = _agree();
        vm.warp(Defaults.FROM);
        vm.prank(consumer.key);
        agreements.suspend(id, "");
        _is(id, IAgreementRegistry.Status.Suspended);
        vm.warp(Defaults.UNTIL);
        _is(id, IAgreementRegistry.Status.Expired);
        vm.prank(consumer.key);
        agreements.terminate(id, "");
        _is(id, IAgreementRegistry.Status.Terminated);
    }

    function test_partiesAndDatasetCount() public {
        AgreementId id = _agree();
        vm.warp(Defaults.FROM);
        participants.suspend(hospital.id, "");
        _is(id, IAgreementRegistry.Status.Suspended);
        participants.reinstate(hospital.id);
        participants.suspend(consumer.id, "");
        _is(id, IAgreementRegistry.Status.Suspended);
        participants.reinstate(consumer.id);
        _is(id, IAgreementRegistry.Status.InForce);
        vm.prank(hospital.key);
        datasets.suspend(dataset, "");
        _is(id, IAgreementRegistry.Status.Suspended);
        vm.prank(hospital.key);
        datasets.reinstate(dataset);
        vm.prank(regulator.key);
        datasets.suspend(dataset, "");
        _is(id, IAgreementRegistry.Status.Suspended);
        vm.prank(regulator.key);
        datasets.reinstate(dataset);
        vm.prank(hospital.key);
        datasets.update(dataset, Defaults.wideDescription(3), Defaults.rules());
        _is(id, IAgreementRegistry.Status.Suspended);
        vm.prank(hospital.key);
        datasets.update(dataset, Defaults.description(), Defaults.rules());
        _is(id, IAgreementRegistry.Status.InForce);
        vm.prank(hospital.key);
        datasets.retire(dataset);
        _is(id, IAgreementRegistry.Status.Suspended);
    }

    // --- Suspension ---

    function test_eachLiftsItsOwnSuspensionOnly() public {
        AgreementId id = _agree();
        Actor[3] memory actors = [hospital, consumer, regulator];
        for (uint256 i = 0; i < 3; ++i) {
            vm.prank(actors[i].key);
            agreements.suspend(id, "why");
            _eq(agreements.facts(id).suspendedAt[i], Defaults.NOW);
        }
        for (uint256 i = 0; i < 3; ++i) {
            _is(id, IAgreementRegistry.Status.Suspended);
            vm.startPrank(actors[i].key);
            agreements.reinstate(id);
            _eq(agreements.facts(id).suspendedAt[i], 0);
            IAgreementRegistry.Status current = agreements.status(id);
            vm.expectRevert(abi.encodeWithSelector(IAgreementRegistry.UnexpectedStatus.selector, id, current));
            agreements.reinstate(id);
            vm.stopPrank();
        }
        _is(id, IAgreementRegistry.Status.Scheduled);
    }

    function test_suspendsOnceInACapacity() public {
        AgreementId id = _agree();
        vm.prank(regulator.key);
        agreements.suspend(id, "");
        vm.prank(otherRegulator.key);
        vm.expectRevert(
            abi.encodeWithSelector(IAgreementRegistry.UnexpectedStatus.selector, id, IAgreementRegistry.Status.Suspended)
        );
        agreements.suspend(id, "");
        vm.prank(otherRegulator.key);
        agreements.reinstate(id);
        _is(id, IAgreementRegistry.Status.Scheduled);
    }

    function test_stoppingWorksInEveryStatusAndForSuspendedParties() public {
        AgreementId id = _offer();
        vm.prank(consumer.key);
        agreements.suspend(id, "");
        vm.prank(consumer.key);
        agreements.reinstate(id);
        _signAll(id);
        vm.warp(Defaults.UNTIL);
        vm.prank(consumer.key);
        agreements.suspend(id, "");
        participants.suspend(hospital.id, "");
        vm.startPrank(hospital.key);
        agreements.suspend(id, "");
        vm.expectRevert(abi.encodeWithSelector(IAgreementRegistry.AgreementUnauthorized.selector, id, hospital.key));
        agreements.reinstate(id);
        agreements.terminate(id, "");
        vm.stopPrank();
    }

    // --- Termination ---

    function test_eachOfThreeTerminatesForEver() public {
        Actor[3] memory actors = [hospital, consumer, regulator];
        for (uint256 i = 0; i < 3; ++i) {
            IAgreementRegistry.Terms memory terms = _terms();
            terms.salt = bytes32(i);
            AgreementId id = _agree(terms);
            vm.prank(actors[i].key);
            agreements.terminate(id, "enough");
            _eq(agreements.facts(id).terminatedAt, Defaults.NOW);
            bytes memory refusal = abi.encodeWithSelector(
                IAgreementRegistry.UnexpectedStatus.selector,
                id,
                IAgreementRegistry.Status.Terminated
            );
            for (uint256 j = 0; j < 3; ++j) {
                vm.startPrank(actors[j].key);
                vm.expectRevert(refusal);
                agreements.terminate(id, "");
                vm.expectRevert(refusal);
                agreements.suspend(id, "");
                vm.expectRevert(refusal);
                agreements.reinstate(id);
                vm.stopPrank();
            }
        }
    }

    function test_refusalOfAnOffer() public {
        AgreementId id = _offer();
        vm.prank(regulator.key);
        agreements.terminate(id, "no basis");
        _is(id, IAgreementRegistry.Status.Terminated);
    }

    function test_othersStopNothing() public {
        AgreementId id = _agree();
        vm.prank(hospital.key);
        participants.authorizeDelegate(address(0xDE1E), Defaults.UNTIL);
        participants.suspend(otherRegulator.id, "");
        address[6] memory others = [
            outsider,
            otherHospital.key,
            otherConsumer.key,
            gateway.key,
            address(0xDE1E),
            otherRegulator.key
        ];
        for (uint256 i = 0; i < others.length; ++i) {
            bytes memory refusal = abi.encodeWithSelector(IAgreementRegistry.AgreementUnauthorized.selector, id, others[i]);
            vm.startPrank(others[i]);
            vm.expectRevert(refusal);
            agreements.suspend(id, "");
            vm.expectRevert(refusal);
            agreements.reinstate(id);
            vm.expectRevert(refusal);
            agreements.terminate(id, "");
            vm.stopPrank();
        }
    }

    function test_refusesUnknownAgreements() public {
        AgreementId id = AgreementId.wrap(0);
        bytes memory refusal = abi.encodeWithSelector(IAgreementRegistry.AgreementUnknown.selector, id);
        vm.startPrank(regulator.key);
        vm.expectRevert(refusal);
        agreements.suspend(id, "");
        vm.expectRevert(refusal);
        agreements.reinstate(id);
        vm.expectRevert(refusal);
        agreements.terminate(id, "");
        vm.stopPrank();
    }

    function test_refusesLongReasons() public {
        AgreementId id = _agree();
        bytes memory refusal = abi.encodeWithSelector(IAgreementRegistry.ReasonTooLong.selector, 1_025);
        vm.startPrank(hospital.key);
        vm.expectRevert(refusal);
        agreements.suspend(id, string(new bytes(1_025)));
        vm.expectRevert(refusal);
        agreements.terminate(id, string(new bytes(1_025)));
        agreements.suspend(id, string(new bytes(1_024)));
        agreements.terminate(id, string(new bytes(1_024)));
        vm.stopPrank();
    }

    // --- Replacement ---

    function test_replacementEndsTheOldAndGoesOnCounting() public {
        AgreementId first = _agree();
        _meter(first, 3);
        (AgreementId second, ) = _offerReplacement(first, "second");
        _eq(agreements.usesOf(second), 3);
        _is(first, IAgreementRegistry.Status.Scheduled);
        _signAll(second);
        _is(first, IAgreementRegistry.Status.Terminated);
        _eq(agreements.facts(first).replacedBy, second);
        _eq(agreements.facts(first).terminatedAt, Defaults.NOW);
        _eq(agreements.facts(second).lineage, first);
        _is(second, IAgreementRegistry.Status.Scheduled);
        // A use that was served under the old one before still counts.
        _meter(first, 2);
        _meter(second, 1);
        _eq(agreements.usesOf(first), 6);
        _eq(agreements.usesOf(second), 6);

        (AgreementId third, ) = _offerReplacement(second, "third");
        _signAll(third);
        _eq(agreements.facts(third).lineage, first);
        _eq(agreements.usesOf(third), 6);
    }

    function test_onlyOneReplacementIsFinalized() public {
        AgreementId first = _agree();
        (AgreementId winner, ) = _offerReplacement(first, "winner");
        (AgreementId loser, ) = _offerReplacement(first, "loser");
        _signAll(winner);
        _refuseLastSignature(loser, first);
        IAgreementRegistry.Terms memory terms = _terms();
        terms.replaces = first;
        vm.expectRevert(abi.encodeWithSelector(IAgreementRegistry.TermsReplacesInvalid.selector, first));
        agreements.offer(terms, Defaults.POLICY);
        _eq(agreements.facts(first).replacedBy, winner);
    }

    function test_whatWasTerminatedIsNotReplaced() public {
        AgreementId first = _agree();
        (AgreementId second, ) = _offerReplacement(first, "second");
        vm.prank(regulator.key);
        agreements.terminate(first, "");
        _refuseLastSignature(second, first);
    }

    function _refuseLastSignature(AgreementId id, AgreementId replaced) private {
        _sign(id, IAgreementRegistry.Capacity.Assigner, hospital);
        _sign(id, IAgreementRegistry.Capacity.Assignee, consumer);
        bytes32 digest = agreements.digestToSign(id, IAgreementRegistry.Capacity.Regulator, regulator.id);
        bytes memory signature = _signature(regulator.secret, digest);
        vm.expectRevert(abi.encodeWithSelector(IAgreementRegistry.TermsReplacesInvalid.selector, replaced));
        agreements.sign(id, IAgreementRegistry.Capacity.Regulator, regulator.id, signature);
        _is(id, IAgreementRegistry.Status.Offered);
    }

    function _offerReplacement(
        AgreementId replaced,
        bytes32 salt
    ) private returns (AgreementId id, IAgreementRegistry.Terms memory terms) {
        terms = _terms();
        terms.replaces = replaced;
        terms.salt = salt;
        id = _offer(terms);
    }

    // --- Metering ---

    function test_countsBeyondTheLimitAndAfterTheEnd() public {
        AgreementId id = _agree();
        vm.prank(hospital.key);
        agreements.terminate(id, "");
        _meter(id, Defaults.MAX_USES + 5);
        _eq(agreements.usesOf(id), Defaults.MAX_USES + 5);
    }

    function test_metersForTheLogAlone() public {
        AgreementId id = _agree();
        address[4] memory others = [outsider, gateway.key, regulator.key, hospital.key];
        for (uint256 i = 0; i < others.length; ++i) {
            vm.prank(others[i]);
            vm.expectRevert(abi.encodeWithSelector(IAgreementRegistry.MeterUnauthorized.selector, others[i]));
            agreements.meter(hospital.id, _usages(id, 1));
        }
    }

    function test_refusesUsages() public {
        AgreementId id = _agree();
        vm.startPrank(address(accessLog));
        vm.expectRevert(abi.encodeWithSelector(IAgreementRegistry.UsageInvalid.selector, id, 0));
        agreements.meter(hospital.id, _usages(id, 0));
        vm.expectRevert(abi.encodeWithSelector(IAgreementRegistry.UsageInvalid.selector, id, 1));
        agreements.meter(otherHospital.id, _usages(id, 1));
        AgreementId unknown = AgreementId.wrap(0);
        vm.expectRevert(abi.encodeWithSelector(IAgreementRegistry.UsageInvalid.selector, unknown, 1));
        agreements.meter(hospital.id, _usages(unknown, 1));
        vm.expectRevert(abi.encodeWithSelector(IAgreementRegistry.UsageInvalid.selector, unknown, 1));
        agreements.meter(NOBODY, _usages(unknown, 1));
        vm.stopPrank();
    }

    function _meter(AgreementId id, uint64 count) private {
        vm.prank(address(accessLog));
        agreements.meter(hospital.id, _usages(id, count));
    }

    function _usages(AgreementId id, uint64 count) private pure returns (IAgreementRegistry.Usage[] memory usages) {
        usages = new IAgreementRegistry.Usage[](1);
        usages[0] = IAgreementRegistry.Usage(id, count);
    }
}

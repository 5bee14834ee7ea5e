// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IAccessManaged } from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import { IAccessManager } from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import { IAgreementRegistry } from "../../contracts/interfaces/IAgreementRegistry.sol";
import { IParticipantRegistry } from "../../contracts/interfaces/IParticipantRegistry.sol";
import { AgreementId, ParticipantId, Role } from "../../contracts/interfaces/Types.sol";
import { Base } from "./support/Base.sol";
import { Defaults } from "./support/Defaults.sol";
import { vm } from "./support/Vm.sol";

interface Governing {
    error DelayTooShort(uint64 roleId, uint32 delay, uint32 least);
    error LastAdmin();
    error TargetStaysOpen(address target);
    function delay() external view returns (uint32);
    function REGULATOR_ROLE() external view returns (uint64);
    function RECOVERY_ROLE() external view returns (uint64);
}

/// @notice The roles as a deployment hands them over: to two accounts, each with all of them, and to nobody else.
contract AuthorityTest is Base {
    uint64 private constant ADMIN = 0;
    uint64 private constant REGULATING = 1;
    uint64 private constant RECOVERY = 2;
    uint32 private constant DELAY = 3 days;

    address private commission = address(0xC0);
    address private reserve = address(0xC1);
    address private thief = address(0xBAD);
    address private fresh = address(0xF5E5);

    function setUp() public override {
        super.setUp();
        bytes4[] memory atOnce = new bytes4[](3);
        atOnce[0] = IParticipantRegistry.admit.selector;
        atOnce[1] = IParticipantRegistry.suspend.selector;
        atOnce[2] = IParticipantRegistry.reinstate.selector;
        manager.setTargetFunctionRole(address(participants), atOnce, REGULATING);
        bytes4[] memory later = new bytes4[](2);
        later[0] = IParticipantRegistry.appoint.selector;
        later[1] = IParticipantRegistry.recoverKey.selector;
        manager.setTargetFunctionRole(address(participants), later, RECOVERY);
        later = new bytes4[](1);
        later[0] = IAgreementRegistry.setApprovals.selector;
        manager.setTargetFunctionRole(address(agreements), later, RECOVERY);
        manager.setRoleGuardian(RECOVERY, REGULATING);
        for (uint256 i = 0; i < 2; ++i) {
            address account = i == 0 ? commission : reserve;
            manager.grantRole(REGULATING, account, 0);
            manager.grantRole(RECOVERY, account, DELAY);
            manager.grantRole(ADMIN, account, DELAY);
        }
        manager.renounceRole(ADMIN, address(this));
    }

    function _delay() internal pure override returns (uint32) {
        return DELAY;
    }

    // --- Handing over ---

    function test_theDeployerKeepsNothing() public {
        _eq(Governing(address(manager)).delay(), DELAY);
        _eq(Governing(address(manager)).REGULATOR_ROLE(), REGULATING);
        _eq(Governing(address(manager)).RECOVERY_ROLE(), RECOVERY);
        _true(!_holds(ADMIN, address(this)));
        vm.expectRevert(_unauthorized(address(this)));
        participants.suspend(hospital.id, "");
        vm.expectRevert(abi.encodeWithSelector(IAccessManager.AccessManagerUnauthorizedAccount.selector, address(this), ADMIN));
        manager.grantRole(REGULATING, thief, 0);
    }

    function test_noRoleButTheRegulatorsIsGrantedWithoutTheDelay() public {
        for (uint64 role = 0; role < 5; ++role) {
            if (role == REGULATING) continue;
            bytes memory grant = abi.encodeCall(IAccessManager.grantRole, (role, thief, DELAY - 1));
            _announce(commission, address(manager), grant);
            vm.warp(block.timestamp + DELAY);
            vm.expectRevert(abi.encodeWithSelector(Governing.DelayTooShort.selector, role, DELAY - 1, DELAY));
            _act(commission, address(manager), grant);
        }
        _do(commission, address(manager), abi.encodeCall(IAccessManager.grantRole, (REGULATING, fresh, 0)));
        _true(_holds(REGULATING, fresh));
    }

    // --- What is at once ---

    function test_stoppingAndAdmittingPartiesAreAtOnce() public {
        vm.startPrank(commission);
        participants.suspend(hospital.id, "inspection");
        _true(!participants.isActive(hospital.id, Role.Hospital));
        participants.reinstate(hospital.id);
        participants.admit("HOSPITAL-3", "Third", HOSPITAL, NOBODY, fresh);
        vm.stopPrank();
    }

    /// @dev Whatever is announced, everybody who may stop still stops.
    function test_stoppingWorksWhileDelaysRun() public {
        AgreementId id = _agree();
        bytes4[] memory stops = new bytes4[](1);
        stops[0] = IParticipantRegistry.suspend.selector;
        _announce(
            reserve,
            address(manager),
            abi.encodeCall(IAccessManager.setTargetFunctionRole, (address(participants), stops, 9))
        );
        _announce(reserve, address(participants), abi.encodeCall(IParticipantRegistry.recoverKey, (hospital.id, fresh)));
        vm.prank(commission);
        participants.suspend(consumer.id, "");
        vm.prank(hospital.key);
        agreements.suspend(id, "");
        vm.prank(regulator.key);
        agreements.terminate(id, "");
        _is(id, IAgreementRegistry.Status.Terminated);
    }

    function test_nothingIsClosed() public {
        address[3] memory targets = [address(participants), address(agreements), address(manager)];
        for (uint256 i = 0; i < targets.length; ++i) {
            bytes memory closing = abi.encodeCall(IAccessManager.setTargetClosed, (targets[i], true));
            _announce(commission, address(manager), closing);
            vm.warp(block.timestamp + DELAY);
            vm.expectRevert(abi.encodeWithSelector(Governing.TargetStaysOpen.selector, targets[i]));
            _act(commission, address(manager), closing);
            _true(!manager.isTargetClosed(targets[i]));
        }
    }

    // --- What waits ---

    function test_recoveryWaitsForTheDelayToTheSecond() public {
        bytes memory recovery = abi.encodeCall(IParticipantRegistry.recoverKey, (hospital.id, fresh));
        _refuseRecovery(IAccessManager.AccessManagerNotScheduled.selector, recovery);
        vm.prank(commission);
        vm.expectRevert(
            abi.encodeWithSelector(
                IAccessManager.AccessManagerUnauthorizedCall.selector,
                commission,
                address(participants),
                IParticipantRegistry.recoverKey.selector
            )
        );
        manager.schedule(address(participants), recovery, uint48(block.timestamp + DELAY - 1));

        vm.recordLogs();
        _announce(commission, address(participants), recovery);
        _eq(vm.getRecordedLogs().length, 1);
        uint256 start = block.timestamp;
        vm.warp(start + DELAY - 1);
        _refuseRecovery(IAccessManager.AccessManagerNotReady.selector, recovery);
        _eq(participants.principalOf(hospital.key), hospital.id);
        vm.warp(start + DELAY);
        vm.prank(commission);
        participants.recoverKey(hospital.id, fresh);
        _eq(participants.principalOf(fresh), hospital.id);
        // Once announced, once done.
        _refuseRecovery(IAccessManager.AccessManagerNotScheduled.selector, recovery);
    }

    function test_anAnnouncementEndsAfterAWeek() public {
        bytes memory recovery = abi.encodeCall(IParticipantRegistry.recoverKey, (hospital.id, fresh));
        _announce(commission, address(participants), recovery);
        vm.warp(block.timestamp + DELAY + 1 weeks);
        _refuseRecovery(IAccessManager.AccessManagerExpired.selector, recovery);
    }

    /// @dev The one whose key it is sees it coming and ends what the new key could have signed for.
    function test_whoIsToLoseItsKeyStopsWhatItAgreedBefore() public {
        AgreementId id = _agree();
        _announce(commission, address(participants), abi.encodeCall(IParticipantRegistry.recoverKey, (hospital.id, thief)));
        vm.startPrank(hospital.key);
        agreements.terminate(id, "not my new key");
        datasets.retire(dataset);
        vm.stopPrank();
        vm.warp(block.timestamp + DELAY);
        vm.prank(commission);
        participants.recoverKey(hospital.id, thief);
        _is(id, IAgreementRegistry.Status.Terminated);
    }

    /// @dev CHECKS 7: an admin gives itself nothing unseen.
    function test_anAdminGivesItselfADataPartysRoleOnlyWithAnEvent() public {
        vm.startPrank(commission);
        vm.recordLogs();
        participants.admit("HOSPITAL-9", "Ninth", HOSPITAL, NOBODY, commission);
        _eq(vm.getRecordedLogs().length, 1);
        vm.stopPrank();
        bytes memory appointment = abi.encodeCall(IParticipantRegistry.appoint, ("REGULATOR-9", "Ninth", commission));
        _announce(commission, address(participants), appointment);
        vm.warp(block.timestamp + DELAY);
        vm.prank(commission);
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.KeyTaken.selector, commission));
        participants.appoint("REGULATOR-9", "Ninth", commission);
    }

    function test_admitAppointsNoRegulator() public {
        vm.prank(commission);
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.ParticipantRolesInvalid.selector, REGULATOR));
        participants.admit("REGULATOR-9", "Ninth", REGULATOR, NOBODY, fresh);
    }

    // --- Whoever watches stops ---

    function test_theOtherCancelsWhatOneAnnounced() public {
        bytes memory recovery = abi.encodeCall(IParticipantRegistry.recoverKey, (hospital.id, thief));
        _announce(commission, address(participants), recovery);
        vm.prank(hospital.key);
        vm.expectRevert();
        manager.cancel(commission, address(participants), recovery);
        vm.prank(reserve);
        manager.cancel(commission, address(participants), recovery);
        vm.warp(block.timestamp + DELAY);
        _refuseRecovery(IAccessManager.AccessManagerNotScheduled.selector, recovery);

        bytes memory grant = abi.encodeCall(IAccessManager.grantRole, (ADMIN, thief, DELAY));
        _announce(commission, address(manager), grant);
        vm.prank(reserve);
        manager.cancel(commission, address(manager), grant);
        vm.warp(block.timestamp + DELAY);
        bytes32 operation = manager.hashOperation(commission, address(manager), grant);
        vm.expectRevert(abi.encodeWithSelector(IAccessManager.AccessManagerNotScheduled.selector, operation));
        _act(commission, address(manager), grant);
    }

    // --- The last admin ---

    function test_theLastAdminStays() public {
        vm.prank(reserve);
        manager.renounceRole(ADMIN, reserve);
        vm.prank(commission);
        vm.expectRevert(Governing.LastAdmin.selector);
        manager.renounceRole(ADMIN, commission);
        bytes memory revocation = abi.encodeCall(IAccessManager.revokeRole, (ADMIN, commission));
        _announce(commission, address(manager), revocation);
        vm.warp(block.timestamp + DELAY);
        vm.expectRevert(Governing.LastAdmin.selector);
        _act(commission, address(manager), revocation);
        _true(_holds(ADMIN, commission));
        // Other roles come back by the admin, so that one may lay them down.
        vm.prank(commission);
        manager.renounceRole(RECOVERY, commission);
        _true(!_holds(RECOVERY, commission));
        // Who is none is not counted.
        vm.prank(thief);
        manager.renounceRole(ADMIN, thief);
        _do(commission, address(manager), abi.encodeCall(IAccessManager.grantRole, (ADMIN, fresh, DELAY)));
        // Nor is one counted twice.
        _do(commission, address(manager), abi.encodeCall(IAccessManager.grantRole, (ADMIN, fresh, DELAY + 1)));
        vm.prank(commission);
        manager.renounceRole(ADMIN, commission);
        vm.prank(fresh);
        vm.expectRevert(Governing.LastAdmin.selector);
        manager.renounceRole(ADMIN, fresh);
    }

    function test_oneReplacesTheOtherThatWasLost() public {
        _do(reserve, address(manager), abi.encodeCall(IAccessManager.grantRole, (ADMIN, fresh, DELAY)));
        _do(reserve, address(manager), abi.encodeCall(IAccessManager.revokeRole, (ADMIN, commission)));
        _true(_holds(ADMIN, fresh) && !_holds(ADMIN, commission));
    }

    // --- The regulators' quorum ---

    /// @dev Two must approve and one has lost its key: it gets another, after the delay.
    function test_aQuorumThatLostAKeyGetsAnother() public {
        _do(commission, address(agreements), abi.encodeCall(IAgreementRegistry.setApprovals, (2)));
        AgreementId id = _offer();
        _signAll(id);
        _is(id, IAgreementRegistry.Status.Offered);
        vm.prank(commission);
        participants.suspend(otherRegulator.id, "key lost");
        address key = vm.addr(99);
        _do(commission, address(participants), abi.encodeCall(IParticipantRegistry.recoverKey, (otherRegulator.id, key)));
        vm.prank(commission);
        participants.reinstate(otherRegulator.id);
        _sign(id, IAgreementRegistry.Capacity.Regulator, Actor(otherRegulator.id, key, 99));
        _true(agreements.facts(id).finalizedAt != 0);
    }

    /// @dev Two must approve and one is gone for good: another is appointed, or the number lowered, each after the delay.
    function test_aQuorumThatLostARegulatorIsMadeWholeOrLowered() public {
        _do(commission, address(agreements), abi.encodeCall(IAgreementRegistry.setApprovals, (2)));
        vm.prank(commission);
        participants.suspend(otherRegulator.id, "dissolved");
        AgreementId first = _offer();
        _signAll(first);
        _is(first, IAgreementRegistry.Status.Offered);
        bytes memory appointment = abi.encodeCall(IParticipantRegistry.appoint, ("REGULATOR-3", "Third", vm.addr(33)));
        _do(reserve, address(participants), appointment);
        ParticipantId third = ParticipantId.wrap(keccak256("REGULATOR-3"));
        _sign(first, IAgreementRegistry.Capacity.Regulator, Actor(third, vm.addr(33), 33));
        _true(agreements.facts(first).finalizedAt != 0);

        IAgreementRegistry.Terms memory terms = _terms();
        terms.salt = keccak256("second");
        _do(commission, address(agreements), abi.encodeCall(IAgreementRegistry.setApprovals, (1)));
        AgreementId second = _agree(terms);
        _true(agreements.facts(second).finalizedAt != 0);
    }

    // --- Helpers ---

    function _holds(uint64 role, address account) private view returns (bool isMember) {
        (isMember, ) = manager.hasRole(role, account);
    }

    function _unauthorized(address account) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, account);
    }

    function _refuseRecovery(bytes4 selector, bytes memory recovery) private {
        vm.expectRevert(abi.encodeWithSelector(selector, manager.hashOperation(commission, address(participants), recovery)));
        vm.prank(commission);
        (bool isExpected, ) = address(participants).call(recovery);
        _true(isExpected);
    }

    function _announce(address by, address target, bytes memory data) private {
        vm.prank(by);
        manager.schedule(target, data, 0);
    }

    function _act(address by, address target, bytes memory data) private {
        vm.prank(by);
        manager.execute(target, data);
    }

    function _do(address by, address target, bytes memory data) private {
        _announce(by, target, data);
        vm.warp(block.timestamp + DELAY);
        _act(by, target, data);
    }
}

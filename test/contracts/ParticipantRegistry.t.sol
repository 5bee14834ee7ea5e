// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IAccessManaged } from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import { IParticipantRegistry } from "../../contracts/interfaces/IParticipantRegistry.sol";
import { ParticipantId, Role } from "../../contracts/interfaces/Types.sol";
import { Base } from "./support/Base.sol";
import { Defaults } from "./support/Defaults.sol";
import { vm } from "./support/Vm.sol";

contract ParticipantRegistryTest is Base {
    address private fresh = address(0xF5E5);
    address private delegate = address(0xDE1E);
    uint48 private until = Defaults.NOW + 10 days;

    // --- Admission ---

    function test_admitsALegalEntity() public view {
        IParticipantRegistry.Participant memory record = participants.participant(hospital.id);
        _eq(ParticipantId.unwrap(hospital.id), keccak256("HOSPITAL-1"));
        _eq(record.roles, HOSPITAL);
        _eq(record.admittedAt, Defaults.NOW);
        _eq(record.suspendedAt, 0);
        _eq(record.key, hospital.key);
        _eq(record.hospital, NOBODY);
        _eq(keccak256(bytes(record.registrationNumber)), keccak256("HOSPITAL-1"));
        _eq(keccak256(bytes(record.name)), keccak256("Name of HOSPITAL-1"));
        _eq(participants.principalOf(hospital.key), hospital.id);
        _eq(participants.participant(gateway.id).hospital, hospital.id);
        IParticipantRegistry.Key memory key = participants.keyRecord(hospital.key);
        _eq(key.participant, hospital.id);
        _eq(key.validFrom, Defaults.NOW);
        _eq(key.validUntil, type(uint48).max);
        _true(!key.isDelegate);
    }

    function test_isActiveInItsRolesAlone() public view {
        _true(participants.isActive(hospital.id, Role.Hospital));
        _true(!participants.isActive(hospital.id, Role.Consumer));
        _true(participants.isActive(otherHospital.id, Role.Hospital));
        _true(participants.isActive(otherHospital.id, Role.Consumer));
        _true(participants.isActive(regulator.id, Role.Regulator));
        _true(participants.isActive(gateway.id, Role.Gateway));
        _true(!participants.isActive(gateway.id, Role.Hospital));
    }

    function test_nothingIsKnownOfZero() public view {
        for (uint8 role = 0; role < 4; ++role) _true(!participants.isActive(NOBODY, Role(role)));
        _eq(participants.principalOf(address(0)), NOBODY);
        _eq(participants.principalOf(outsider), NOBODY);
        _true(!participants.isKeyOf(address(0), NOBODY, Defaults.NOW));
        _true(!participants.isKeyOf(address(0), hospital.id, Defaults.NOW));
        _true(!participants.isKeyOf(hospital.key, NOBODY, Defaults.NOW));
        _eq(participants.keyRecord(address(0)).participant, NOBODY);
        _eq(participants.participant(NOBODY).admittedAt, 0);
    }

    function test_refusesTheSameNumberTwice() public {
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.ParticipantExists.selector, hospital.id));
        participants.admit("HOSPITAL-1", "Again", HOSPITAL, NOBODY, fresh);
    }

    function test_refusesEveryOtherSetOfRoles() public {
        for (uint256 roles = 0; roles < 256; ++roles) {
            bool isValid = roles == 1 || roles == 2 || roles == 3 || roles == 8;
            if (isValid) continue;
            vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.ParticipantRolesInvalid.selector, uint8(roles)));
            participants.admit("X", "X", uint8(roles), NOBODY, fresh);
        }
    }

    function test_appointsARegulator() public {
        ParticipantId id = participants.appoint("REGULATOR-3", "Third", fresh);
        IParticipantRegistry.Participant memory record = participants.participant(id);
        _eq(record.roles, REGULATOR);
        _eq(record.hospital, NOBODY);
        _eq(record.key, fresh);
        _true(participants.isActive(id, Role.Regulator));
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.ParticipantExists.selector, id));
        participants.appoint("REGULATOR-3", "Again", delegate);
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.KeyTaken.selector, fresh));
        participants.appoint("REGULATOR-4", "Fourth", fresh);
        vm.expectRevert(IParticipantRegistry.ParticipantTextInvalid.selector);
        participants.appoint("REGULATOR 4", "Fourth", delegate);
    }

    function test_refusesTexts() public {
        _refuseTexts("", "Name");
        _refuseTexts("HAS SPACE", "Name");
        _refuseTexts(unicode"号", "Name");
        _refuseTexts("TAB\t", "Name");
        _refuseTexts("\tTAB", "Name");
        _refuseTexts("X", "\nName");
        _refuseTexts(string(new bytes(64)), "Name");
        _refuseTexts("12345678901234567890123456789012345678901234567890123456789012345", "Name");
        _refuseTexts("X", "");
        _refuseTexts("X", "line\nbreak");
        _refuseTexts("X", string(abi.encodePacked("delete", bytes1(0x7f))));
        bytes memory long = new bytes(129);
        for (uint256 i = 0; i < 129; ++i) long[i] = "a";
        _refuseTexts("X", string(long));
        assembly {
            mstore(long, 128)
        }
        participants.admit("!234567890123456789012345678901234567890123456789012345678901~34", string(long), 1, NOBODY, fresh);
    }

    function _refuseTexts(string memory number, string memory name) private {
        vm.expectRevert(IParticipantRegistry.ParticipantTextInvalid.selector);
        participants.admit(number, name, HOSPITAL, NOBODY, fresh);
    }

    function test_gatewayNeedsAnActiveHospital() public {
        _refuseHospital(GATEWAY, NOBODY);
        _refuseHospital(GATEWAY, consumer.id);
        _refuseHospital(GATEWAY, regulator.id);
        participants.suspend(hospital.id, "");
        _refuseHospital(GATEWAY, hospital.id);
    }

    function test_othersHaveNoHospital() public {
        _refuseHospital(HOSPITAL, hospital.id);
        _refuseHospital(CONSUMER, hospital.id);
        _refuseHospital(HOSPITAL | CONSUMER, hospital.id);
    }

    function _refuseHospital(uint8 roles, ParticipantId home) private {
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.ParticipantHospitalInvalid.selector, home));
        participants.admit("X", "X", roles, home, fresh);
    }

    function test_refusesKeysAtAdmission() public {
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.KeyInvalid.selector, address(0)));
        participants.admit("X", "X", HOSPITAL, NOBODY, address(0));
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.KeyTaken.selector, consumer.key));
        participants.admit("X", "X", HOSPITAL, NOBODY, consumer.key);
    }

    // --- Keys ---

    function test_rotationEndsTheOldKeyAtThatSecond() public {
        uint48 rotated = Defaults.NOW + 5;
        vm.warp(rotated);
        vm.prank(hospital.key);
        participants.rotateKey(fresh);
        _eq(participants.principalOf(hospital.key), NOBODY);
        _eq(participants.principalOf(fresh), hospital.id);
        _eq(participants.participant(hospital.id).key, fresh);
        _true(!participants.keyRecord(fresh).isDelegate);
        _true(!participants.isKeyOf(hospital.key, hospital.id, Defaults.NOW - 1));
        _true(participants.isKeyOf(hospital.key, hospital.id, Defaults.NOW));
        _true(participants.isKeyOf(hospital.key, hospital.id, rotated - 1));
        _true(!participants.isKeyOf(hospital.key, hospital.id, rotated));
        _true(!participants.isKeyOf(fresh, hospital.id, rotated - 1));
        _true(participants.isKeyOf(fresh, hospital.id, rotated));
        _eq(participants.keyRecord(hospital.key).validUntil, rotated);
        _eq(participants.keyRecord(hospital.key).participant, hospital.id);
    }

    function test_aKeyBelongsToOneForEver() public {
        vm.prank(hospital.key);
        participants.rotateKey(fresh);
        vm.prank(fresh);
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.KeyTaken.selector, hospital.key));
        participants.rotateKey(hospital.key);
        vm.prank(consumer.key);
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.KeyTaken.selector, hospital.key));
        participants.rotateKey(hospital.key);
        vm.prank(consumer.key);
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.KeyTaken.selector, hospital.key));
        participants.authorizeDelegate(hospital.key, until);
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.KeyTaken.selector, hospital.key));
        participants.recoverKey(hospital.id, hospital.key);
    }

    function test_refusesRotationToZeroOrByOthers() public {
        vm.prank(hospital.key);
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.KeyInvalid.selector, address(0)));
        participants.rotateKey(address(0));
        vm.prank(outsider);
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.KeyUnauthorized.selector, outsider));
        participants.rotateKey(fresh);
        vm.prank(hospital.key);
        participants.authorizeDelegate(delegate, until);
        vm.prank(delegate);
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.KeyUnauthorized.selector, delegate));
        participants.rotateKey(fresh);
    }

    function test_recoveryWorksWhileSuspended() public {
        participants.suspend(hospital.id, "key stolen");
        participants.recoverKey(hospital.id, fresh);
        _eq(participants.principalOf(fresh), hospital.id);
        _true(!participants.isActive(hospital.id, Role.Hospital));
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.ParticipantUnknown.selector, NOBODY));
        participants.recoverKey(NOBODY, address(0xF));
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.KeyInvalid.selector, address(0)));
        participants.recoverKey(hospital.id, address(0));
    }

    // --- Delegates ---

    function test_delegateActsInItsInterval() public {
        vm.prank(consumer.key);
        participants.authorizeDelegate(delegate, until);
        _eq(participants.principalOf(delegate), NOBODY);
        _true(!participants.isKeyOf(delegate, consumer.id, Defaults.NOW - 1));
        _true(participants.isKeyOf(delegate, consumer.id, Defaults.NOW));
        _true(participants.isKeyOf(delegate, consumer.id, until - 1));
        _true(!participants.isKeyOf(delegate, consumer.id, until));
        _true(!participants.isKeyOf(delegate, hospital.id, Defaults.NOW));
        IParticipantRegistry.Key memory key = participants.keyRecord(delegate);
        _eq(key.participant, consumer.id);
        _eq(key.validFrom, Defaults.NOW);
        _eq(key.validUntil, until);
        _true(key.isDelegate);
    }

    function test_delegateIsRenewedOnlyWhileItActs() public {
        vm.startPrank(consumer.key);
        participants.authorizeDelegate(delegate, until);
        vm.warp(until - 1);
        participants.authorizeDelegate(delegate, until + 10);
        _eq(participants.keyRecord(delegate).validFrom, Defaults.NOW);
        _eq(participants.keyRecord(delegate).validUntil, until + 10);
        vm.warp(until + 10);
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.KeyTaken.selector, delegate));
        participants.authorizeDelegate(delegate, until + 20);
        vm.stopPrank();
    }

    function test_aPrincipalKeyIsNoDelegate() public {
        vm.startPrank(consumer.key);
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.KeyTaken.selector, consumer.key));
        participants.authorizeDelegate(consumer.key, until);
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.DelegateUnknown.selector, consumer.key));
        participants.revokeDelegate(consumer.key);
        vm.stopPrank();
    }

    function test_refusesDelegatesOfOthersAndPeriods() public {
        vm.prank(consumer.key);
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.DelegatePeriodInvalid.selector, Defaults.NOW));
        participants.authorizeDelegate(delegate, Defaults.NOW);
        vm.prank(consumer.key);
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.KeyInvalid.selector, address(0)));
        participants.authorizeDelegate(address(0), until);
        vm.prank(outsider);
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.KeyUnauthorized.selector, outsider));
        participants.authorizeDelegate(delegate, until);
        vm.prank(consumer.key);
        participants.authorizeDelegate(delegate, Defaults.NOW + 1);
        vm.prank(hospital.key);
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.KeyTaken.selector, delegate));
        participants.authorizeDelegate(delegate, until);
        vm.prank(hospital.key);
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.DelegateUnknown.selector, delegate));
        participants.revokeDelegate(delegate);
        vm.prank(outsider);
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.KeyUnauthorized.selector, outsider));
        participants.revokeDelegate(delegate);
        vm.prank(delegate);
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.KeyUnauthorized.selector, delegate));
        participants.authorizeDelegate(fresh, until);
    }

    function test_revocationBitesAtOnceAndAlways() public {
        vm.prank(consumer.key);
        participants.authorizeDelegate(delegate, until);
        vm.warp(Defaults.NOW + 7);
        participants.suspend(consumer.id, "");
        vm.prank(consumer.key);
        participants.revokeDelegate(delegate);
        _true(participants.isKeyOf(delegate, consumer.id, Defaults.NOW + 6));
        _true(!participants.isKeyOf(delegate, consumer.id, Defaults.NOW + 7));
        vm.prank(consumer.key);
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.DelegateUnknown.selector, delegate));
        participants.revokeDelegate(delegate);
    }

    function test_delegateSurvivesRotationOfItsPrincipal() public {
        vm.prank(consumer.key);
        participants.authorizeDelegate(delegate, until);
        vm.prank(consumer.key);
        participants.rotateKey(fresh);
        _true(participants.isKeyOf(delegate, consumer.id, Defaults.NOW));
        vm.prank(fresh);
        participants.revokeDelegate(delegate);
        _true(!participants.isKeyOf(delegate, consumer.id, Defaults.NOW));
    }

    function test_recoveryEndsEveryDelegate() public {
        vm.startPrank(consumer.key);
        for (uint160 i = 1; i <= 16; ++i) participants.authorizeDelegate(address(0xD000 + i), until);
        bytes memory refusal = abi.encodeWithSelector(IParticipantRegistry.DelegatesExhausted.selector, consumer.id);
        vm.expectRevert(refusal);
        participants.authorizeDelegate(delegate, until);
        participants.authorizeDelegate(address(0xD001), until + 1);
        vm.warp(Defaults.NOW + 5);
        participants.revokeDelegate(address(0xD003));
        participants.authorizeDelegate(delegate, until);
        vm.expectRevert(refusal);
        participants.authorizeDelegate(fresh, until);
        vm.stopPrank();

        vm.warp(Defaults.NOW + 10);
        vm.recordLogs();
        participants.recoverKey(consumer.id, fresh);
        // One for the key, one for each that acted.
        _eq(vm.getRecordedLogs().length, 1 + 16);
        for (uint160 i = 1; i <= 16; ++i) {
            _true(participants.isKeyOf(address(0xD000 + i), consumer.id, Defaults.NOW + 4));
            _true(!participants.isKeyOf(address(0xD000 + i), consumer.id, Defaults.NOW + 10));
        }
        _eq(participants.keyRecord(address(0xD003)).validUntil, Defaults.NOW + 5);
        _eq(participants.keyRecord(delegate).validUntil, Defaults.NOW + 10);
        vm.prank(fresh);
        participants.authorizeDelegate(address(0xE001), until);
        _true(participants.isKeyOf(address(0xE001), consumer.id, Defaults.NOW + 10));
    }

    /// @dev Nobody asks the delegate. Whoever names an address that is not its own takes it from the one entity that could name it
    /// otherwise, under its own name and for all to see; any other address is as good, and nothing is done in the name of either.
    function test_aDelegateNamedWithoutItsConsentLosesNothingButThatAddress() public {
        vm.prank(consumer.key);
        participants.authorizeDelegate(fresh, until);
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.KeyTaken.selector, fresh));
        participants.admit("X", "X", HOSPITAL, NOBODY, fresh);
        _eq(participants.keyRecord(fresh).participant, consumer.id);
        participants.admit("X", "X", HOSPITAL, NOBODY, delegate);
        _eq(participants.principalOf(fresh), NOBODY);
    }

    // --- Suspension ---

    function test_suspendedParticipantGrantsNothing() public {
        participants.suspend(hospital.id, "inspection");
        _true(!participants.isActive(hospital.id, Role.Hospital));
        _eq(participants.principalOf(hospital.key), hospital.id);
        vm.startPrank(hospital.key);
        bytes memory refusal = abi.encodeWithSelector(IParticipantRegistry.ParticipantStatusUnexpected.selector, hospital.id, true);
        vm.expectRevert(refusal);
        participants.rotateKey(fresh);
        vm.expectRevert(refusal);
        participants.authorizeDelegate(delegate, until);
        vm.stopPrank();
        vm.expectRevert(refusal);
        participants.suspend(hospital.id, "");
        participants.reinstate(hospital.id);
        _true(participants.isActive(hospital.id, Role.Hospital));
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.ParticipantStatusUnexpected.selector, hospital.id, false));
        participants.reinstate(hospital.id);
    }

    function test_unknownParticipantsAreNotSuspended() public {
        ParticipantId unknown = ParticipantId.wrap(keccak256("unknown"));
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.ParticipantUnknown.selector, unknown));
        participants.suspend(unknown, "");
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.ParticipantUnknown.selector, unknown));
        participants.reinstate(unknown);
    }

    function test_governanceIsForTheManagerAlone() public {
        Actor[5] memory actors = [hospital, consumer, regulator, gateway, otherHospital];
        for (uint256 i = 0; i < actors.length; ++i) {
            vm.startPrank(actors[i].key);
            bytes memory refusal = abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, actors[i].key);
            vm.expectRevert(refusal);
            participants.admit("X", "X", HOSPITAL, NOBODY, fresh);
            vm.expectRevert(refusal);
            participants.appoint("X", "X", fresh);
            vm.expectRevert(refusal);
            participants.recoverKey(consumer.id, fresh);
            vm.expectRevert(refusal);
            participants.suspend(consumer.id, "");
            vm.expectRevert(refusal);
            participants.reinstate(consumer.id);
            vm.stopPrank();
        }
    }
}

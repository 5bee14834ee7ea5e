// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IAccessLog } from "../../contracts/interfaces/IAccessLog.sol";
import { IAgreementRegistry } from "../../contracts/interfaces/IAgreementRegistry.sol";
import { IDatasetRegistry } from "../../contracts/interfaces/IDatasetRegistry.sol";
import { IParticipantRegistry } from "../../contracts/interfaces/IParticipantRegistry.sol";
import { AgreementId, ParticipantId } from "../../contracts/interfaces/Types.sol";
import { Base } from "./support/Base.sol";
import { Defaults } from "./support/Defaults.sol";
import { Vm, vm } from "./support/Vm.sol";

/// @notice Every act tells a follower all it needs, in one event and nothing else.
contract EventsTest is Base {
    IAgreementRegistry.Capacity private constant ASSIGNER = IAgreementRegistry.Capacity.Assigner;
    IAgreementRegistry.Capacity private constant ASSIGNEE = IAgreementRegistry.Capacity.Assignee;
    IAgreementRegistry.Capacity private constant REGULATING = IAgreementRegistry.Capacity.Regulator;

    address private fresh = address(0xF5E5);

    // --- Participants ---

    function test_eventsOfParticipants() public {
        vm.recordLogs();
        ParticipantId id = participants.admit("GATEWAY-3", "Third", GATEWAY, hospital.id, fresh);
        bytes memory admitted = abi.encode("GATEWAY-3", "Third", GATEWAY, hospital.id, fresh);
        _one(IParticipantRegistry.ParticipantAdmitted.selector, _word(id), admitted);
        id = participants.appoint("REGULATOR-3", "Third", address(0xF6));
        admitted = abi.encode("REGULATOR-3", "Third", REGULATOR, NOBODY, address(0xF6));
        _one(IParticipantRegistry.ParticipantAdmitted.selector, _word(id), admitted);

        participants.suspend(consumer.id, "inspection");
        _one(IParticipantRegistry.ParticipantSuspended.selector, _word(consumer.id), abi.encode("inspection"));
        participants.reinstate(consumer.id);
        _one(IParticipantRegistry.ParticipantReinstated.selector, _word(consumer.id), "");
    }

    function test_eventsOfKeys() public {
        vm.recordLogs();
        vm.startPrank(consumer.key);
        participants.authorizeDelegate(fresh, Defaults.UNTIL);
        bytes32 delegate = bytes32(uint256(uint160(fresh)));
        bytes memory until = abi.encode(Defaults.UNTIL);
        _one(IParticipantRegistry.DelegateAuthorized.selector, _word(consumer.id), delegate, until);
        participants.authorizeDelegate(fresh, Defaults.UNTIL + 1);
        until = abi.encode(Defaults.UNTIL + 1);
        _one(IParticipantRegistry.DelegateAuthorized.selector, _word(consumer.id), delegate, until);
        participants.revokeDelegate(fresh);
        _one(IParticipantRegistry.DelegateRevoked.selector, _word(consumer.id), delegate, "");
        participants.rotateKey(address(0xF6));
        vm.stopPrank();
        _rotated(consumer.key, address(0xF6));
        participants.recoverKey(consumer.id, address(0xF7));
        _rotated(address(0xF6), address(0xF7));
    }

    // --- Datasets ---

    function test_eventsOfDatasets() public {
        IDatasetRegistry.Description memory description = Defaults.description();
        IDatasetRegistry.Rules memory rules = Defaults.rules();
        bytes32 digest = keccak256(abi.encode(description));
        bytes32 id = keccak256(abi.encode(hospital.id, "second"));
        vm.recordLogs();
        vm.startPrank(hospital.key);
        datasets.register("second", description, rules);
        bytes memory registered = abi.encode("second", digest, description, rules);
        _one(IDatasetRegistry.DatasetRegistered.selector, id, _word(hospital.id), registered);

        id = keccak256(abi.encode(hospital.id, "diabetes"));
        description.title = "Another";
        digest = keccak256(abi.encode(description));
        datasets.update(dataset, description, rules);
        _one(IDatasetRegistry.DatasetUpdated.selector, id, abi.encode(uint32(2), digest, description, rules));
        datasets.suspend(dataset, "moving");
        _one(IDatasetRegistry.DatasetSuspended.selector, id, _word(hospital.id), abi.encode("moving"));
        datasets.reinstate(dataset);
        _one(IDatasetRegistry.DatasetReinstated.selector, id, _word(hospital.id), "");
        vm.stopPrank();
        vm.prank(regulator.key);
        datasets.suspend(dataset, "inspection");
        _one(IDatasetRegistry.DatasetSuspended.selector, id, _word(regulator.id), abi.encode("inspection"));
        vm.prank(hospital.key);
        datasets.retire(dataset);
        _one(IDatasetRegistry.DatasetRetired.selector, id, "");
    }

    // --- Agreements ---

    function test_eventsOfAnAgreementThatComesAbout() public {
        IAgreementRegistry.Terms memory terms = _terms();
        vm.recordLogs();
        AgreementId id = _offer(terms);
        Vm.Log memory log = _next(vm.getRecordedLogs(), 0, IAgreementRegistry.AgreementOffered.selector, _word(id));
        _eq(log.topics[2], _word(hospital.id));
        _eq(log.topics[3], _word(consumer.id));
        _eq(keccak256(log.data), keccak256(abi.encode(terms, Defaults.POLICY)));

        bytes memory signature = _signature(hospital.secret, agreements.digestToSign(id, ASSIGNER, hospital.id));
        agreements.sign(id, ASSIGNER, hospital.id, signature);
        bytes memory signed = abi.encode(ASSIGNER, hospital.key, signature);
        _one(IAgreementRegistry.AgreementSigned.selector, _word(id), _word(hospital.id), signed);
        _sign(id, ASSIGNEE, consumer);
        vm.getRecordedLogs();
        signature = _signature(regulator.secret, agreements.digestToSign(id, REGULATING, regulator.id));
        agreements.sign(id, REGULATING, regulator.id, signature);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        _eq(logs.length, 2);
        log = _next(logs, 0, IAgreementRegistry.AgreementSigned.selector, _word(id));
        _eq(log.topics[2], _word(regulator.id));
        _eq(keccak256(log.data), keccak256(abi.encode(REGULATING, regulator.key, signature)));
        log = _next(logs, 1, IAgreementRegistry.AgreementFinalized.selector, _word(id));
        _eq(log.topics.length, 2);
        _eq(log.data.length, 0);
    }

    function test_eventsOfAnAgreementThatIsStoppedAndReplaced() public {
        AgreementId id = _agree();
        vm.recordLogs();
        vm.startPrank(consumer.key);
        agreements.suspend(id, "audit");
        _one(IAgreementRegistry.AgreementSuspended.selector, _word(id), _word(consumer.id), abi.encode(ASSIGNEE, "audit"));
        agreements.reinstate(id);
        _one(IAgreementRegistry.AgreementReinstated.selector, _word(id), _word(consumer.id), abi.encode(ASSIGNEE));
        vm.stopPrank();

        IAgreementRegistry.Terms memory terms = _terms();
        terms.replaces = id;
        AgreementId next = _agree(terms);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        _eq(logs.length, 6);
        Vm.Log memory log = _next(logs, 5, IAgreementRegistry.AgreementReplaced.selector, _word(id));
        _eq(log.topics[2], _word(next));
        _eq(log.data.length, 0);
        vm.prank(regulator.key);
        agreements.terminate(next, "enough");
        bytes memory terminated = abi.encode(REGULATING, "enough");
        _one(IAgreementRegistry.AgreementTerminated.selector, _word(next), _word(regulator.id), terminated);
    }

    function test_eventOfApprovals() public {
        vm.recordLogs();
        agreements.setApprovals(3);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        _eq(logs.length, 1);
        _eq(logs[0].topics[0], IAgreementRegistry.ApprovalsSet.selector);
        _eq(keccak256(logs[0].data), keccak256(abi.encode(3)));
    }

    // --- The log ---

    function test_eventsOfTheLog() public {
        AgreementId id = _agree();
        bytes32[] memory entries = _entries(3, 1);
        IAgreementRegistry.Usage[] memory usages = new IAgreementRegistry.Usage[](1);
        usages[0] = IAgreementRegistry.Usage(id, 2);
        vm.recordLogs();
        for (uint64 i = 1; i < 3; ++i) {
            vm.prank(gateway.key);
            accessLog.append((i - 1) * 3, entries, usages);
            Vm.Log[] memory logs = vm.getRecordedLogs();
            _eq(logs.length, 2);
            Vm.Log memory log = _next(logs, 0, IAgreementRegistry.AgreementUsed.selector, _word(id));
            _eq(keccak256(log.data), keccak256(abi.encode(2, 2 * i)));
            log = _next(logs, 1, IAccessLog.EntriesAppended.selector, _word(gateway.id));
            _eq(keccak256(log.data), keccak256(abi.encode((i - 1) * 3, i * 3, accessLog.log(gateway.id).root)));
        }
    }

    function test_eventsOfNoteKeys() public {
        vm.recordLogs();
        vm.prank(gateway.key);
        accessLog.publishNoteKey(bytes32(uint256(7)));
        _one(IAccessLog.NoteKeyPublished.selector, _word(gateway.id), abi.encode(uint256(7)));
    }

    // --- Helpers ---

    function _rotated(address previous, address current) private {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        _eq(logs.length, 1);
        Vm.Log memory log = _next(logs, 0, IParticipantRegistry.KeyRotated.selector, _word(consumer.id));
        _eq(log.topics[2], bytes32(uint256(uint160(previous))));
        _eq(log.topics[3], bytes32(uint256(uint160(current))));
        _eq(log.data.length, 0);
    }

    function _one(bytes32 selector, bytes32 id, bytes memory data) private {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        _eq(logs.length, 1);
        Vm.Log memory log = _next(logs, 0, selector, id);
        _eq(log.topics.length, 2);
        _eq(keccak256(log.data), keccak256(data));
    }

    function _one(bytes32 selector, bytes32 id, bytes32 second, bytes memory data) private {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        _eq(logs.length, 1);
        Vm.Log memory log = _next(logs, 0, selector, id);
        _eq(log.topics.length, 3);
        _eq(log.topics[2], second);
        _eq(keccak256(log.data), keccak256(data));
    }

    function _next(Vm.Log[] memory logs, uint256 place, bytes32 selector, bytes32 id) private pure returns (Vm.Log memory log) {
        log = logs[place];
        _eq(log.topics[0], selector);
        _eq(log.topics[1], id);
    }

    function _word(ParticipantId id) private pure returns (bytes32) {
        return ParticipantId.unwrap(id);
    }

    function _word(AgreementId id) private pure returns (bytes32) {
        return AgreementId.unwrap(id);
    }
}

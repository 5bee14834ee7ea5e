// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IAccessLog } from "../../../contracts/interfaces/IAccessLog.sol";
import { IAgreementRegistry } from "../../../contracts/interfaces/IAgreementRegistry.sol";
import { IDatasetRegistry } from "../../../contracts/interfaces/IDatasetRegistry.sol";
import { IParticipantRegistry } from "../../../contracts/interfaces/IParticipantRegistry.sol";
import { IUsagePolicy } from "../../../contracts/interfaces/IUsagePolicy.sol";
import { AgreementId, ParticipantId } from "../../../contracts/interfaces/Types.sol";
import { Base } from "../support/Base.sol";
import { Defaults } from "../support/Defaults.sol";
import { vm } from "../support/Vm.sol";

/// @notice Does random things as random actors, each of whom is told beforehand by a model, not by the contracts, whether it may.
contract Handler is Base {
    /// @dev What the handler knows of an agreement, from its own acts alone.
    struct Model {
        AgreementId id;
        AgreementId replaces;
        uint8 description;
        uint48 from;
        uint48 until;
        bool[2] hasSigned;
        bool[2] hasApproved;
        bool[3] isSuspended;
        bool isFinal;
        bool isTerminated;
        uint256 lineage;
        IAgreementRegistry.Status last;
    }

    error MayNot(uint256 act, bool expected);

    uint256 private constant MAX_AGREEMENTS = 6;

    Model[] private _agreements;
    /// @dev By lineage: the place of the first agreement.
    mapping(uint256 lineage => uint64) public uses;
    bytes32[] private _log;

    /// @dev By actor: 0 hospital, 1 consumer, 2 and 3 regulators, 4 gateway, 5 outsider, 6 delegate of the consumer.
    bool[5] public isParticipantSuspended;
    bool public isHolderStop;
    bool public isRegulatorStop;
    bool public isRetired;
    /// @dev Which of two descriptions the dataset has.
    uint8 public description;
    uint8 public approvals = 1;
    bool public isBreached;
    uint48 public delegateUntil;
    uint256 private _nextSecret = 10_000;

    /// @dev All keys that ever were, with their owners and intervals as first seen.
    address[] private _keys;
    mapping(address key => IParticipantRegistry.Key) private _firstSeen;
    mapping(address key => bool) private _hasEnded;

    uint256 public acts;

    // --- Acts ---

    function wait(uint32 time) external {
        ++acts;
        vm.warp(block.timestamp + (uint256(time) % 2 days));
    }

    function offer(uint8 seed, uint8 replaced) external {
        ++acts;
        if (_agreements.length == MAX_AGREEMENTS) return;
        IAgreementRegistry.Terms memory terms = _terms();
        terms.salt = keccak256(abi.encode(_agreements.length));
        terms.validFrom = uint48(block.timestamp + (uint256(seed) % 3) * 1 days);
        terms.validUntil = terms.validFrom + 1 days + uint48(uint256(seed) % 7) * 2 days;
        if (seed & 8 == 8) terms.description = _descriptionHash(1);
        Model memory model;
        model.lineage = _agreements.length;
        bool isReplacing = seed & 0x30 == 0x30 && _agreements.length != 0;
        if (isReplacing) {
            Model storage former = _agreements[replaced % _agreements.length];
            terms.replaces = former.id;
            model.replaces = former.id;
            model.lineage = former.lineage;
        }
        bool may = !isParticipantSuspended[0] && !isParticipantSuspended[1] && _isLive();
        may = may && terms.description == _descriptionHash(description);
        if (isReplacing) {
            Model storage former = _agreements[replaced % _agreements.length];
            may = may && former.isFinal && !former.isTerminated;
        }
        if (!may) vm.expectRevert();
        AgreementId id = agreements.offer(terms, Defaults.POLICY);
        if (!may) return;

        model.id = id;
        model.description = description;
        model.from = terms.validFrom;
        model.until = terms.validUntil;
        model.last = IAgreementRegistry.Status.Offered;
        _agreements.push(model);
    }

    /// @dev Signs in a capacity with somebody's key, in somebody's name.
    function sign(uint8 place, uint8 capacity, uint8 name, uint8 key) external {
        ++acts;
        if (_agreements.length == 0) return;
        Model storage model = _agreements[place % _agreements.length];
        capacity %= 3;
        name %= 5;
        // Most keys fit, so that agreements come about.
        key = key < 128 ? name : (key % 5);
        Actor memory signer = _actor(name);
        bytes32 digest = agreements.digestToSign(model.id, IAgreementRegistry.Capacity(capacity), signer.id);
        bytes memory signature = _signature(_actor(key).secret, digest);

        bool may = expectedStatus(place % _agreements.length) == IAgreementRegistry.Status.Offered && key == name;
        if (capacity == 0) may = may && name == 0 && !model.hasSigned[0];
        if (capacity == 1) may = may && name == 1 && !model.hasSigned[1];
        bool isRegulator = name == 2 || name == 3;
        if (capacity == 2) may = may && isRegulator && !isParticipantSuspended[name] && !model.hasApproved[name - 2];
        bool isLast = may && _isComplete(model, capacity, name);
        // The one it replaces may have ended since.
        if (isLast && AgreementId.unwrap(model.replaces) != 0) may = !_modelOf(model.replaces).isTerminated;

        if (!may) vm.expectRevert();
        agreements.sign(model.id, IAgreementRegistry.Capacity(capacity), signer.id, signature);
        if (!may) return;

        if (capacity < 2) model.hasSigned[capacity] = true;
        else model.hasApproved[name - 2] = true;
        if (!isLast) return;
        model.isFinal = true;
        if (AgreementId.unwrap(model.replaces) != 0) _modelOf(model.replaces).isTerminated = true;
    }

    function stop(uint8 place, uint8 by, bool isTermination) external {
        ++acts;
        if (_agreements.length == 0) return;
        Model storage model = _agreements[place % _agreements.length];
        by %= 7;
        (bool isStopper, uint256 capacity) = _stopper(by);
        bool may = isStopper && !model.isTerminated && (isTermination || !model.isSuspended[capacity]);
        // Termination is rarer, for nothing comes after it.
        if (isTermination && uint256(keccak256(abi.encode(acts))) % 4 != 0) return;
        vm.prank(_keyOf(by));
        if (!may) vm.expectRevert();
        if (isTermination) agreements.terminate(model.id, "");
        else agreements.suspend(model.id, "");
        if (!may) return;

        if (isTermination) model.isTerminated = true;
        else model.isSuspended[capacity] = true;
    }

    function reinstate(uint8 place, uint8 by) external {
        ++acts;
        if (_agreements.length == 0) return;
        Model storage model = _agreements[place % _agreements.length];
        by %= 7;
        (bool isStopper, uint256 capacity) = _stopper(by);
        bool may = isStopper && !model.isTerminated && model.isSuspended[capacity] && !isParticipantSuspended[by];
        vm.prank(_keyOf(by));
        if (!may) vm.expectRevert();
        agreements.reinstate(model.id);
        if (may) model.isSuspended[capacity] = false;
    }

    function turnDataset(uint8 by, uint8 act) external {
        ++acts;
        by %= 7;
        act %= 16;
        bool isRegulator = (by == 2 || by == 3) && !isParticipantSuspended[by];
        bool isStopped = by == 0 ? isHolderStop : isRegulatorStop;
        vm.startPrank(_keyOf(by));
        if (act == 0) {
            bool may = by == 0 && !isRetired;
            if (!may) vm.expectRevert();
            datasets.retire(dataset);
            if (may) isRetired = true;
        } else if (act < 5) {
            bool may = by == 0 && !isRetired && !isParticipantSuspended[0];
            if (!may) vm.expectRevert();
            datasets.update(dataset, _description(act % 2), Defaults.rules());
            if (may) description = act % 2;
        } else if (act < 9) {
            bool may = (by == 0 || isRegulator) && !isRetired && !isStopped;
            if (!may) vm.expectRevert();
            datasets.suspend(dataset, "");
            if (may) _setStop(by, true);
        } else {
            bool may = ((by == 0 && !isParticipantSuspended[0]) || isRegulator) && !isRetired && isStopped;
            if (!may) vm.expectRevert();
            datasets.reinstate(dataset);
            if (may) _setStop(by, false);
        }
        vm.stopPrank();
    }

    /// @dev The handler is the manager's admin; anybody else must be refused.
    function turnParticipant(uint8 whom, uint8 by, bool isSuspension) external {
        ++acts;
        whom %= 5;
        bool isAdmin = by >= 32;
        bool may = isAdmin && isParticipantSuspended[whom] != isSuspension;
        ParticipantId id = _actor(whom).id;
        if (!isAdmin) vm.prank(_keyOf(by % 7));
        if (!may) vm.expectRevert();
        if (isSuspension) participants.suspend(id, "");
        else participants.reinstate(id);
        if (may) isParticipantSuspended[whom] = isSuspension;
    }

    function setApprovals(uint8 number, uint8 by) external {
        ++acts;
        number %= 4;
        bool isAdmin = by >= 64;
        bool may = isAdmin && number != 0;
        if (!isAdmin) vm.prank(_keyOf(by % 7));
        if (!may) vm.expectRevert();
        agreements.setApprovals(number);
        if (may) approvals = number;
    }

    /// @dev To a new key, or to one that is taken.
    function rotate(uint8 whom, bool isTaken, bool isRecovery) external {
        ++acts;
        whom %= 5;
        Actor memory actor = _actor(whom);
        uint256 secret = isTaken ? _actor((whom + 1) % 5).secret : _nextSecret++;
        address key = vm.addr(secret);
        bool may = !isTaken && (isRecovery || !isParticipantSuspended[whom]);
        if (!isRecovery) vm.prank(actor.key);
        if (!may) vm.expectRevert();
        if (isRecovery) participants.recoverKey(actor.id, key);
        else participants.rotateKey(key);
        if (!may) return;

        _hasEnded[actor.key] = true;
        // A recovery ends the delegates, too.
        if (isRecovery && whom == 1 && delegateUntil > block.timestamp) delegateUntil = uint48(block.timestamp);
        _setKey(whom, key, secret);
        _see(key);
    }

    function turnDelegate(uint32 time, bool isRevocation) external {
        ++acts;
        uint48 until = uint48(block.timestamp + (time % 3 days));
        bool isActing = delegateUntil > block.timestamp;
        // A delegate that has ended is taken for ever.
        bool may = isRevocation ? isActing : !isParticipantSuspended[1] && time % 3 days != 0 && (isActing || delegateUntil == 0);
        vm.prank(consumer.key);
        if (!may) vm.expectRevert();
        if (isRevocation) participants.revokeDelegate(_keyOf(6));
        else participants.authorizeDelegate(_keyOf(6), until);
        if (!may) return;

        delegateUntil = isRevocation ? uint48(block.timestamp) : until;
        _see(_keyOf(6));
    }

    function append(uint8 by, uint8 count, uint8 place, uint8 used, int8 offset) external {
        ++acts;
        by = by < 128 ? 4 : (by % 7);
        uint256 length = uint256(count) % 7;
        // Most starts are right.
        uint256 start = offset > 0 ? _log.length : uint256(int256(_log.length) + 128 + offset);
        IAgreementRegistry.Usage[] memory usages = new IAgreementRegistry.Usage[](_agreements.length == 0 ? 0 : used % 2);
        if (usages.length != 0) {
            usages[0] = IAgreementRegistry.Usage(_agreements[place % _agreements.length].id, uint64(used % 5));
        }
        bool may = by == 4 && length != 0 && start == _log.length && !isBreached;
        if (usages.length != 0) may = may && usages[0].count != 0 && usages[0].count <= length;
        bytes32[] memory entries = _entries(length, acts);
        vm.prank(_keyOf(by));
        if (!may) vm.expectRevert();
        accessLog.append(uint64(start), entries, usages);
        if (!may) return;

        for (uint256 i = 0; i < length; ++i) _log.push(entries[i]);
        if (usages.length != 0) uses[_agreements[place % _agreements.length].lineage] += usages[0].count;
    }

    /// @dev Promises one entry at some index and shows it to the log at once.
    function challenge(uint16 index, uint48 deadline, bool isHonest, uint8 key) external {
        ++acts;
        uint256 place = uint256(index) % (_log.length + 4);
        IAccessLog.Receipt memory receipt;
        receipt.gateway = gateway.id;
        receipt.index = uint64(place);
        receipt.start = uint64(place);
        receipt.count = 1;
        receipt.entry = isHonest && place < _log.length ? _log[place] : keccak256("never anchored");
        receipt.issuedAt = uint48(block.timestamp);
        receipt.deadline = uint48(block.timestamp + (deadline % 2));
        receipt.path = new bytes32[](0);
        uint8 by = key < 192 ? 4 : (key % 5);
        receipt.signature = _signature(_actor(by).secret, accessLog.receiptDigest(receipt));
        bytes memory packed = _packed(receipt);
        IAccessLog.Log memory before = accessLog.log(gateway.id);
        vm.prank(outsider);
        try accessLog.challengeLate(gateway.id, packed) {
            bool isTrue = by == 4 && place >= _log.length && deadline % 2 == 0 && !isBreached;
            if (!isTrue) revert MayNot(acts, false);
            isBreached = true;
        } catch {
            // A refusal may have further reasons: the hour of grace and what was acknowledged. The next one is sure.
            _true(accessLog.log(gateway.id).breachedAt == before.breachedAt);
        }
    }

    function acknowledge(uint8 by) external {
        ++acts;
        by %= 7;
        bool may = (by == 2 || by == 3) && !isParticipantSuspended[by] && isBreached;
        vm.prank(_keyOf(by));
        if (!may) vm.expectRevert();
        accessLog.acknowledge(gateway.id);
        if (may) isBreached = false;
    }

    // --- What should be ---

    function agreementCount() external view returns (uint256) {
        return _agreements.length;
    }

    function modelAt(uint256 place) external view returns (Model memory) {
        return _agreements[place];
    }

    function expectedStatus(uint256 place) public view returns (IAgreementRegistry.Status) {
        Model storage model = _agreements[place];
        if (model.isTerminated) return IAgreementRegistry.Status.Terminated;
        if (block.timestamp >= model.until) return IAgreementRegistry.Status.Expired;
        bool isStopped = model.isSuspended[0] || model.isSuspended[1] || model.isSuspended[2];
        isStopped = isStopped || isParticipantSuspended[0] || isParticipantSuspended[1];
        if (isStopped || !_isLive() || description != model.description) return IAgreementRegistry.Status.Suspended;
        if (!model.isFinal) return IAgreementRegistry.Status.Offered;
        return block.timestamp < model.from ? IAgreementRegistry.Status.Scheduled : IAgreementRegistry.Status.InForce;
    }

    /// @dev Remembers the status, and tells whether it could follow the last one.
    function stepStatus(uint256 place) external returns (bool) {
        IAgreementRegistry.Status last = _agreements[place].last;
        IAgreementRegistry.Status next = agreements.status(_agreements[place].id);
        _agreements[place].last = next;
        if (last == IAgreementRegistry.Status.Terminated) return next == last;
        if (last == IAgreementRegistry.Status.Expired) return next == last || next == IAgreementRegistry.Status.Terminated;
        if (last == IAgreementRegistry.Status.Scheduled || last == IAgreementRegistry.Status.InForce) {
            return next != IAgreementRegistry.Status.Offered && next != IAgreementRegistry.Status.Unknown;
        }
        return next != IAgreementRegistry.Status.Unknown;
    }

    function log() external view returns (bytes32[] memory) {
        return _log;
    }

    /// @dev Tells whether every key that ever was still stands for whom it stood, from when it did.
    function areKeysKept() external view returns (bool) {
        for (uint256 i = 0; i < _keys.length; ++i) {
            IParticipantRegistry.Key memory first = _firstSeen[_keys[i]];
            IParticipantRegistry.Key memory now_ = participants.keyRecord(_keys[i]);
            if (first.participant != now_.participant || first.validFrom != now_.validFrom) return false;
            if (first.isDelegate != now_.isDelegate) return false;
            if (_hasEnded[_keys[i]] && now_.validUntil > block.timestamp) return false;
        }
        return true;
    }

    function permits(uint256 place, uint8 by) external view returns (bool permitted, bool expected) {
        Model storage model = _agreements[place];
        IUsagePolicy.UsageRequest memory request = Defaults.request(gateway.id, model.id, _keyOf(by % 7));
        request.time = uint48(block.timestamp);
        permitted = usagePolicy.evaluate(request).permitted;
        bool isSigner = by % 7 == 1 || (by % 7 == 6 && delegateUntil > block.timestamp);
        bool isGateway = !isParticipantSuspended[4] && !isBreached;
        bool isLeft = uses[model.lineage] < Defaults.MAX_USES;
        expected = expectedStatus(place) == IAgreementRegistry.Status.InForce && isSigner && isGateway && isLeft;
    }

    function ledger() external view returns (IAccessLog.Log memory) {
        return accessLog.log(gateway.id);
    }

    function factsAt(uint256 place) external view returns (IAgreementRegistry.Facts memory, IAgreementRegistry.Status, uint64) {
        AgreementId id = _agreements[place].id;
        return (agreements.facts(id), agreements.status(id), agreements.usesOf(id));
    }

    function setUp() public override {
        super.setUp();
        for (uint8 i = 0; i < 5; ++i) _see(_keyOf(i));
    }

    // --- Internal ---

    function _isComplete(Model storage model, uint8 capacity, uint8 name) private view returns (bool) {
        bool byAssigner = model.hasSigned[0] || capacity == 0;
        bool byAssignee = model.hasSigned[1] || capacity == 1;
        uint256 approved = (model.hasApproved[0] ? 1 : 0) + (model.hasApproved[1] ? 1 : 0) + (capacity == 2 ? 1 : 0);
        return byAssigner && byAssignee && approved >= approvals && name < 5;
    }

    function _modelOf(AgreementId id) private view returns (Model storage) {
        for (uint256 i = 0; i < _agreements.length; ++i) if (_agreements[i].id == id) return _agreements[i];
        revert NotTrue();
    }

    function _stopper(uint8 by) private view returns (bool isStopper, uint256 capacity) {
        if (by < 2) return (true, by);
        return ((by == 2 || by == 3) && !isParticipantSuspended[by], 2);
    }

    function _setStop(uint8 by, bool isStopped) private {
        if (by == 0) isHolderStop = isStopped;
        else isRegulatorStop = isStopped;
    }

    function _isLive() private view returns (bool) {
        return !isHolderStop && !isRegulatorStop && !isRetired;
    }

    function _description(uint8 which) private pure returns (IDatasetRegistry.Description memory made) {
        made = Defaults.description();
        if (which == 1) made.title = "Another";
    }

    function _descriptionHash(uint8 which) private pure returns (bytes32) {
        return keccak256(abi.encode(_description(which)));
    }

    function _actor(uint8 number) private view returns (Actor memory) {
        if (number == 0) return hospital;
        if (number == 1) return consumer;
        if (number == 2) return regulator;
        return number == 3 ? otherRegulator : gateway;
    }

    function _keyOf(uint8 number) private view returns (address) {
        if (number == 5) return outsider;
        return number == 6 ? vm.addr(9_999) : _actor(number).key;
    }

    function _setKey(uint8 number, address key, uint256 secret) private {
        Actor storage actor =
            number == 0
                ? hospital
                : number == 1
                    ? consumer
                    : number == 2
                        ? regulator
                        : number == 3
                            ? otherRegulator
                            : gateway;
        actor.key = key;
        actor.secret = secret;
    }

    function _see(address key) private {
        if (_firstSeen[key].validFrom != 0) return;
        _keys.push(key);
        _firstSeen[key] = participants.keyRecord(key);
    }
}

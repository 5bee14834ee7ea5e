// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IAccessLog } from "../../contracts/interfaces/IAccessLog.sol";
import { IAgreementRegistry } from "../../contracts/interfaces/IAgreementRegistry.sol";
import { AgreementId, ParticipantId } from "../../contracts/interfaces/Types.sol";
import { Base } from "./support/Base.sol";
import { Defaults } from "./support/Defaults.sol";
import { ReferenceTree } from "./support/ReferenceTree.sol";
import { Vm, vm } from "./support/Vm.sol";

contract AccessLogTest is Base {
    function test_appendStoresTheRootOfAllEntries() public {
        bytes32[] memory all = _entries(20, 1);
        _append(gateway, _slice(all, 0, 7));
        _eq(accessLog.log(gateway.id).root, ReferenceTree.root(_slice(all, 0, 7)));
        _append(gateway, _slice(all, 7, 20));
        IAccessLog.Log memory log = accessLog.log(gateway.id);
        _eq(log.size, 20);
        _eq(log.root, ReferenceTree.root(all));
        _eq(log.breachedAt, 0);
        _eq(accessLog.log(otherGateway.id).size, 0);
    }

    function test_eachGatewayHasItsOwnLog() public {
        _append(gateway, _entries(5, 1));
        _append(otherGateway, _entries(3, 2));
        _append(gateway, _entries(1, 3));
        _eq(accessLog.log(gateway.id).size, 6);
        _eq(accessLog.log(otherGateway.id).root, ReferenceTree.root(_entries(3, 2)));
    }

    /// @dev The packed word of a head is the same for another root whose lower bits make up for its upper ones; the newest is told apart.
    function test_aRootThatPacksAlikeIsNotTheNewest() public {
        _append(gateway, _entries(5, 1));
        IAccessLog.TreeHead memory head = _head(gateway);
        uint64 top = uint64(uint256(head.root) >> 192);
        uint192 low = uint192(uint256(head.root)) ^ _mask(top) ^ _mask(top + 1);
        head.root = bytes32((uint256(top + 1) << 192) | low);
        _true(!accessLog.isHead(gateway.id, head));
        _true(accessLog.isHead(gateway.id, _head(gateway)));
    }

    /// @dev An empty log, whose packed word is zero, has no head: not even one that packs to zero.
    function test_noRootPacksToAnEmptyHead() public view {
        _true(!accessLog.isHead(gateway.id, IAccessLog.TreeHead(0, bytes32(uint256(_mask(0))))));
    }

    function _mask(uint64 top) private pure returns (uint192) {
        return uint192(uint256(keccak256(abi.encode(top))));
    }

    function test_theSameBatchTwiceHasNoSecondEffect() public {
        bytes32[] memory entries = _entries(4, 1);
        _append(gateway, entries);
        bytes32 root = accessLog.log(gateway.id).root;
        _refuseStart(0, entries);
        _refuseStart(5, entries);
        _refuseStart(type(uint64).max, entries);
        _eq(accessLog.log(gateway.id).root, root);
    }

    function _refuseStart(uint64 start, bytes32[] memory entries) private {
        vm.prank(gateway.key);
        vm.expectRevert(abi.encodeWithSelector(IAccessLog.BatchStartUnexpected.selector, gateway.id, 4, start));
        accessLog.append(start, entries, new IAgreementRegistry.Usage[](0));
    }

    function test_sizesOfBatches() public {
        _refuseSize(0);
        _refuseSize(4_081);
        _append(gateway, _entries(4_080, 1));
        _eq(accessLog.log(gateway.id).size, 4_080);
        _eq(accessLog.log(gateway.id).root, ReferenceTree.root(_entries(4_080, 1)));
    }

    function _refuseSize(uint256 size) private {
        bytes32[] memory entries = _entries(size, 1);
        vm.prank(gateway.key);
        vm.expectRevert(abi.encodeWithSelector(IAccessLog.BatchSizeInvalid.selector, size));
        accessLog.append(0, entries, new IAgreementRegistry.Usage[](0));
    }

    function test_eventTellsTheHead() public {
        vm.recordLogs();
        _append(gateway, _entries(2, 1));
        Vm.Log[] memory logs = vm.getRecordedLogs();
        _eq(logs.length, 1);
        _eq(logs[0].topics[0], IAccessLog.EntriesAppended.selector);
        _eq(logs[0].topics[1], ParticipantId.unwrap(gateway.id));
        (uint64 start, uint64 size, bytes32 root) = abi.decode(logs[0].data, (uint64, uint64, bytes32));
        _eq(start, 0);
        _eq(size, 2);
        _eq(root, ReferenceTree.root(_entries(2, 1)));
    }

    // --- Who appends ---

    function test_onlyAGatewayAppends() public {
        address[5] memory others = [outsider, hospital.key, consumer.key, regulator.key, address(this)];
        for (uint256 i = 0; i < others.length; ++i) _refuseSender(others[i]);
    }

    function test_delegateAppendsInItsInterval() public {
        address delegate = vm.addr(411);
        vm.prank(gateway.key);
        participants.authorizeDelegate(delegate, Defaults.NOW + 10);
        vm.warp(Defaults.NOW + 9);
        vm.prank(delegate);
        accessLog.append(0, _entries(1, 1), new IAgreementRegistry.Usage[](0));
        _eq(accessLog.log(gateway.id).size, 1);
        vm.warp(Defaults.NOW + 10);
        _refuseSender(delegate);
    }

    function test_rotatedKeyAppendsNoMore() public {
        vm.prank(gateway.key);
        participants.rotateKey(vm.addr(412));
        _refuseSender(gateway.key);
        vm.prank(vm.addr(412));
        accessLog.append(0, _entries(1, 1), new IAgreementRegistry.Usage[](0));
    }

    function test_suspendedGatewayAppends() public {
        participants.suspend(gateway.id, "");
        participants.suspend(hospital.id, "");
        _append(gateway, _entries(3, 1));
        _eq(accessLog.log(gateway.id).size, 3);
    }

    function _refuseSender(address sender) private {
        bytes32[] memory entries = _entries(1, 1);
        vm.prank(sender);
        vm.expectRevert(abi.encodeWithSelector(IAccessLog.GatewayUnauthorized.selector, sender));
        accessLog.append(0, entries, new IAgreementRegistry.Usage[](0));
    }

    // --- Metering ---

    function test_appendMeters() public {
        AgreementId id = _agree();
        IAgreementRegistry.Usage[] memory usages = new IAgreementRegistry.Usage[](2);
        usages[0] = IAgreementRegistry.Usage(id, 2);
        usages[1] = IAgreementRegistry.Usage(id, 1);
        vm.prank(gateway.key);
        accessLog.append(0, _entries(3, 1), usages);
        _eq(agreements.usesOf(id), 3);
    }

    function test_everyUseHasAnEntry() public {
        AgreementId id = _agree();
        IAgreementRegistry.Usage[] memory usages = new IAgreementRegistry.Usage[](2);
        usages[0] = IAgreementRegistry.Usage(id, type(uint64).max);
        usages[1] = IAgreementRegistry.Usage(id, type(uint64).max);
        vm.prank(gateway.key);
        vm.expectRevert(abi.encodeWithSelector(IAccessLog.UsesExceedEntries.selector, 2 * uint256(type(uint64).max), 3));
        accessLog.append(0, _entries(3, 1), usages);
        usages[0].count = 2;
        usages[1].count = 2;
        vm.prank(gateway.key);
        vm.expectRevert(abi.encodeWithSelector(IAccessLog.UsesExceedEntries.selector, 4, 3));
        accessLog.append(0, _entries(3, 1), usages);
    }

    function test_aGatewayMetersItsHospitalsAgreementsOnly() public {
        AgreementId id = _agree();
        IAgreementRegistry.Usage[] memory usages = new IAgreementRegistry.Usage[](1);
        usages[0] = IAgreementRegistry.Usage(id, 1);
        vm.prank(otherGateway.key);
        vm.expectRevert(abi.encodeWithSelector(IAgreementRegistry.UsageInvalid.selector, id, 1));
        accessLog.append(0, _entries(1, 1), usages);
        _eq(accessLog.log(otherGateway.id).size, 0);
    }

    // --- Heads ---

    function test_theLast256HeadsAreKnown() public {
        IAccessLog.TreeHead[] memory heads = new IAccessLog.TreeHead[](300);
        for (uint256 i = 0; i < 300; ++i) {
            _append(gateway, _entries(1 + (i % 3), i));
            heads[i] = _head(gateway);
            if (i == 0 || i == 1 || i == 100 || i == 254 || i == 255 || i == 256) _checkHeads(heads, i);
        }
        _checkHeads(heads, 299);
    }

    function _checkHeads(IAccessLog.TreeHead[] memory heads, uint256 last) private view {
        for (uint256 i = 0; i <= last; ++i) {
            _true(accessLog.isHead(gateway.id, heads[i]) == (i + 256 > last));
            bytes32 bit = bytes32(uint256(1) << ((i * 37) % 256));
            _true(!accessLog.isHead(gateway.id, IAccessLog.TreeHead(heads[i].size, heads[i].root ^ bit)));
            _true(!accessLog.isHead(gateway.id, IAccessLog.TreeHead(heads[i].size, 0)));
        }
        _true(!accessLog.isHead(gateway.id, IAccessLog.TreeHead(heads[last].size + 1, heads[last].root)));
    }

    function test_everyBitOfTheRootCounts() public {
        for (uint256 i = 0; i < 3; ++i) {
            _append(gateway, _entries(5, i));
            IAccessLog.TreeHead memory head = _head(gateway);
            if (i == 1) _append(gateway, _entries(5, 9));
            for (uint256 bit = 0; bit < 256; ++bit) {
                bytes32 flipped = head.root ^ bytes32(uint256(1) << bit);
                _true(!accessLog.isHead(gateway.id, IAccessLog.TreeHead(head.size, flipped)));
            }
            _true(accessLog.isHead(gateway.id, head));
        }
    }

    function test_thereIsNoEmptyHead() public {
        _true(!accessLog.isHead(gateway.id, IAccessLog.TreeHead(0, 0)));
        _true(!accessLog.isHead(gateway.id, IAccessLog.TreeHead(0, sha256(""))));
        _true(!accessLog.isHead(NOBODY, IAccessLog.TreeHead(0, 0)));
        _append(gateway, _entries(5, 1));
        _true(!accessLog.isHead(gateway.id, IAccessLog.TreeHead(0, 0)));
        _true(!accessLog.isHead(otherGateway.id, _head(gateway)));
        // A size between two heads is none.
        _append(gateway, _entries(5, 2));
        _true(!accessLog.isHead(gateway.id, IAccessLog.TreeHead(7, 0)));
    }

    // --- Proofs ---

    function test_verifiesInclusion() public {
        bytes32[] memory all = _entries(11, 1);
        _append(gateway, all);
        IAccessLog.TreeHead memory head = _head(gateway);
        for (uint64 i = 0; i < 11; ++i) {
            bytes32[] memory path = ReferenceTree.path(i, all);
            _true(accessLog.verifyInclusion(all[i], i, head, path));
            _true(!accessLog.verifyInclusion(all[i], i + 1, head, path));
            _true(!accessLog.verifyInclusion(all[(i + 1) % 11], i, head, path));
            path[0] ^= bytes32(uint256(1));
            _true(!accessLog.verifyInclusion(all[i], i, head, path));
        }
        _true(!accessLog.verifyInclusion(0, 0, IAccessLog.TreeHead(0, 0), new bytes32[](0)));
        _true(!accessLog.verifyInclusion(all[0], 0, IAccessLog.TreeHead(1, 0), new bytes32[](0)));
    }

    /// @dev In steady state, an append writes over slots that are not zero.
    function test_noBatchCreatesASlot() public {
        for (uint256 i = 0; i < 300; ++i) _append(gateway, _entries(7, i));
        for (uint256 i = 300; i < 310; ++i) {
            uint256 before = vm.snapshotState();
            vm.record();
            _append(gateway, _entries(7, i));
            (, bytes32[] memory writes) = vm.accesses(address(accessLog));
            _true(writes.length > 2 && writes.length < 16);
            vm.revertToState(before);
            for (uint256 j = 0; j < writes.length; ++j) _true(vm.load(address(accessLog), writes[j]) != 0);
            _append(gateway, _entries(7, i));
        }
    }

    function test_publishesTheKeyOfItsNotes() public {
        _eq(accessLog.noteKeyOf(gateway.id), bytes32(0));
        vm.prank(gateway.key);
        accessLog.publishNoteKey(bytes32(uint256(7)));
        _eq(accessLog.noteKeyOf(gateway.id), bytes32(uint256(7)));
        _eq(accessLog.noteKeyOf(otherGateway.id), bytes32(0));
    }

    function test_replacesAndWithdrawsTheKeyOfItsNotes() public {
        vm.startPrank(gateway.key);
        _refuseKey(0);
        accessLog.publishNoteKey(bytes32(uint256(7)));
        _refuseKey(bytes32(uint256(7)));
        accessLog.publishNoteKey(bytes32(uint256(8)));
        _eq(accessLog.noteKeyOf(gateway.id), bytes32(uint256(8)));
        accessLog.publishNoteKey(0);
        vm.stopPrank();
        _eq(accessLog.noteKeyOf(gateway.id), bytes32(0));
    }

    function _refuseKey(bytes32 key) private {
        vm.expectRevert(abi.encodeWithSelector(IAccessLog.NoteKeyUnchanged.selector, gateway.id, key));
        accessLog.publishNoteKey(key);
    }

    function test_onlyAKeyThatActsForItPublishesTheKeyOfItsNotes() public {
        address[4] memory others = [hospital.key, consumer.key, regulator.key, outsider];
        for (uint256 i = 0; i < others.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IAccessLog.GatewayUnauthorized.selector, others[i]));
            vm.prank(others[i]);
            accessLog.publishNoteKey(bytes32(uint256(7)));
        }
        vm.prank(gateway.key);
        participants.rotateKey(address(0xF5E5));
        vm.expectRevert(abi.encodeWithSelector(IAccessLog.GatewayUnauthorized.selector, gateway.key));
        vm.prank(gateway.key);
        accessLog.publishNoteKey(bytes32(uint256(7)));
    }

    function _slice(bytes32[] memory list, uint256 from, uint256 to) private pure returns (bytes32[] memory some) {
        some = new bytes32[](to - from);
        for (uint256 i = from; i < to; ++i) some[i - from] = list[i];
    }
}

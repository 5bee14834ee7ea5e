// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IERC5267 } from "@openzeppelin/contracts/interfaces/IERC5267.sol";
import { IAccessLog } from "../../contracts/interfaces/IAccessLog.sol";
import { IAgreementRegistry } from "../../contracts/interfaces/IAgreementRegistry.sol";
import { ParticipantId } from "../../contracts/interfaces/Types.sol";
import { Base } from "./support/Base.sol";
import { Defaults } from "./support/Defaults.sol";
import { ReferenceTree } from "./support/ReferenceTree.sol";
import { Vm, vm } from "./support/Vm.sol";
import { Wallet } from "./support/Wallets.sol";

contract ChallengeTest is Base {
    uint48 private constant DEADLINE = Defaults.NOW + 600;
    uint48 private constant GRACE = 1 hours;

    // --- Late ---

    function test_lateToTheSecond() public {
        IAccessLog.Receipt memory receipt = _receipt(3, _entries(4, 1));
        vm.warp(DEADLINE - 1);
        _refuse(receipt, abi.encodeWithSelector(IAccessLog.ReceiptNotDue.selector, DEADLINE));
        vm.warp(DEADLINE);
        vm.recordLogs();
        vm.prank(outsider);
        accessLog.challengeLate(gateway.id, _packed(receipt));
        _breached(3, IAccessLog.Fault.Late);
        _eq(accessLog.log(gateway.id).breachedAt, DEADLINE);
    }

    function test_lateWhileTheLogIsTooShort() public {
        bytes32[] memory all = _entries(4, 1);
        vm.warp(DEADLINE);
        _append(gateway, _slice(all, 0, 3));
        accessLog.challengeLate(gateway.id, _packed(_receipt(3, all)));
        _eq(accessLog.log(gateway.id).breachedIndex, 3);
    }

    function test_notLateOnceAnchored() public {
        bytes32[] memory all = _entries(4, 1);
        _append(gateway, all);
        vm.warp(DEADLINE);
        _refuse(_receipt(3, all), abi.encodeWithSelector(IAccessLog.ReceiptKept.selector, gateway.id, 3));
    }

    function test_breachStopsTheLogUntilARegulatorAcknowledges() public {
        bytes32[] memory all = _entries(4, 1);
        IAccessLog.Receipt memory receipt = _receipt(2, all);
        vm.warp(DEADLINE);
        accessLog.challengeLate(gateway.id, _packed(receipt));
        bytes memory breached = abi.encodeWithSelector(IAccessLog.LogBreached.selector, gateway.id, 2);
        vm.prank(gateway.key);
        vm.expectRevert(breached);
        accessLog.append(0, all, new IAgreementRegistry.Usage[](0));
        _refuse(receipt, breached);
        IAccessLog.Receipt memory other = _receipt(3, all);
        _refuse(other, breached);

        vm.prank(regulator.key);
        accessLog.acknowledge(gateway.id);
        _eq(accessLog.log(gateway.id).breachedAt, 0);
        _eq(accessLog.log(gateway.id).breachedIndex, 0);
        _refuse(receipt, abi.encodeWithSelector(IAccessLog.ReceiptAcknowledged.selector, gateway.id, 2));
        // The log has time to catch up.
        _refuse(other, abi.encodeWithSelector(IAccessLog.ReceiptNotDue.selector, DEADLINE + GRACE));
        vm.warp(DEADLINE + GRACE - 1);
        _refuse(other, abi.encodeWithSelector(IAccessLog.ReceiptNotDue.selector, DEADLINE + GRACE));
        vm.warp(DEADLINE + GRACE);
        accessLog.challengeLate(gateway.id, _packed(other));
        vm.prank(otherRegulator.key);
        accessLog.acknowledge(gateway.id);
        _append(gateway, all);
    }

    function test_graceShortensNoDeadline() public {
        bytes32[] memory all = _entries(4, 1);
        IAccessLog.Receipt memory receipt = _receipt(2, all);
        IAccessLog.Receipt memory longer = _receipt(3, all);
        longer.deadline = DEADLINE + 2 * GRACE;
        _resign(longer, gateway.secret);
        vm.warp(DEADLINE);
        accessLog.challengeLate(gateway.id, _packed(receipt));
        vm.prank(regulator.key);
        accessLog.acknowledge(gateway.id);
        vm.warp(DEADLINE + 2 * GRACE - 1);
        _refuse(longer, abi.encodeWithSelector(IAccessLog.ReceiptNotDue.selector, DEADLINE + 2 * GRACE));
        vm.warp(DEADLINE + 2 * GRACE);
        accessLog.challengeLate(gateway.id, _packed(longer));
    }

    function test_onlyAnActiveRegulatorAcknowledges() public {
        vm.prank(regulator.key);
        vm.expectRevert(abi.encodeWithSelector(IAccessLog.LogNotBreached.selector, gateway.id));
        accessLog.acknowledge(gateway.id);
        IAccessLog.Receipt memory receipt = _receipt(0, _entries(1, 1));
        vm.warp(DEADLINE);
        accessLog.challengeLate(gateway.id, _packed(receipt));
        participants.suspend(otherRegulator.id, "");
        address[5] memory others = [outsider, hospital.key, gateway.key, consumer.key, otherRegulator.key];
        for (uint256 i = 0; i < others.length; ++i) {
            vm.prank(others[i]);
            vm.expectRevert(abi.encodeWithSelector(IAccessLog.AcknowledgementUnauthorized.selector, others[i]));
            accessLog.acknowledge(gateway.id);
        }
        vm.recordLogs();
        vm.prank(regulator.key);
        accessLog.acknowledge(gateway.id);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        _eq(logs.length, 1);
        _eq(logs[0].topics[0], IAccessLog.BreachAcknowledged.selector);
        _eq(logs[0].topics[1], ParticipantId.unwrap(gateway.id));
        _eq(logs[0].topics[2], ParticipantId.unwrap(regulator.id));
    }

    // --- Receipts ---

    function test_receiptDigestIsThatOfTheBatch() public view {
        bytes32[] memory all = _entries(5, 1);
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Datapact"),
                keccak256("1"),
                block.chainid,
                address(accessLog)
            )
        );
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256("ReceiptBatch(bytes32 gateway,uint64 start,uint64 count,bytes32 root,uint48 issuedAt,uint48 deadline)"),
                gateway.id,
                uint64(100),
                uint64(5),
                ReferenceTree.root(all),
                Defaults.NOW,
                DEADLINE
            )
        );
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", domain, structHash));
        for (uint256 i = 0; i < 5; ++i) _eq(accessLog.receiptDigest(_receiptAt(100, i, all)), digest);
    }

    function test_aReceiptWhosePathCannotBelongHasNoDigest() public {
        IAccessLog.Receipt memory receipt = _receiptAt(10, 2, _entries(4, 1));
        receipt.index = 9;
        vm.expectRevert(abi.encodeWithSelector(IAccessLog.ReceiptInvalid.selector, gateway.id, 9));
        accessLog.receiptDigest(receipt);
        receipt.index = 14;
        vm.expectRevert(abi.encodeWithSelector(IAccessLog.ReceiptInvalid.selector, gateway.id, 14));
        accessLog.receiptDigest(receipt);
        receipt.index = 12;
        receipt.path = new bytes32[](1);
        vm.expectRevert(abi.encodeWithSelector(IAccessLog.ReceiptInvalid.selector, gateway.id, 12));
        accessLog.receiptDigest(receipt);
    }

    function test_refusesReceiptsOutsideTheirBatch() public {
        bytes32[] memory all = _entries(4, 1);
        vm.warp(DEADLINE);
        IAccessLog.Receipt memory receipt = _receiptAt(10, 0, all);
        uint64[4] memory outside = [uint64(9), 14, 0, type(uint64).max];
        for (uint256 i = 0; i < 4; ++i) {
            receipt.index = outside[i];
            _refuseReceipt(receipt);
        }
        receipt = _receiptAt(10, 0, all);
        receipt.count = 0;
        _refuseReceipt(receipt);
        receipt = _receiptAt(type(uint64).max - 1, 0, all);
        receipt.index = type(uint64).max - 1;
        accessLog.challengeLate(gateway.id, _packed(receipt));
    }

    function test_refusesEveryChangeOfAReceipt() public {
        bytes32[] memory all = _entries(4, 1);
        vm.warp(DEADLINE + 10);
        for (uint256 change = 0; change < 9; ++change) {
            IAccessLog.Receipt memory receipt = _receipt(3, all);
            if (change == 0) receipt.gateway = otherGateway.id;
            if (change == 1) receipt.index = 2;
            if (change == 2) receipt.entry ^= bytes32(uint256(1));
            if (change == 3) receipt.start = 1;
            if (change == 4) receipt.count = 5;
            if (change == 5) receipt.issuedAt += 1;
            if (change == 6) receipt.deadline -= 1;
            if (change == 7) receipt.path[1] ^= bytes32(uint256(1));
            if (change == 8) receipt.path = _slice(receipt.path, 0, 1);
            _refuseReceipt(receipt);
        }
    }

    function testFuzz_refusesEveryFlippedBitOfTheSignature(uint256 place) public {
        IAccessLog.Receipt memory receipt = _receipt(3, _entries(4, 1));
        vm.warp(DEADLINE);
        place %= 520;
        receipt.signature[place / 8] ^= bytes1(uint8(1 << (place % 8)));
        _refuseReceipt(receipt);
    }

    function test_onlyKeysOfTheGatewayAtThatTimeSign() public {
        bytes32[] memory all = _entries(4, 1);
        uint256[4] memory others = [hospital.secret, consumer.secret, otherGateway.secret, uint256(999)];
        IAccessLog.Receipt memory receipt = _receipt(3, all);
        vm.warp(DEADLINE);
        for (uint256 i = 0; i < 4; ++i) {
            _resign(receipt, others[i]);
            _refuseReceipt(receipt);
        }
        receipt.signature = new bytes(65);
        _refuseReceipt(receipt);
        receipt.issuedAt = Defaults.NOW - 1;
        _resign(receipt, gateway.secret);
        _refuseReceipt(receipt);
    }

    function test_oldReceiptsStayVerifiableAfterRotation() public {
        bytes32[] memory all = _entries(4, 1);
        IAccessLog.Receipt memory receipt = _receipt(3, all);
        vm.warp(Defaults.NOW + 5);
        vm.prank(gateway.key);
        participants.rotateKey(vm.addr(413));
        IAccessLog.Receipt memory tooLate = _receipt(2, all);
        tooLate.issuedAt = Defaults.NOW + 5;
        _resign(tooLate, gateway.secret);
        vm.warp(DEADLINE);
        _refuseReceipt(tooLate);
        accessLog.challengeLate(gateway.id, _packed(receipt));
    }

    function test_delegateSignsReceiptsInItsInterval() public {
        bytes32[] memory all = _entries(4, 1);
        vm.prank(gateway.key);
        participants.authorizeDelegate(vm.addr(411), Defaults.NOW + 10);
        IAccessLog.Receipt memory receipt = _receipt(3, all);
        receipt.issuedAt = Defaults.NOW + 10;
        _resign(receipt, 411);
        vm.warp(DEADLINE);
        _refuseReceipt(receipt);
        receipt.issuedAt = Defaults.NOW + 9;
        _resign(receipt, 411);
        accessLog.challengeLate(gateway.id, _packed(receipt));
    }

    /// @dev A wallet could sign today and deny tomorrow, so that its receipts would be worth nothing.
    function test_aWalletSignsNoReceipts() public {
        Wallet wallet = new Wallet(vm.addr(777));
        wallet.behave(Wallet.Behavior.AcceptsAll);
        vm.prank(gateway.key);
        participants.rotateKey(address(wallet));
        IAccessLog.Receipt memory receipt = _receipt(3, _entries(4, 1));
        _resign(receipt, 777);
        vm.warp(DEADLINE);
        _refuseReceipt(receipt);
    }

    function test_aReceiptDoesNotCountOnAForkOfTheChain() public {
        IAccessLog.Receipt memory receipt = _receipt(3, _entries(4, 1));
        vm.warp(DEADLINE);
        vm.chainId(4242);
        _refuseReceipt(receipt);
    }

    // --- Replaced ---

    function test_replacedUnderTheCurrentHeadAndAnOlderOne() public {
        bytes32[] memory promised = _entries(6, 1);
        bytes32[] memory actual = _entries(6, 1);
        actual[4] = keccak256("other");
        _append(gateway, actual);
        IAccessLog.TreeHead memory head = _head(gateway);
        _append(gateway, _entries(3, 2));
        IAccessLog.Receipt memory receipt = _receipt(4, promised);
        vm.recordLogs();
        vm.prank(outsider);
        accessLog.challengeReplaced(gateway.id, _packed(receipt), head, actual[4], ReferenceTree.path(4, actual));
        _breached(4, IAccessLog.Fault.Replaced);
    }

    function test_replacedUnderTheCurrentHead() public {
        bytes32[] memory actual = _entries(6, 3);
        _append(gateway, actual);
        IAccessLog.Receipt memory receipt = _receipt(5, _entries(6, 1));
        vm.recordLogs();
        accessLog.challengeReplaced(gateway.id, _packed(receipt), _head(gateway), actual[5], ReferenceTree.path(5, actual));
        _breached(5, IAccessLog.Fault.Replaced);
    }

    function test_refusesReplacedWithoutProof() public {
        bytes32[] memory all = _entries(6, 1);
        _append(gateway, all);
        IAccessLog.TreeHead memory head = _head(gateway);
        IAccessLog.Receipt memory receipt = _receipt(4, all);
        bytes32[] memory path = ReferenceTree.path(4, all);
        vm.expectRevert(abi.encodeWithSelector(IAccessLog.ReceiptKept.selector, gateway.id, 4));
        accessLog.challengeReplaced(gateway.id, _packed(receipt), head, all[4], path);
        vm.expectRevert(abi.encodeWithSelector(IAccessLog.ProofInvalid.selector, 4));
        accessLog.challengeReplaced(gateway.id, _packed(receipt), head, all[3], path);
        path = ReferenceTree.path(3, all);
        vm.expectRevert(abi.encodeWithSelector(IAccessLog.ProofInvalid.selector, 4));
        accessLog.challengeReplaced(gateway.id, _packed(receipt), head, all[3], path);
        bytes32[] memory forged = _entries(6, 9);
        path = ReferenceTree.path(4, forged);
        head.root = ReferenceTree.root(forged);
        vm.expectRevert(abi.encodeWithSelector(IAccessLog.HeadUnknown.selector, gateway.id, 6));
        accessLog.challengeReplaced(gateway.id, _packed(receipt), head, forged[4], path);
        vm.expectRevert(abi.encodeWithSelector(IAccessLog.HeadUnknown.selector, gateway.id, 0));
        accessLog.challengeReplaced(gateway.id, _packed(receipt), IAccessLog.TreeHead(0, 0), forged[4], path);
    }

    function test_refusesReplacedWithAForgedReceipt() public {
        bytes32[] memory all = _entries(6, 1);
        _append(gateway, all);
        IAccessLog.TreeHead memory head = _head(gateway);
        IAccessLog.Receipt memory receipt = _receipt(4, _entries(6, 2));
        _resign(receipt, 999);
        bytes32[] memory path = ReferenceTree.path(4, all);
        vm.expectRevert(abi.encodeWithSelector(IAccessLog.ReceiptInvalid.selector, gateway.id, 4));
        accessLog.challengeReplaced(gateway.id, _packed(receipt), head, all[4], path);
    }

    // --- Equivocation ---

    function test_equivocation() public {
        IAccessLog.Receipt memory first = _receipt(4, _entries(6, 1));
        IAccessLog.Receipt memory second = _receiptAt(3, 1, _entries(2, 2));
        vm.recordLogs();
        vm.prank(outsider);
        accessLog.challengeEquivocation(gateway.id, _packed(first), _packed(second));
        _breached(4, IAccessLog.Fault.Equivocation);
        vm.prank(regulator.key);
        accessLog.acknowledge(gateway.id);
        vm.expectRevert(abi.encodeWithSelector(IAccessLog.ReceiptAcknowledged.selector, gateway.id, 4));
        accessLog.challengeEquivocation(gateway.id, _packed(first), _packed(second));
    }

    function test_refusesEquivocationThatIsNone() public {
        bytes32[] memory all = _entries(6, 1);
        IAccessLog.Receipt memory first = _receipt(4, all);
        // The same promise in two batches.
        IAccessLog.Receipt memory again = _receiptAt(4, 0, _slice(all, 4, 6));
        _refuseTwo(first, again, abi.encodeWithSelector(IAccessLog.ReceiptKept.selector, gateway.id, 4));
        _refuseTwo(first, first, abi.encodeWithSelector(IAccessLog.ReceiptKept.selector, gateway.id, 4));
        IAccessLog.Receipt memory second = _receipt(5, all);
        _refuseTwo(first, second, abi.encodeWithSelector(IAccessLog.ReceiptInvalid.selector, gateway.id, 5));
        second = _receipt(4, _entries(6, 2));
        second.gateway = otherGateway.id;
        _resign(second, otherGateway.secret);
        _refuseTwo(first, second, abi.encodeWithSelector(IAccessLog.ReceiptInvalid.selector, gateway.id, 4));
        second = _receipt(4, _entries(6, 2));
        _resign(second, otherGateway.secret);
        _refuseTwo(first, second, abi.encodeWithSelector(IAccessLog.ReceiptInvalid.selector, gateway.id, 4));
        _refuseTwo(second, first, abi.encodeWithSelector(IAccessLog.ReceiptInvalid.selector, gateway.id, 4));
    }

    /// @dev Each of the two is asked for the key of its own time.
    function test_equivocationOfTwoKeys() public {
        IAccessLog.Receipt memory first = _receipt(4, _entries(6, 1));
        IAccessLog.Receipt memory second = _receipt(4, _entries(6, 2));
        vm.warp(Defaults.NOW + 5);
        vm.prank(gateway.key);
        participants.rotateKey(vm.addr(413));
        bytes memory refusal = abi.encodeWithSelector(IAccessLog.ReceiptInvalid.selector, gateway.id, 4);
        second.issuedAt = Defaults.NOW + 5;
        _resign(second, gateway.secret);
        _refuseTwo(first, second, refusal);
        _refuseTwo(second, first, refusal);
        second.issuedAt = Defaults.NOW + 4;
        _resign(second, 413);
        _refuseTwo(first, second, refusal);
        second.issuedAt = Defaults.NOW - 1;
        _resign(second, gateway.secret);
        _refuseTwo(first, second, refusal);
        second.issuedAt = Defaults.NOW + 5;
        _resign(second, 413);
        accessLog.challengeEquivocation(gateway.id, _packed(first), _packed(second));
    }

    // --- Packing ---

    function test_refusesEveryOtherLength() public {
        bytes32[] memory all = _entries(4, 1);
        bytes memory packed = _packed(_receipt(3, all));
        bytes32[] memory path = ReferenceTree.path(3, all);
        vm.warp(DEADLINE);
        for (uint256 length = 0; length < packed.length + 40; ++length) {
            if (length >= 133 && (length - 133) % 32 == 0) continue;
            bytes memory other = _resized(packed, length);
            vm.expectRevert(abi.encodeWithSelector(IAccessLog.ReceiptMalformed.selector, length));
            accessLog.challengeLate(gateway.id, other);
            vm.expectRevert(abi.encodeWithSelector(IAccessLog.ReceiptMalformed.selector, length));
            accessLog.challengeEquivocation(gateway.id, packed, other);
            vm.expectRevert(abi.encodeWithSelector(IAccessLog.ReceiptMalformed.selector, length));
            accessLog.challengeReplaced(gateway.id, other, IAccessLog.TreeHead(4, 0), all[0], path);
        }
        // Nodes too many or too few.
        for (uint256 length = 133; length < packed.length + 65; length += 32) {
            if (length == packed.length) continue;
            bytes memory other = _resized(packed, length);
            vm.expectRevert(abi.encodeWithSelector(IAccessLog.ReceiptInvalid.selector, gateway.id, 3));
            accessLog.challengeLate(gateway.id, other);
        }
    }

    /// @dev The batch of one has a way of its own.
    function test_receiptOfOneEntry() public {
        bytes32[] memory one = _entries(1, 1);
        IAccessLog.Receipt memory receipt = _receiptAt(7, 0, one);
        vm.warp(DEADLINE);
        receipt.index = 8;
        _refuseReceipt(receipt);
        receipt.index = 6;
        _refuseReceipt(receipt);
        receipt.index = 7;
        receipt.path = _entries(1, 2);
        _refuseReceipt(receipt);
        receipt.path = new bytes32[](0);
        receipt.count = 2;
        _refuseReceipt(receipt);
        receipt.count = 1;
        accessLog.challengeLate(gateway.id, _packed(receipt));
        _eq(accessLog.log(gateway.id).breachedIndex, 7);
    }

    /// @dev Of all that a gateway might sign, only the batch of the entry alone has a receipt without a path.
    function testFuzz_withoutAPathTheEntryIsAlone(uint64 index, uint64 start, uint64 count, uint8 kind) public {
        IAccessLog.Receipt memory receipt = _receiptAt(0, 0, _entries(1, 1));
        receipt.index = index;
        receipt.start = kind & 1 == 1 ? index : start;
        receipt.count = kind & 2 == 2 ? 1 : count;
        _signRoot(receipt, sha256(abi.encodePacked(bytes1(0), receipt.entry)));
        vm.warp(DEADLINE);
        if (receipt.start != index || receipt.count != 1) {
            _refuseReceipt(receipt);
        } else {
            accessLog.challengeLate(gateway.id, _packed(receipt));
            _eq(accessLog.log(gateway.id).breachedIndex, index);
        }
    }

    /// @dev A breach writes over the slot that holds the rest of the log's state.
    function testFuzz_aBreachChangesNothingElse(uint256 seed, uint64 index) public {
        bytes32[] memory all = _entries((seed % 20) + 1, seed);
        _append(gateway, all);
        vm.warp(DEADLINE);
        IAccessLog.Receipt memory receipt = _receiptAt((index % (type(uint64).max - 20)) + 20, 0, _entries(1, 1));
        accessLog.challengeLate(gateway.id, _packed(receipt));
        IAccessLog.Log memory log = accessLog.log(gateway.id);
        _eq(log.size, all.length);
        _eq(log.root, ReferenceTree.root(all));
        _eq(log.breachedIndex, receipt.index);
        _eq(log.breachedAt, DEADLINE);
        vm.prank(regulator.key);
        accessLog.acknowledge(gateway.id);
        _append(gateway, _entries(1, seed));
        _eq(accessLog.log(gateway.id).size, all.length + 1);
    }

    /// @dev What challenges read from the packed form is what `receiptDigest` reads from the plain one.
    function testFuzz_packedAndPlainReceiptsAgree(
        uint64 start,
        uint8 width,
        uint8 place,
        uint48 issuedAt,
        uint48 deadline,
        uint256 seed
    ) public {
        uint256 count = (uint256(width) % 40) + 1;
        start = uint64(uint256(start) % (type(uint64).max - 40));
        issuedAt = uint48(Defaults.NOW + (uint256(issuedAt) % (type(uint48).max - Defaults.NOW)));
        IAccessLog.Receipt memory receipt = _receiptAt(start, uint256(place) % count, _entries(count, seed));
        receipt.issuedAt = issuedAt;
        receipt.deadline = deadline;
        _resign(receipt, gateway.secret);
        vm.warp(deadline > Defaults.NOW ? deadline : Defaults.NOW);
        accessLog.challengeLate(gateway.id, _packed(receipt));
        _eq(accessLog.log(gateway.id).breachedIndex, receipt.index);
    }

    // --- Honesty ---

    /// @dev A gateway that anchors what it promised, in time, is accused of nothing, whatever the batches.
    function testFuzz_anHonestGatewayIsNeverAccused(uint256 seed, uint8 width) public {
        bytes32[] memory all = _entries(40, seed);
        uint256 batch = (uint256(width) % 40) + 1;
        for (uint256 from = 0; from < 40; from += batch) {
            uint256 to = from + batch < 40 ? from + batch : 40;
            _append(gateway, _slice(all, from, to));
        }
        vm.warp(DEADLINE + 1 days);
        IAccessLog.TreeHead memory head = _head(gateway);
        uint256 promised = seed % 40;
        uint256 start = promised - ((seed >> 8) % (promised + 1));
        uint256 end = promised + 1 + ((seed >> 16) % (40 - promised));
        IAccessLog.Receipt memory receipt = _receiptAt(uint64(start), promised - start, _slice(all, start, end));
        IAccessLog.Receipt memory again = _receiptAt(0, promised, all);

        bytes memory kept = abi.encodeWithSelector(IAccessLog.ReceiptKept.selector, gateway.id, promised);
        _refuse(receipt, kept);
        _refuseTwo(receipt, again, kept);
        for (uint256 i = 0; i < 40; ++i) {
            bytes memory refusal = i == promised ? kept : abi.encodeWithSelector(IAccessLog.ProofInvalid.selector, promised);
            _refuseReplacement(receipt, head, all, i, refusal);
        }
    }

    // --- Batches that are none ---

    /// @dev Even under the gateway's own signature a path that is too short, or none, leads nowhere.
    function test_refusesSignedBatchesWhosePathCannotBelongThere() public {
        bytes32[] memory all = _entries(4, 1);
        IAccessLog.Receipt memory receipt = _receipt(0, all);
        vm.warp(DEADLINE);
        // The first leaf as the root of four.
        receipt.path = new bytes32[](0);
        _signRoot(receipt, sha256(abi.encodePacked(bytes1(0), receipt.entry)));
        _refuseReceipt(receipt);
        receipt.count = 2;
        _signRoot(receipt, sha256(abi.encodePacked(bytes1(0), receipt.entry)));
        _refuseReceipt(receipt);
        receipt.count = 4;
        // The root of the first two as that of four.
        receipt.path = new bytes32[](1);
        receipt.path[0] = sha256(abi.encodePacked(bytes1(0), all[1]));
        _signRoot(receipt, ReferenceTree.root(_slice(all, 0, 2)));
        _refuseReceipt(receipt);
        // An index before the start, and beyond the end, under root zero.
        receipt = _receiptAt(4, 0, all);
        receipt.index = 3;
        _signRoot(receipt, 0);
        _refuseReceipt(receipt);
        receipt.index = 8;
        _signRoot(receipt, 0);
        _refuseReceipt(receipt);
    }

    function _signRoot(IAccessLog.Receipt memory receipt, bytes32 root) private view {
        (, , , uint256 chain, address log, , ) = IERC5267(address(accessLog)).eip712Domain();
        bytes32 domainType = keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
        bytes32 domain = keccak256(abi.encode(domainType, keccak256("Datapact"), keccak256("1"), chain, log));
        bytes32 batch = keccak256(
            "ReceiptBatch(bytes32 gateway,uint64 start,uint64 count,bytes32 root,uint48 issuedAt,uint48 deadline)"
        );
        (uint64 start, uint64 count) = (receipt.start, receipt.count);
        bytes memory words = abi.encode(batch, receipt.gateway, start, count, root, receipt.issuedAt, receipt.deadline);
        receipt.signature = _signature(gateway.secret, keccak256(abi.encodePacked(hex"1901", domain, keccak256(words))));
    }

    // --- Helpers ---

    function _refuseReplacement(
        IAccessLog.Receipt memory receipt,
        IAccessLog.TreeHead memory head,
        bytes32[] memory all,
        uint256 index,
        bytes memory refusal
    ) private {
        bytes32[] memory path = ReferenceTree.path(index, all);
        vm.expectRevert(refusal);
        accessLog.challengeReplaced(gateway.id, _packed(receipt), head, all[index], path);
    }

    function _receipt(uint256 index, bytes32[] memory entries) private view returns (IAccessLog.Receipt memory) {
        return _receiptAt(0, index, entries);
    }

    function _receiptAt(
        uint64 start,
        uint256 place,
        bytes32[] memory entries
    ) private view returns (IAccessLog.Receipt memory receipt) {
        receipt.gateway = gateway.id;
        receipt.index = start + uint64(place);
        receipt.entry = entries[place];
        receipt.start = start;
        receipt.count = uint64(entries.length);
        receipt.issuedAt = Defaults.NOW;
        receipt.deadline = DEADLINE;
        receipt.path = ReferenceTree.path(place, entries);
        _resign(receipt, gateway.secret);
    }

    function _resign(IAccessLog.Receipt memory receipt, uint256 secret) private view {
        receipt.signature = _signature(secret, accessLog.receiptDigest(receipt));
    }

    function _refuse(IAccessLog.Receipt memory receipt, bytes memory refusal) private {
        bytes memory packed = _packed(receipt);
        vm.expectRevert(refusal);
        accessLog.challengeLate(receipt.gateway, packed);
    }

    function _refuseReceipt(IAccessLog.Receipt memory receipt) private {
        _refuse(receipt, abi.encodeWithSelector(IAccessLog.ReceiptInvalid.selector, receipt.gateway, receipt.index));
    }

    function _refuseTwo(IAccessLog.Receipt memory first, IAccessLog.Receipt memory second, bytes memory refusal) private {
        vm.expectRevert(refusal);
        accessLog.challengeEquivocation(gateway.id, _packed(first), _packed(second));
    }

    function _breached(uint64 index, IAccessLog.Fault fault) private {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        _eq(logs.length, 1);
        _eq(logs[0].topics[0], IAccessLog.PromiseBroken.selector);
        _eq(logs[0].topics[1], ParticipantId.unwrap(gateway.id));
        _eq(keccak256(logs[0].data), keccak256(abi.encode(index, fault)));
        IAccessLog.Log memory log = accessLog.log(gateway.id);
        _true(log.breachedAt != 0);
        _eq(log.breachedIndex, index);
    }

    function _resized(bytes memory data, uint256 length) private pure returns (bytes memory other) {
        other = new bytes(length);
        for (uint256 i = 0; i < length && i < data.length; ++i) other[i] = data[i];
    }

    function _slice(bytes32[] memory list, uint256 from, uint256 to) private pure returns (bytes32[] memory some) {
        some = new bytes32[](to - from);
        for (uint256 i = from; i < to; ++i) some[i - from] = list[i];
    }
}

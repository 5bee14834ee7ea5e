// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import { IAccessLog } from "./interfaces/IAccessLog.sol";
import { IAgreementRegistry } from "./interfaces/IAgreementRegistry.sol";
import { IParticipantRegistry } from "./interfaces/IParticipantRegistry.sol";
import { ParticipantId, Role } from "./interfaces/Types.sol";
import { MerkleTree } from "./libraries/MerkleTree.sol";
import { PackedReceipts } from "./libraries/PackedReceipts.sol";

/// @title The audit trail
contract AccessLog is IAccessLog, EIP712 {
    using MerkleTree for bytes32[64];
    using PackedReceipts for bytes;

    // --- Types ---

    /// @dev The first six fields share one slot. After its first use no slot is new: an append only writes over.
    /// @param rootTop Upper 64 bits of the root, which the newest head lacks.
    /// @param newest Place of the newest head in the ring.
    /// @param wasAcknowledged True once a breach was acknowledged: only then the last two fields say anything.
    /// @param heads Ring of the last heads, packed. From the oldest on, their sizes rise; places not yet used hold zero.
    /// @param acknowledgedAt Time of the last acknowledgement.
    struct State {
        uint64 size;
        uint64 breachedIndex;
        uint64 rootTop;
        uint48 breachedAt;
        uint8 newest;
        bool wasAcknowledged;
        bytes32[64] frontier;
        bytes32[256] heads;
        uint48 acknowledgedAt;
        mapping(uint64 index => bool) isAcknowledged;
    }

    // --- Constants ---

    /// @dev A transaction pool takes at most 128 KiB.
    uint256 private constant MAX_BATCH = 4_080;
    /// @dev Time in which an acknowledged log must catch up: other late receipts do not stop it again before.
    uint48 private constant GRACE = 1 hours;
    // solhint-disable gas-small-strings
    bytes32 private constant RECEIPT_TYPE = keccak256(
        "ReceiptBatch(bytes32 gateway,uint64 start,uint64 count,bytes32 root,uint48 issuedAt,uint48 deadline)"
    );
    // solhint-enable gas-small-strings

    // --- Immutables ---

    IParticipantRegistry private immutable PARTICIPANTS;
    IAgreementRegistry private immutable AGREEMENTS;

    // --- Storage ---

    mapping(ParticipantId gateway => State) private _states;
    mapping(ParticipantId gateway => bytes32) private _noteKeys;

    // --- Constructor ---

    constructor(IParticipantRegistry participants, IAgreementRegistry agreements) EIP712("Datapact", "1") {
        PARTICIPANTS = participants;
        AGREEMENTS = agreements;
    }

    // --- External writes ---

    /// @inheritdoc IAccessLog
    /// @dev A suspended gateway still appends: what happened is never kept from the record.
    function append(uint64 start, bytes32[] calldata entries, IAgreementRegistry.Usage[] calldata usages) external {
        (ParticipantId gateway, ParticipantId hospital) = PARTICIPANTS.gatewayOf(msg.sender);
        if (gateway == ParticipantId.wrap(0)) revert GatewayUnauthorized(msg.sender);
        State storage state = _states[gateway];
        if (entries.length == 0 || entries.length > MAX_BATCH) revert BatchSizeInvalid(entries.length);
        if (state.breachedAt != 0) revert LogBreached(gateway, state.breachedIndex);
        if (state.size != start) revert BatchStartUnexpected(gateway, state.size, start);
        _checkUsages(usages, entries.length);
        if (usages.length != 0) AGREEMENTS.meter(hospital, usages);

        bytes32 root = state.frontier.append(start, entries);
        uint64 size = start + uint64(entries.length);
        uint8 newest;
        unchecked {
            newest = state.newest + 1;
        }
        state.heads[newest] = _pack(size, root);
        state.size = size;
        state.rootTop = uint64(uint256(root) >> 192);
        state.newest = newest;
        emit EntriesAppended(gateway, start, size, root);
    }

    /// @inheritdoc IAccessLog
    function challengeLate(ParticipantId gateway, bytes calldata receipt) external {
        State storage state = _states[gateway];
        (uint256 facts, uint64 index, uint48 due) = _requireChallengeable(state, gateway, receipt);
        if (index < uint64(facts)) revert ReceiptKept(gateway, index);
        uint48 deadline = receipt.deadlineOf();
        if (deadline > due) due = deadline;
        if (_now() < due) revert ReceiptNotDue(due);
        _requireKey(gateway, receipt.signerOf(_formOf(gateway)), receipt, index);

        _breach(state, facts, gateway, index, Fault.Late);
    }

    /// @inheritdoc IAccessLog
    function challengeReplaced(
        ParticipantId gateway,
        bytes calldata receipt,
        TreeHead calldata head,
        bytes32 other,
        bytes32[] calldata path
    ) external {
        State storage state = _states[gateway];
        (uint256 facts, uint64 index, ) = _requireChallengeable(state, gateway, receipt);
        if (other == receipt.entryOf()) revert ReceiptKept(gateway, index);
        if (!_isHead(state, head)) revert HeadUnknown(gateway, head.size);
        if (!verifyInclusion(other, index, head, path)) revert ProofInvalid(index);
        _requireKey(gateway, receipt.signerOf(_formOf(gateway)), receipt, index);

        _breach(state, facts, gateway, index, Fault.Replaced);
    }

    /// @inheritdoc IAccessLog
    function challengeEquivocation(ParticipantId gateway, bytes calldata first, bytes calldata second) external {
        State storage state = _states[gateway];
        (uint256 facts, uint64 index, ) = _requireChallengeable(state, gateway, first);
        if (!second.isReceipt()) revert ReceiptMalformed(second.length);
        if (second.indexOf() != index) revert ReceiptInvalid(gateway, second.indexOf());
        if (second.entryOf() == first.entryOf()) revert ReceiptKept(gateway, index);
        uint256 form = _formOf(gateway);
        address key = first.signerOf(form);
        (uint256 validFrom, uint256 validUntil) = _requireKey(gateway, key, first, index);
        address other = second.signerOf(form);
        if (other != key || !_isIn(validFrom, validUntil, second.issuedAtOf())) _requireKey(gateway, other, second, index);

        _breach(state, facts, gateway, index, Fault.Equivocation);
    }

    /// @inheritdoc IAccessLog
    function acknowledge(ParticipantId gateway) external {
        ParticipantId by = PARTICIPANTS.principalOf(msg.sender);
        if (!PARTICIPANTS.isActive(by, Role.Regulator)) revert AcknowledgementUnauthorized(msg.sender);
        State storage state = _states[gateway];
        if (state.breachedAt == 0) revert LogNotBreached(gateway);

        uint64 index = state.breachedIndex;
        state.breachedIndex = 0;
        state.breachedAt = 0;
        state.wasAcknowledged = true;
        state.acknowledgedAt = _now();
        state.isAcknowledged[index] = true;
        emit BreachAcknowledged(gateway, index, by);
    }

    /// @inheritdoc IAccessLog
    /// @dev A key that may append may also say who signs for what it appended.
    function publishNoteKey(bytes32 key) external {
        (ParticipantId gateway, ) = PARTICIPANTS.gatewayOf(msg.sender);
        if (gateway == ParticipantId.wrap(0)) revert GatewayUnauthorized(msg.sender);
        if (_noteKeys[gateway] == key) revert NoteKeyUnchanged(gateway, key);

        _noteKeys[gateway] = key;
        emit NoteKeyPublished(gateway, key);
    }

    // --- External reads ---

    /// @inheritdoc IAccessLog
    function log(ParticipantId gateway) external view returns (Log memory) {
        State storage state = _states[gateway];
        return Log(state.size, state.breachedIndex, state.breachedAt, _root(state));
    }

    /// @inheritdoc IAccessLog
    function isHead(ParticipantId gateway, TreeHead calldata head) external view returns (bool) {
        return _isHead(_states[gateway], head);
    }

    /// @inheritdoc IAccessLog
    function noteKeyOf(ParticipantId gateway) external view returns (bytes32) {
        return _noteKeys[gateway];
    }

    /// @inheritdoc IAccessLog
    /// @dev Reverts if the receipt's path cannot belong to its index: such a receipt has no digest.
    function receiptDigest(Receipt calldata receipt) external view returns (bytes32) {
        (uint64 index, uint64 start, uint64 count) = (receipt.index, receipt.start, receipt.count);
        if (index < start) revert ReceiptInvalid(receipt.gateway, index);
        (bool isPath, bytes32 root) = MerkleTree.rootOf(receipt.entry, index - start, count, receipt.path);
        if (!isPath) revert ReceiptInvalid(receipt.gateway, index);
        return
            _hashTypedDataV4(
                keccak256(abi.encode(RECEIPT_TYPE, receipt.gateway, start, count, root, receipt.issuedAt, receipt.deadline))
            );
    }

    /// @inheritdoc IAccessLog
    function verifyInclusion(
        bytes32 entry,
        uint64 index,
        TreeHead calldata head,
        bytes32[] calldata path
    ) public view returns (bool) {
        (bool isPath, bytes32 root) = MerkleTree.rootOf(entry, index, head.size, path);
        return isPath && root == head.root;
    }

    // --- Internal ---

    /// @dev A log without a breach has no index of one: both fields are zero in `facts`.
    function _breach(State storage state, uint256 facts, ParticipantId gateway, uint64 index, Fault fault) private {
        uint256 breached = facts | (uint256(index) << 64) | (uint256(_now()) << 192);
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            sstore(state.slot, breached)
        }
        emit PromiseBroken(gateway, index, fault);
    }

    /// @dev Returns the first slot of the state too, with the log's size in its lowest bits, and the time before which nothing is late.
    function _requireChallengeable(
        State storage state,
        ParticipantId gateway,
        bytes calldata receipt
    ) private view returns (uint256 facts, uint64 index, uint48 due) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            facts := sload(state.slot)
        }
        if (!receipt.isReceipt()) revert ReceiptMalformed(receipt.length);
        if (uint48(facts >> 192) != 0) revert LogBreached(gateway, state.breachedIndex);
        index = receipt.indexOf();
        // wasAcknowledged, the highest field.
        if (facts >> 248 != 0) {
            if (state.isAcknowledged[index]) revert ReceiptAcknowledged(gateway, index);
            due = state.acknowledgedAt + GRACE;
        }
    }

    function _formOf(ParticipantId gateway) private view returns (uint256) {
        return PackedReceipts.formOf(RECEIPT_TYPE, gateway, _domainSeparatorV4());
    }

    /// @dev Returns when the key acted. The zero address, which no signature yields, never did.
    function _requireKey(
        ParticipantId gateway,
        address key,
        bytes calldata receipt,
        uint64 index
    ) private view returns (uint256 validFrom, uint256 validUntil) {
        (validFrom, validUntil) = _periodOf(key, gateway);
        if (!_isIn(validFrom, validUntil, receipt.issuedAtOf())) revert ReceiptInvalid(gateway, index);
    }

    /// @dev Without the compiler's checks of each word, since the answer is a contract's of ours.
    function _periodOf(address key, ParticipantId gateway) private view returns (uint256 validFrom, uint256 validUntil) {
        IParticipantRegistry participants = PARTICIPANTS;
        bytes4 selector = IParticipantRegistry.periodOf.selector;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, selector)
            mstore(add(free, 0x04), key)
            mstore(add(free, 0x24), gateway)
            let success := staticcall(gas(), participants, free, 0x44, 0x00, 0x40)
            if iszero(and(success, eq(returndatasize(), 0x40))) {
                revert(0x00, 0x00)
            }
            validFrom := mload(0x00)
            validUntil := mload(0x20)
        }
    }

    function _isIn(uint256 validFrom, uint256 validUntil, uint256 time) private pure returns (bool isIt) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            isIt := gt(lt(time, validUntil), lt(time, validFrom))
        }
    }

    function _isHead(State storage state, TreeHead calldata head) private view returns (bool) {
        if (head.size == 0) return false;
        bytes32 packed = _pack(head.size, head.root);
        uint256 newest = state.newest;
        if (head.size == state.size) {
            return state.heads[newest] == packed && state.rootTop == uint64(uint256(head.root) >> 192);
        }
        uint256 low = 1;
        uint256 high = 256;
        while (low < high) {
            uint256 middle = (low + high) / 2;
            uint256 size = uint256(state.heads[(newest + middle) % 256]) >> 192;
            if (size < head.size) low = middle + 1;
            else high = middle;
        }
        return state.heads[(newest + low) % 256] == packed;
    }

    /// @dev The root of the newest head; zero if there is none.
    function _root(State storage state) private view returns (bytes32) {
        if (state.size == 0) return 0;
        uint256 end = uint192(uint256(state.heads[state.newest])) ^ _mask(state.rootTop);
        return bytes32((uint256(state.rootTop) << 192) | end);
    }

    /// @dev The size over the root's lower 192 bits, which are masked by the upper 64: so the one word depends on every bit of the head
    /// and still gives the newest root back, whose upper bits are known. It saves a slot that every batch would write.
    function _pack(uint64 size, bytes32 root) private pure returns (bytes32) {
        uint256 end = uint192(uint256(root)) ^ _mask(uint64(uint256(root) >> 192));
        return bytes32((uint256(size) << 192) | end);
    }

    function _mask(uint64 rootTop) private pure returns (uint192) {
        return uint192(uint256(keccak256(abi.encode(rootTop))));
    }

    /// @dev Every use has an entry of its own.
    function _checkUsages(IAgreementRegistry.Usage[] calldata usages, uint256 entries) private pure {
        uint256 uses = 0;
        for (uint256 i = 0; i < usages.length; ++i) uses += usages[i].count;
        if (uses > entries) revert UsesExceedEntries(uses, entries);
    }

    function _now() private view returns (uint48) {
        return uint48(block.timestamp);
    }
}

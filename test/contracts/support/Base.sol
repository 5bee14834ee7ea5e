// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IAccessManager } from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import { IAccessLog } from "../../../contracts/interfaces/IAccessLog.sol";
import { IAgreementRegistry } from "../../../contracts/interfaces/IAgreementRegistry.sol";
import { IDatasetRegistry } from "../../../contracts/interfaces/IDatasetRegistry.sol";
import { IParticipantRegistry } from "../../../contracts/interfaces/IParticipantRegistry.sol";
import { IUsagePolicy } from "../../../contracts/interfaces/IUsagePolicy.sol";
import { AgreementId, DatasetId, ParticipantId } from "../../../contracts/interfaces/Types.sol";
import { Defaults } from "./Defaults.sol";
import { vm } from "./Vm.sol";

/// @notice The ledger with its named actors. This contract is the authority's admin, without a delay.
abstract contract Base {
    struct Actor {
        ParticipantId id;
        address key;
        uint256 secret;
    }

    error NotEqual(uint256 actual, uint256 expected);
    error NotTrue();

    uint8 internal constant HOSPITAL = 1;
    uint8 internal constant CONSUMER = 2;
    uint8 internal constant REGULATOR = 4;
    uint8 internal constant GATEWAY = 8;
    ParticipantId internal constant NOBODY = ParticipantId.wrap(0);

    IAccessManager internal manager;
    IParticipantRegistry internal participants;
    IDatasetRegistry internal datasets;
    IAgreementRegistry internal agreements;
    IAccessLog internal accessLog;
    IUsagePolicy internal usagePolicy;

    Actor internal hospital;
    Actor internal otherHospital;
    Actor internal consumer;
    Actor internal otherConsumer;
    Actor internal regulator;
    Actor internal otherRegulator;
    Actor internal gateway;
    Actor internal otherGateway;
    address internal outsider = address(0x0057);
    DatasetId internal dataset;

    function setUp() public virtual {
        vm.warp(Defaults.NOW);
        manager = IAccessManager(_deploy("Authority", abi.encode(this, _delay())));
        participants = IParticipantRegistry(_deploy("ParticipantRegistry", abi.encode(manager)));
        datasets = IDatasetRegistry(_deploy("DatasetRegistry", abi.encode(participants)));
        agreements = _deployAgreements(vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1), 1);
        accessLog = IAccessLog(_deploy("AccessLog", abi.encode(participants, agreements)));
        usagePolicy = IUsagePolicy(_deploy("UsagePolicy", abi.encode(participants, datasets, agreements, accessLog)));

        hospital = _admit("HOSPITAL-1", HOSPITAL, NOBODY, 11);
        otherHospital = _admit("HOSPITAL-2", HOSPITAL | CONSUMER, NOBODY, 12);
        consumer = _admit("CONSUMER-1", CONSUMER, NOBODY, 21);
        otherConsumer = _admit("CONSUMER-2", CONSUMER, NOBODY, 22);
        regulator = _appoint("REGULATOR-1", 31);
        otherRegulator = _appoint("REGULATOR-2", 32);
        gateway = _admit("GATEWAY-1", GATEWAY, hospital.id, 41);
        otherGateway = _admit("GATEWAY-2", GATEWAY, otherHospital.id, 42);
        vm.prank(hospital.key);
        dataset = datasets.register("diabetes", Defaults.description(), Defaults.rules());
    }

    /// @dev Between announcing and doing, for those who govern.
    function _delay() internal pure virtual returns (uint32) {
        return 0;
    }

    function _deployAgreements(address log, uint8 approvals) internal returns (IAgreementRegistry) {
        bytes memory arguments = abi.encode(manager, participants, datasets, log, approvals);
        return IAgreementRegistry(_deploy("AgreementRegistry", arguments));
    }

    /// @dev By name and not by `new`, so that no test carries the code of what it tests: each compiles in a tenth of the time.
    function _deploy(string memory name, bytes memory arguments) internal returns (address deployed) {
        bytes memory code = bytes.concat(vm.getCode(string.concat(name, ".sol:", name)), arguments);
        assembly ("memory-safe") {
            deployed := create(0, add(code, 0x20), mload(code))
            if iszero(deployed) {
                let free := mload(0x40)
                returndatacopy(free, 0, returndatasize())
                revert(free, returndatasize())
            }
        }
    }

    function _admit(string memory number, uint8 roles, ParticipantId home, uint256 secret) internal returns (Actor memory actor) {
        actor.key = vm.addr(secret);
        actor.secret = secret;
        actor.id = participants.admit(number, string.concat("Name of ", number), roles, home, actor.key);
    }

    function _appoint(string memory number, uint256 secret) internal returns (Actor memory actor) {
        actor.key = vm.addr(secret);
        actor.secret = secret;
        actor.id = participants.appoint(number, string.concat("Name of ", number), actor.key);
    }

    // --- Agreements ---

    function _terms() internal view returns (IAgreementRegistry.Terms memory) {
        return Defaults.terms(hospital.id, consumer.id, dataset);
    }

    function _offer() internal returns (AgreementId) {
        return _offer(_terms());
    }

    function _offer(IAgreementRegistry.Terms memory terms) internal returns (AgreementId) {
        return agreements.offer(terms, Defaults.POLICY);
    }

    function _sign(AgreementId id, IAgreementRegistry.Capacity capacity, Actor memory by) internal {
        bytes memory signature = _signature(by.secret, agreements.digestToSign(id, capacity, by.id));
        agreements.sign(id, capacity, by.id, signature);
    }

    function _signAll(AgreementId id) internal {
        _sign(id, IAgreementRegistry.Capacity.Assignee, consumer);
        _sign(id, IAgreementRegistry.Capacity.Assigner, hospital);
        _sign(id, IAgreementRegistry.Capacity.Regulator, regulator);
    }

    function _agree() internal returns (AgreementId) {
        return _agree(_terms());
    }

    function _agree(IAgreementRegistry.Terms memory terms) internal returns (AgreementId id) {
        id = _offer(terms);
        _signAll(id);
    }

    function _signature(uint256 secret, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(secret, digest);
        return abi.encodePacked(r, s, v);
    }

    function _request(AgreementId id) internal view returns (IUsagePolicy.UsageRequest memory) {
        return Defaults.request(gateway.id, id, consumer.key);
    }

    // --- The log ---

    function _entries(uint256 count, uint256 seed) internal pure returns (bytes32[] memory entries) {
        entries = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) entries[i] = keccak256(abi.encode(seed, i));
    }

    function _append(Actor memory by, bytes32[] memory entries) internal {
        uint64 start = accessLog.log(by.id).size;
        vm.prank(by.key);
        accessLog.append(start, entries, new IAgreementRegistry.Usage[](0));
    }

    function _head(Actor memory by) internal view returns (IAccessLog.TreeHead memory) {
        IAccessLog.Log memory log = accessLog.log(by.id);
        return IAccessLog.TreeHead(log.size, log.root);
    }

    /// @dev A receipt as challenges take it.
    function _packed(IAccessLog.Receipt memory receipt) internal pure returns (bytes memory) {
        (bytes32 entry, uint64 index, uint64 start) = (receipt.entry, receipt.index, receipt.start);
        bytes memory range = abi.encodePacked(entry, index, start, receipt.count);
        return abi.encodePacked(range, receipt.issuedAt, receipt.deadline, receipt.signature, receipt.path);
    }

    // --- Assertions ---

    function _true(bool condition) internal pure {
        if (!condition) revert NotTrue();
    }

    function _eq(uint256 actual, uint256 expected) internal pure {
        if (actual != expected) revert NotEqual(actual, expected);
    }

    function _eq(bytes32 actual, bytes32 expected) internal pure {
        _eq(uint256(actual), uint256(expected));
    }

    function _eq(address actual, address expected) internal pure {
        _eq(uint160(actual), uint160(expected));
    }

    function _eq(ParticipantId actual, ParticipantId expected) internal pure {
        _eq(ParticipantId.unwrap(actual), ParticipantId.unwrap(expected));
    }

    function _eq(AgreementId actual, AgreementId expected) internal pure {
        _eq(AgreementId.unwrap(actual), AgreementId.unwrap(expected));
    }

    function _eq(DatasetId actual, DatasetId expected) internal pure {
        _eq(DatasetId.unwrap(actual), DatasetId.unwrap(expected));
    }

    function _is(AgreementId id, IAgreementRegistry.Status expected) internal view {
        _eq(uint8(agreements.status(id)), uint8(expected));
    }
}

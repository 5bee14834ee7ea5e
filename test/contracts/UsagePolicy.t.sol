// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IAccessLog } from "../../contracts/interfaces/IAccessLog.sol";
import { IAgreementRegistry } from "../../contracts/interfaces/IAgreementRegistry.sol";
import { IDatasetRegistry } from "../../contracts/interfaces/IDatasetRegistry.sol";
import { IUsagePolicy } from "../../contracts/interfaces/IUsagePolicy.sol";
import { AgreementId, Disclosure, ParticipantId } from "../../contracts/interfaces/Types.sol";
import { Base } from "./support/Base.sol";
import { Defaults } from "./support/Defaults.sol";
import { vm } from "./support/Vm.sol";

contract UsagePolicyTest is Base {
    AgreementId private id;

    function setUp() public override {
        super.setUp();
        id = _agree();
        vm.warp(Defaults.FROM);
    }

    function test_permits() public view {
        IUsagePolicy.Decision memory decision = usagePolicy.evaluate(_request(id));
        _true(decision.permitted);
        _eq(uint8(decision.reason), uint8(IUsagePolicy.DenialReason.None));
        _eq(decision.until, Defaults.UNTIL);
        _eq(decision.usesLeft, Defaults.MAX_USES);
    }

    function test_orderOfReasons() public pure {
        _eq(uint8(IUsagePolicy.DenialReason.None), 0);
        _eq(uint8(IUsagePolicy.DenialReason.AgreementUnknown), 1);
        _eq(uint8(IUsagePolicy.DenialReason.GatewayUnknown), 2);
        _eq(uint8(IUsagePolicy.DenialReason.GatewaySuspended), 3);
        _eq(uint8(IUsagePolicy.DenialReason.GatewayBreached), 4);
        _eq(uint8(IUsagePolicy.DenialReason.SignerUnknown), 5);
        _eq(uint8(IUsagePolicy.DenialReason.AssignerSuspended), 6);
        _eq(uint8(IUsagePolicy.DenialReason.AssigneeSuspended), 7);
        _eq(uint8(IUsagePolicy.DenialReason.DatasetRetired), 8);
        _eq(uint8(IUsagePolicy.DenialReason.DatasetSuspended), 9);
        _eq(uint8(IUsagePolicy.DenialReason.DatasetChanged), 10);
        _eq(uint8(IUsagePolicy.DenialReason.AgreementNotFinalized), 11);
        _eq(uint8(IUsagePolicy.DenialReason.AgreementTerminated), 12);
        _eq(uint8(IUsagePolicy.DenialReason.AgreementSuspended), 13);
        _eq(uint8(IUsagePolicy.DenialReason.AgreementNotYetValid), 14);
        _eq(uint8(IUsagePolicy.DenialReason.AgreementExpired), 15);
        _eq(uint8(IUsagePolicy.DenialReason.PurposeMismatch), 16);
        _eq(uint8(IUsagePolicy.DenialReason.PurposeNotPermitted), 17);
        _eq(uint8(IUsagePolicy.DenialReason.FieldOutsideLicense), 18);
        _eq(uint8(IUsagePolicy.DenialReason.DisclosureNotPermitted), 19);
        _eq(uint8(IUsagePolicy.DenialReason.LevelNotPermitted), 20);
        _eq(uint8(IUsagePolicy.DenialReason.CohortBelowFloor), 21);
        _eq(uint8(IUsagePolicy.DenialReason.UsesExhausted), 22);
    }

    // --- Agreement, gateway, signer ---

    function test_agreementUnknown() public view {
        _denies(_request(AgreementId.wrap(0)), IUsagePolicy.DenialReason.AgreementUnknown);
        IUsagePolicy.UsageRequest memory request = _request(AgreementId.wrap(keccak256("unknown")));
        _denies(request, IUsagePolicy.DenialReason.AgreementUnknown);
        IUsagePolicy.Decision memory decision = usagePolicy.evaluate(request);
        _eq(decision.until, type(uint48).max);
        _eq(decision.usesLeft, 0);
    }

    function test_gatewayUnknown() public view {
        ParticipantId[6] memory others = [
            NOBODY,
            ParticipantId.wrap(keccak256("unknown")),
            otherGateway.id,
            hospital.id,
            consumer.id,
            regulator.id
        ];
        for (uint256 i = 0; i < others.length; ++i) {
            IUsagePolicy.UsageRequest memory request = _request(id);
            request.gateway = others[i];
            _denies(request, IUsagePolicy.DenialReason.GatewayUnknown);
        }
    }

    function test_gatewaySuspended() public {
        participants.suspend(gateway.id, "");
        _denies(IUsagePolicy.DenialReason.GatewaySuspended);
        participants.reinstate(gateway.id);
        _true(usagePolicy.evaluate(_request(id)).permitted);
    }

    function test_gatewayBreached() public {
        IAccessLog.Receipt memory receipt;
        receipt.gateway = gateway.id;
        receipt.count = 1;
        receipt.issuedAt = Defaults.NOW;
        receipt.deadline = Defaults.NOW + 60;
        receipt.path = new bytes32[](0);
        receipt.signature = _signature(gateway.secret, accessLog.receiptDigest(receipt));
        accessLog.challengeLate(gateway.id, _packed(receipt));
        _denies(IUsagePolicy.DenialReason.GatewayBreached);
        vm.prank(regulator.key);
        accessLog.acknowledge(gateway.id);
        _true(usagePolicy.evaluate(_request(id)).permitted);
    }

    function test_signerUnknown() public {
        address[5] memory others = [address(0), outsider, hospital.key, otherConsumer.key, regulator.key];
        for (uint256 i = 0; i < others.length; ++i) {
            IUsagePolicy.UsageRequest memory request = _request(id);
            request.signer = others[i];
            _denies(request, IUsagePolicy.DenialReason.SignerUnknown);
        }
        vm.prank(consumer.key);
        participants.rotateKey(vm.addr(211));
        _denies(IUsagePolicy.DenialReason.SignerUnknown);
    }

    function test_delegateToTheSecond() public {
        address delegate = vm.addr(212);
        vm.prank(consumer.key);
        participants.authorizeDelegate(delegate, Defaults.FROM + 100);
        IUsagePolicy.UsageRequest memory request = _request(id);
        request.signer = delegate;
        IUsagePolicy.Decision memory decision = usagePolicy.evaluate(request);
        _true(decision.permitted);
        _eq(decision.until, Defaults.FROM + 100);
        vm.warp(Defaults.FROM + 99);
        _true(usagePolicy.evaluate(request).permitted);
        vm.warp(Defaults.FROM + 100);
        _denies(request, IUsagePolicy.DenialReason.SignerUnknown);
        _eq(usagePolicy.evaluate(request).until, Defaults.UNTIL);
    }

    function test_revokedDelegateInTheSameBlock() public {
        address delegate = vm.addr(212);
        vm.startPrank(consumer.key);
        participants.authorizeDelegate(delegate, Defaults.UNTIL);
        participants.revokeDelegate(delegate);
        vm.stopPrank();
        IUsagePolicy.UsageRequest memory request = _request(id);
        request.signer = delegate;
        _denies(request, IUsagePolicy.DenialReason.SignerUnknown);
    }

    // --- Parties and dataset ---

    function test_assignerSuspended() public {
        participants.suspend(hospital.id, "");
        _denies(IUsagePolicy.DenialReason.AssignerSuspended);
    }

    function test_assigneeSuspended() public {
        participants.suspend(consumer.id, "");
        _denies(IUsagePolicy.DenialReason.AssigneeSuspended);
    }

    function test_datasetRetired() public {
        vm.prank(hospital.key);
        datasets.retire(dataset);
        _denies(IUsagePolicy.DenialReason.DatasetRetired);
    }

    function test_datasetSuspended() public {
        vm.prank(hospital.key);
        datasets.suspend(dataset, "");
        _denies(IUsagePolicy.DenialReason.DatasetSuspended);
        vm.prank(hospital.key);
        datasets.reinstate(dataset);
        vm.prank(regulator.key);
        datasets.suspend(dataset, "");
        _denies(IUsagePolicy.DenialReason.DatasetSuspended);
    }

    function test_datasetChanged() public {
        vm.prank(hospital.key);
        datasets.update(dataset, Defaults.wideDescription(10), Defaults.rules());
        _denies(IUsagePolicy.DenialReason.DatasetChanged);
    }

    // --- The agreement's life ---

    function test_agreementNotFinalized() public {
        IAgreementRegistry.Terms memory terms = _terms();
        terms.salt = keccak256("offered");
        AgreementId offered = _offer(terms);
        _denies(_request(offered), IUsagePolicy.DenialReason.AgreementNotFinalized);
        _sign(offered, IAgreementRegistry.Capacity.Assigner, hospital);
        _denies(_request(offered), IUsagePolicy.DenialReason.AgreementNotFinalized);
        _sign(offered, IAgreementRegistry.Capacity.Assignee, consumer);
        _denies(_request(offered), IUsagePolicy.DenialReason.AgreementNotFinalized);
        _sign(offered, IAgreementRegistry.Capacity.Regulator, regulator);
        _true(usagePolicy.evaluate(_request(offered)).permitted);
    }

    function test_agreementTerminated() public {
        vm.prank(consumer.key);
        agreements.terminate(id, "");
        _denies(IUsagePolicy.DenialReason.AgreementTerminated);
    }

    function test_replacedAgreementIsTerminated() public {
        IAgreementRegistry.Terms memory terms = _terms();
        terms.replaces = id;
        AgreementId second = _agree(terms);
        _denies(IUsagePolicy.DenialReason.AgreementTerminated);
        _true(usagePolicy.evaluate(_request(second)).permitted);
    }

    function test_agreementSuspendedInTheSameBlock() public {
        Actor[3] memory actors = [hospital, consumer, regulator];
        for (uint256 i = 0; i < 3; ++i) {
            _true(usagePolicy.evaluate(_request(id)).permitted);
            vm.prank(actors[i].key);
            agreements.suspend(id, "");
            _denies(IUsagePolicy.DenialReason.AgreementSuspended);
            vm.prank(actors[i].key);
            agreements.reinstate(id);
        }
    }

    function test_agreementNotYetValidAndExpired() public {
        vm.warp(Defaults.FROM - 1);
        IUsagePolicy.UsageRequest memory request = _request(id);
        request.time = Defaults.FROM - 1;
        _denies(request, IUsagePolicy.DenialReason.AgreementNotYetValid);
        _eq(usagePolicy.evaluate(request).until, Defaults.FROM);
        vm.warp(Defaults.FROM);
        _true(usagePolicy.evaluate(request).permitted);
        vm.warp(Defaults.UNTIL - 1);
        _true(usagePolicy.evaluate(request).permitted);
        _eq(usagePolicy.evaluate(request).until, Defaults.UNTIL);
        vm.warp(Defaults.UNTIL);
        _denies(request, IUsagePolicy.DenialReason.AgreementExpired);
        _eq(usagePolicy.evaluate(request).until, type(uint48).max);
        vm.warp(Defaults.UNTIL + 1);
        _denies(request, IUsagePolicy.DenialReason.AgreementExpired);
    }

    function test_theLaterClockCounts() public view {
        IUsagePolicy.UsageRequest memory request = _request(id);
        request.time = 0;
        _true(usagePolicy.evaluate(request).permitted);
        request.time = Defaults.UNTIL - 1;
        _true(usagePolicy.evaluate(request).permitted);
        request.time = Defaults.UNTIL;
        _denies(request, IUsagePolicy.DenialReason.AgreementExpired);
        request.time = type(uint48).max - 1;
        _denies(request, IUsagePolicy.DenialReason.AgreementExpired);
        request.time = type(uint48).max;
        _denies(request, IUsagePolicy.DenialReason.SignerUnknown);
    }

    // --- Scope ---

    function test_purposeMismatch() public view {
        string[3] memory others = ["", "DUO:0000042", "DUO:0000007 "];
        for (uint256 i = 0; i < 3; ++i) {
            IUsagePolicy.UsageRequest memory request = _request(id);
            request.purpose = others[i];
            _denies(request, IUsagePolicy.DenialReason.PurposeMismatch);
        }
    }

    function test_purposeNotPermittedAnyMore() public {
        IDatasetRegistry.Rules memory rules = Defaults.rules();
        rules.purposes[0] = "DUO:0000099";
        _update(rules);
        _denies(IUsagePolicy.DenialReason.PurposeNotPermitted);
    }

    function test_fieldOutsideLicense() public view {
        IUsagePolicy.UsageRequest memory request = _request(id);
        uint256[3] memory outside = [Defaults.NAME, 1 << 6, 1 << 255];
        for (uint256 i = 0; i < 3; ++i) {
            request.fields = outside[i];
            _denies(request, IUsagePolicy.DenialReason.FieldOutsideLicense);
            request.fields = Defaults.ALL_BUT_DIRECT | outside[i];
            _denies(request, IUsagePolicy.DenialReason.FieldOutsideLicense);
        }
        request.fields = Defaults.ALL_BUT_DIRECT;
        _true(usagePolicy.evaluate(request).permitted);
        // count(*) mentions no field.
        request.fields = 0;
        _true(usagePolicy.evaluate(request).permitted);
    }

    function test_disclosureNotPermitted() public {
        IUsagePolicy.UsageRequest memory request = _request(id);
        request.disclosure = uint8(Disclosure.Deidentified);
        _true(usagePolicy.evaluate(request).permitted);
        for (uint256 disclosure = uint8(Disclosure.Identified); disclosure < 256; disclosure += 11) {
            request.disclosure = uint8(disclosure);
            _denies(request, IUsagePolicy.DenialReason.DisclosureNotPermitted);
        }
        IDatasetRegistry.Rules memory rules = Defaults.rules();
        rules.maxDisclosure = Disclosure.Aggregate;
        _update(rules);
        request.disclosure = uint8(Disclosure.Deidentified);
        _denies(request, IUsagePolicy.DenialReason.DisclosureNotPermitted);
        request.disclosure = uint8(Disclosure.Aggregate);
        _true(usagePolicy.evaluate(request).permitted);
    }

    function test_levelNotPermitted() public {
        IAgreementRegistry.Terms memory terms = _terms();
        terms.fields = Defaults.ALL;
        terms.disclosure = Disclosure.Identified;
        IUsagePolicy.UsageRequest memory request = _request(_agree(terms));
        request.fields = Defaults.NAME;
        request.disclosure = uint8(Disclosure.Aggregate);
        _denies(request, IUsagePolicy.DenialReason.LevelNotPermitted);
        request.disclosure = uint8(Disclosure.Deidentified);
        _denies(request, IUsagePolicy.DenialReason.LevelNotPermitted);
        request.disclosure = uint8(Disclosure.Identified);
        _true(usagePolicy.evaluate(request).permitted);
        request.fields = Defaults.ALL_BUT_DIRECT;
        request.disclosure = uint8(Disclosure.Aggregate);
        _true(usagePolicy.evaluate(request).permitted);
    }

    function test_cohortBelowFloor() public {
        IDatasetRegistry.Rules memory rules = Defaults.rules();
        rules.minCohort = 11;
        _update(rules);
        _denies(IUsagePolicy.DenialReason.CohortBelowFloor);
    }

    function test_usesExhausted() public {
        _use(Defaults.MAX_USES - 1);
        IUsagePolicy.Decision memory decision = usagePolicy.evaluate(_request(id));
        _true(decision.permitted);
        _eq(decision.usesLeft, 1);
        _use(1);
        _denies(IUsagePolicy.DenialReason.UsesExhausted);
        _eq(usagePolicy.evaluate(_request(id)).usesLeft, 0);
        _use(3);
        _denies(IUsagePolicy.DenialReason.UsesExhausted);
        _eq(usagePolicy.evaluate(_request(id)).usesLeft, 0);
    }

    function test_replacementGoesOnCounting() public {
        _use(Defaults.MAX_USES);
        IAgreementRegistry.Terms memory terms = _terms();
        terms.replaces = id;
        terms.salt = keccak256("same limit");
        _denies(_request(_agree(terms)), IUsagePolicy.DenialReason.UsesExhausted);
    }

    // --- Whole ---

    /// @dev Permitted means in force; and what is in force is permitted to a fitting request.
    function testFuzz_permittedMeansInForce(uint256 stops, uint48 time) public {
        if (stops & 1 != 0) participants.suspend(hospital.id, "");
        if (stops & 2 != 0) participants.suspend(consumer.id, "");
        for (uint256 i = 0; i < 3; ++i) {
            vm.startPrank(
                i == 0
                    ? hospital.key
                    : i == 1
                        ? consumer.key
                        : regulator.key
            );
            if ((stops >> (2 + i)) & 1 != 0) agreements.suspend(id, "");
            vm.stopPrank();
        }
        vm.startPrank(hospital.key);
        if (stops & 32 != 0) datasets.suspend(dataset, "");
        if (stops & 448 == 448) agreements.terminate(id, "");
        if (stops & 3584 == 3584) datasets.retire(dataset);
        vm.stopPrank();
        time = Defaults.FROM - 1 days + (time % 40 days);
        vm.warp(time);
        IUsagePolicy.UsageRequest memory request = _request(id);
        request.time = time;
        bool isInForce = agreements.status(id) == IAgreementRegistry.Status.InForce;
        _true(usagePolicy.evaluate(request).permitted == isInForce);
    }

    function testFuzz_neverReverts(IUsagePolicy.UsageRequest memory request, uint8 known) public view {
        if (known & 1 != 0) request.agreement = id;
        if (known & 2 != 0) request.gateway = gateway.id;
        if (known & 4 != 0) request.signer = consumer.key;
        if (known & 8 != 0) request.purpose = Defaults.PURPOSE;
        if (known & 16 != 0) request.time %= Defaults.UNTIL;
        if (known & 32 != 0) request.fields &= Defaults.ALL_BUT_DIRECT;
        IUsagePolicy.Decision memory decision = usagePolicy.evaluate(request);
        _true(decision.permitted == (decision.reason == IUsagePolicy.DenialReason.None));
    }

    /// @dev Before `until`, the clock alone changes nothing.
    function testFuzz_untilHolds(uint48 first, uint48 second, uint48 delegated) public {
        address delegate = vm.addr(212);
        vm.prank(consumer.key);
        participants.authorizeDelegate(delegate, Defaults.FROM + 1 + (delegated % 40 days));
        first = Defaults.FROM + (first % 40 days);
        second = first + (second % 40 days);
        IUsagePolicy.UsageRequest memory request = _request(id);
        request.signer = delegate;
        vm.warp(first);
        IUsagePolicy.Decision memory before = usagePolicy.evaluate(request);
        _true(before.until > first);
        vm.warp(second);
        IUsagePolicy.Decision memory then = usagePolicy.evaluate(request);
        if (second < before.until) _eq(uint8(then.reason), uint8(before.reason));
    }

    function _denies(IUsagePolicy.DenialReason reason) private view {
        _denies(_request(id), reason);
    }

    function _denies(IUsagePolicy.UsageRequest memory request, IUsagePolicy.DenialReason reason) private view {
        IUsagePolicy.Decision memory decision = usagePolicy.evaluate(request);
        _true(!decision.permitted);
        _eq(uint8(decision.reason), uint8(reason));
    }

    function _update(IDatasetRegistry.Rules memory rules) private {
        vm.prank(hospital.key);
        datasets.update(dataset, Defaults.description(), rules);
    }

    function _use(uint64 count) private {
        IAgreementRegistry.Usage[] memory usages = new IAgreementRegistry.Usage[](1);
        usages[0] = IAgreementRegistry.Usage(id, count);
        uint64 start = accessLog.log(gateway.id).size;
        vm.prank(gateway.key);
        accessLog.append(start, _entries(count, start), usages);
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IAgreementRegistry } from "../../contracts/interfaces/IAgreementRegistry.sol";
import { IDatasetRegistry } from "../../contracts/interfaces/IDatasetRegistry.sol";
import { AgreementId, Assurance, DatasetId, Disclosure, ParticipantId } from "../../contracts/interfaces/Types.sol";
import { Base } from "./support/Base.sol";
import { Defaults } from "./support/Defaults.sol";
import { vm } from "./support/Vm.sol";

contract OfferTest is Base {
    function test_offerPublishesTermsThatBindNobody() public {
        vm.prank(outsider);
        AgreementId id = _offer();
        _eq(id, agreements.idOf(_terms()));
        _eq(keccak256(abi.encode(agreements.terms(id))), keccak256(abi.encode(_terms())));
        IAgreementRegistry.Facts memory facts = agreements.facts(id);
        _eq(facts.offeredAt, Defaults.NOW);
        _eq(facts.assignerSignedAt, 0);
        _eq(facts.assigneeSignedAt, 0);
        _eq(facts.finalizedAt, 0);
        _eq(facts.approvals, 0);
        _eq(facts.lineage, id);
        _is(id, IAgreementRegistry.Status.Offered);
    }

    function test_nothingIsKnownOfOtherIds() public view {
        AgreementId[2] memory ids = [AgreementId.wrap(0), AgreementId.wrap(keccak256("unknown"))];
        for (uint256 i = 0; i < 2; ++i) {
            _is(ids[i], IAgreementRegistry.Status.Unknown);
            _eq(agreements.usesOf(ids[i]), 0);
            _eq(agreements.facts(ids[i]).offeredAt, 0);
            _eq(agreements.terms(ids[i]).maxUses, 0);
        }
    }

    /// @dev The type strings and words are written out here once more: a wallet must show exactly these.
    function test_idIsTheDigestOfTheTerms() public {
        IAgreementRegistry.Terms memory terms = _terms();
        _eq(agreements.idOf(terms), AgreementId.wrap(_digest(_structHash(terms, "Deidentified", "Receipt"))));
        terms.disclosure = Disclosure.Aggregate;
        terms.assurance = Assurance.Anchored;
        _eq(agreements.idOf(terms), AgreementId.wrap(_digest(_structHash(terms, "Aggregate", "Anchored"))));
        terms.disclosure = Disclosure.Identified;
        _eq(agreements.idOf(terms), AgreementId.wrap(_digest(_structHash(terms, "Identified", "Anchored"))));

        AgreementId id = _offer(terms);
        string[3] memory capacities = ["Assigner", "Assignee", "Regulator"];
        for (uint8 i = 0; i < 3; ++i) {
            bytes32 structHash = keccak256(
                abi.encode(
                    keccak256(
                        "Signature(string capacity,bytes32 signer,Terms terms)Terms(bytes32 assigner,bytes32 assignee,bytes32 dataset,bytes32 description,string purpose,uint256 fields,string rows,string disclosure,uint32 minCohort,uint64 maxUses,uint64 maxRows,uint48 validFrom,uint48 validUntil,string assurance,bytes32 policy,bytes32 replaces,bytes32 salt)"
                    ),
                    keccak256(bytes(capacities[i])),
                    hospital.id,
                    _structHash(terms, "Identified", "Anchored")
                )
            );
            _eq(agreements.digestToSign(id, IAgreementRegistry.Capacity(i), hospital.id), _digest(structHash));
        }
    }

    function _structHash(
        IAgreementRegistry.Terms memory terms,
        string memory disclosure,
        string memory assurance
    ) private pure returns (bytes32) {
        bytes32 typeHash = keccak256(
            "Terms(bytes32 assigner,bytes32 assignee,bytes32 dataset,bytes32 description,string purpose,uint256 fields,string rows,string disclosure,uint32 minCohort,uint64 maxUses,uint64 maxRows,uint48 validFrom,uint48 validUntil,string assurance,bytes32 policy,bytes32 replaces,bytes32 salt)"
        );
        bytes32[18] memory words;
        words[0] = typeHash;
        words[1] = ParticipantId.unwrap(terms.assigner);
        words[2] = ParticipantId.unwrap(terms.assignee);
        words[3] = DatasetId.unwrap(terms.dataset);
        words[4] = terms.description;
        words[5] = keccak256(bytes(terms.purpose));
        words[6] = bytes32(terms.fields);
        words[7] = keccak256(bytes(terms.rows));
        words[8] = keccak256(bytes(disclosure));
        words[9] = bytes32(uint256(terms.minCohort));
        words[10] = bytes32(uint256(terms.maxUses));
        words[11] = bytes32(uint256(terms.maxRows));
        words[12] = bytes32(uint256(terms.validFrom));
        words[13] = bytes32(uint256(terms.validUntil));
        words[14] = keccak256(bytes(assurance));
        words[15] = terms.policy;
        words[16] = AgreementId.unwrap(terms.replaces);
        words[17] = terms.salt;
        return keccak256(abi.encodePacked(words));
    }

    function _digest(bytes32 structHash) private view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Datapact"),
                keccak256("1"),
                block.chainid,
                address(agreements)
            )
        );
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }

    function test_refusesTheSameTermsTwice() public {
        AgreementId id = _offer();
        _refuse(_terms(), abi.encodeWithSelector(IAgreementRegistry.AgreementExists.selector, id));
        vm.prank(consumer.key);
        agreements.terminate(id, "no");
        _refuse(_terms(), abi.encodeWithSelector(IAgreementRegistry.AgreementExists.selector, id));
    }

    // --- Parties ---

    function test_refusesParties() public {
        IAgreementRegistry.Terms memory terms = _terms();
        ParticipantId[4] memory noHospitals = [NOBODY, consumer.id, regulator.id, gateway.id];
        for (uint256 i = 0; i < 4; ++i) {
            terms.assigner = noHospitals[i];
            _refuseParty(terms, noHospitals[i]);
        }
        terms = _terms();
        ParticipantId[4] memory noConsumers = [NOBODY, hospital.id, regulator.id, gateway.id];
        for (uint256 i = 0; i < 4; ++i) {
            terms.assignee = noConsumers[i];
            _refuseParty(terms, noConsumers[i]);
        }
    }

    function test_refusesOneInBothCapacities() public {
        vm.prank(otherHospital.key);
        DatasetId own = datasets.register("own", Defaults.description(), Defaults.rules());
        _refuseParty(Defaults.terms(otherHospital.id, otherHospital.id, own), otherHospital.id);
        // A hospital that is a consumer too may use another's data.
        _offer(Defaults.terms(hospital.id, otherHospital.id, dataset));
    }

    function test_refusesSuspendedParties() public {
        participants.suspend(hospital.id, "");
        _refuseParty(_terms(), hospital.id);
        participants.reinstate(hospital.id);
        participants.suspend(consumer.id, "");
        _refuseParty(_terms(), consumer.id);
    }

    function _refuseParty(IAgreementRegistry.Terms memory terms, ParticipantId party) private {
        _refuse(terms, abi.encodeWithSelector(IAgreementRegistry.TermsPartyInvalid.selector, party));
    }

    // --- Scope ---

    function test_refusesDatasets() public {
        IAgreementRegistry.Terms memory terms = _terms();
        terms.assigner = otherHospital.id;
        _refuseDataset(terms);
        terms = _terms();
        terms.dataset = DatasetId.wrap(keccak256("unknown"));
        _refuseDataset(terms);
        terms.dataset = DatasetId.wrap(0);
        _refuseDataset(terms);
        terms = _terms();
        vm.prank(hospital.key);
        datasets.suspend(dataset, "");
        _refuseDataset(terms);
        vm.prank(hospital.key);
        datasets.reinstate(dataset);
        vm.prank(regulator.key);
        datasets.suspend(dataset, "");
        _refuseDataset(terms);
        vm.prank(regulator.key);
        datasets.reinstate(dataset);
        vm.prank(hospital.key);
        datasets.retire(dataset);
        _refuseDataset(terms);
    }

    function _refuseDataset(IAgreementRegistry.Terms memory terms) private {
        _refuse(terms, abi.encodeWithSelector(IAgreementRegistry.TermsDatasetInvalid.selector, terms.dataset));
    }

    function test_refusesAnotherDescription() public {
        IAgreementRegistry.Terms memory terms = _terms();
        terms.description = keccak256("other");
        _refuse(terms, abi.encodeWithSelector(IAgreementRegistry.TermsDescriptionInvalid.selector, terms.description));
    }

    function test_refusesPurposes() public {
        IAgreementRegistry.Terms memory terms = _terms();
        string[4] memory wrong = ["", "DUO:0000004", "duo:0000007", "DUO:0000007 "];
        for (uint256 i = 0; i < 4; ++i) {
            terms.purpose = wrong[i];
            _refuse(terms, abi.encodeWithSelector(IAgreementRegistry.TermsPurposeInvalid.selector, wrong[i]));
        }
    }

    function test_refusesFields() public {
        IAgreementRegistry.Terms memory terms = _terms();
        uint256[4] memory wrong = [0, Defaults.CODE | (1 << 6), type(uint256).max, Defaults.ALL];
        for (uint256 i = 0; i < 4; ++i) {
            terms.fields = wrong[i];
            _refuse(terms, abi.encodeWithSelector(IAgreementRegistry.TermsFieldsInvalid.selector, wrong[i]));
        }
        terms.fields = Defaults.ALL;
        terms.disclosure = Disclosure.Aggregate;
        _refuse(terms, abi.encodeWithSelector(IAgreementRegistry.TermsFieldsInvalid.selector, terms.fields));
        terms.disclosure = Disclosure.Identified;
        _offer(terms);
    }

    function test_allFieldsOfAFullDataset() public {
        vm.prank(hospital.key);
        DatasetId wide = datasets.register("wide", Defaults.wideDescription(256), Defaults.rules());
        IAgreementRegistry.Terms memory terms = Defaults.terms(hospital.id, consumer.id, wide);
        terms.description = datasets.dataset(wide).description;
        terms.fields = type(uint256).max;
        terms.disclosure = Disclosure.Identified;
        _offer(terms);
    }

    function test_refusesDisclosureBeyondTheHoldersRules() public {
        IDatasetRegistry.Rules memory rules = Defaults.rules();
        rules.maxDisclosure = Disclosure.Aggregate;
        vm.prank(hospital.key);
        datasets.update(dataset, Defaults.description(), rules);
        _refuse(_terms(), abi.encodeWithSelector(IAgreementRegistry.TermsDisclosureInvalid.selector, Disclosure.Deidentified));
        IAgreementRegistry.Terms memory terms = _terms();
        terms.disclosure = Disclosure.Aggregate;
        _offer(terms);
    }

    function test_refusesCohortsBelowTheHoldersFloor() public {
        IAgreementRegistry.Terms memory terms = _terms();
        terms.minCohort = 9;
        _refuse(terms, abi.encodeWithSelector(IAgreementRegistry.TermsCohortTooSmall.selector, 9, 10));
        terms.minCohort = type(uint32).max;
        _offer(terms);
    }

    // --- Limits ---

    function test_refusesLongRows() public {
        IAgreementRegistry.Terms memory terms = _terms();
        terms.rows = string(new bytes(513));
        _refuse(terms, abi.encodeWithSelector(IAgreementRegistry.TermsRowsTooLong.selector, 513));
        terms.rows = string(new bytes(512));
        _offer(terms);
        terms.rows = "";
        _offer(terms);
    }

    function test_refusesZeroLimits() public {
        IAgreementRegistry.Terms memory terms = _terms();
        terms.maxUses = 0;
        _refuse(terms, abi.encodeWithSelector(IAgreementRegistry.TermsLimitInvalid.selector));
        terms = _terms();
        terms.maxRows = 0;
        _refuse(terms, abi.encodeWithSelector(IAgreementRegistry.TermsLimitInvalid.selector));
    }

    function test_refusesPeriods() public {
        _refusePeriod(Defaults.FROM, Defaults.FROM);
        _refusePeriod(Defaults.FROM, Defaults.FROM - 1);
        _refusePeriod(0, Defaults.NOW);
        _refusePeriod(type(uint48).max, type(uint48).max);
        _refusePeriod(0, 0);
        IAgreementRegistry.Terms memory terms = _terms();
        (terms.validFrom, terms.validUntil) = (0, Defaults.NOW + 1);
        _offer(terms);
        (terms.validFrom, terms.validUntil) = (type(uint48).max - 1, type(uint48).max);
        _offer(terms);
    }

    function _refusePeriod(uint48 from, uint48 until) private {
        IAgreementRegistry.Terms memory terms = _terms();
        (terms.validFrom, terms.validUntil) = (from, until);
        _refuse(terms, abi.encodeWithSelector(IAgreementRegistry.TermsPeriodInvalid.selector, from, until));
    }

    function test_refusesAnotherOrLongPolicyText() public {
        IAgreementRegistry.Terms memory terms = _terms();
        bytes memory refusal = abi.encodeWithSelector(IAgreementRegistry.TermsPolicyInvalid.selector, terms.policy);
        vm.expectRevert(refusal);
        agreements.offer(terms, "Do as you like.");
        string memory long = string(new bytes(8_193));
        terms.policy = keccak256(bytes(long));
        vm.expectRevert(abi.encodeWithSelector(IAgreementRegistry.TermsPolicyInvalid.selector, terms.policy));
        agreements.offer(terms, long);
        string memory longest = string(new bytes(8_192));
        terms.policy = keccak256(bytes(longest));
        agreements.offer(terms, longest);
    }

    // --- Replacing ---

    function test_replacesOnlyAFinalizedAgreementOfTheSameParties() public {
        IAgreementRegistry.Terms memory terms = _terms();
        terms.replaces = AgreementId.wrap(keccak256("unknown"));
        _refuseReplaces(terms);
        AgreementId offered = _offer();
        terms.replaces = offered;
        _refuseReplaces(terms);
        _signAll(offered);
        terms.assignee = otherConsumer.id;
        _refuseReplaces(terms);
        terms.assignee = consumer.id;
        vm.prank(hospital.key);
        terms.dataset = datasets.register("second", Defaults.description(), Defaults.rules());
        _refuseReplaces(terms);
        terms.dataset = dataset;
        vm.prank(hospital.key);
        agreements.terminate(offered, "");
        _refuseReplaces(terms);
    }

    function _refuseReplaces(IAgreementRegistry.Terms memory terms) private {
        _refuse(terms, abi.encodeWithSelector(IAgreementRegistry.TermsReplacesInvalid.selector, terms.replaces));
    }

    function _refuse(IAgreementRegistry.Terms memory terms, bytes memory refusal) private {
        vm.expectRevert(refusal);
        agreements.offer(terms, Defaults.POLICY);
    }
}

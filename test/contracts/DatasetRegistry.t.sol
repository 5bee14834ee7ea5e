// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IDatasetRegistry } from "../../contracts/interfaces/IDatasetRegistry.sol";
import { DatasetId, Disclosure, ParticipantId } from "../../contracts/interfaces/Types.sol";
import { Base } from "./support/Base.sol";
import { Defaults } from "./support/Defaults.sol";
import { vm } from "./support/Vm.sol";

contract DatasetRegistryTest is Base {
    uint256 private constant GAS_CAP = 1 << 24;
    uint256 private constant POOL_LIMIT = 128 * 1024;

    DatasetId private unknown = DatasetId.wrap(keccak256("unknown"));

    // --- Registration ---

    function test_registersADataset() public view {
        _eq(DatasetId.unwrap(dataset), keccak256(abi.encode(hospital.id, "diabetes")));
        IDatasetRegistry.Dataset memory record = datasets.dataset(dataset);
        _eq(record.holder, hospital.id);
        _eq(record.description, keccak256(abi.encode(Defaults.description())));
        _eq(record.registeredAt, Defaults.NOW);
        _eq(record.suspendedByHolderAt, 0);
        _eq(record.suspendedByRegulatorAt, 0);
        _eq(record.retiredAt, 0);
        _eq(record.revision, 1);
        _eq(record.fieldCount, 6);
        _eq(uint8(record.maxDisclosure), uint8(Disclosure.Identified));
        _eq(record.minCohort, 10);
        _eq(record.approvals, 1);
        _eq(record.quasi, Defaults.BIRTH_YEAR);
        _eq(record.sensitive, Defaults.VALUE);
        _eq(record.linking, Defaults.PATIENT_ID | Defaults.LAB_PATIENT_ID);
        _eq(record.direct, Defaults.NAME);
        _true(datasets.isPurposePermitted(dataset, "DUO:0000007"));
        _true(datasets.isPurposePermitted(dataset, "DUO:0000042"));
        _true(!datasets.isPurposePermitted(dataset, "duo:0000007"));
        _true(!datasets.isPurposePermitted(dataset, ""));
        _true(!datasets.isPurposePermitted(unknown, "DUO:0000007"));
        _true(!datasets.isPurposePermitted(DatasetId.wrap(0), ""));
        _eq(datasets.dataset(unknown).registeredAt, 0);
    }

    function test_registers256FieldsInOneTransaction() public {
        IDatasetRegistry.Description memory description = Defaults.wideDescription(256);
        IDatasetRegistry.Rules memory rules = Defaults.rules();
        rules.purposes = _purposes(32);
        bytes memory data = abi.encodeCall(IDatasetRegistry.register, ("wide", description, rules));
        uint256 nonzero = 0;
        for (uint256 i = 0; i < data.length; ++i) if (data[i] != 0) ++nonzero;
        _true(data.length < POOL_LIMIT);

        vm.prank(hospital.key);
        uint256 before = gasleft();
        (bool success, bytes memory answer) = address(datasets).call(data);
        uint256 used = before - gasleft() + 21_000 + nonzero * 16 + (data.length - nonzero) * 4;
        _true(success);
        _true(used < GAS_CAP);

        IDatasetRegistry.Dataset memory record = datasets.dataset(abi.decode(answer, (DatasetId)));
        _eq(record.fieldCount, 256);
        _eq(record.quasi & record.sensitive & record.linking & record.direct, 0);
        for (uint256 i = 0; i < 256; ++i) {
            uint256 expected = i % 5;
            uint256 level = ((record.quasi >> i) & 1) * 1 + ((record.sensitive >> i) & 1) * 2 + ((record.linking >> i) & 1) * 3;
            _eq(level + ((record.direct >> i) & 1) * 4, expected);
        }
    }

    function test_refuses257Fields() public {
        vm.prank(hospital.key);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.DescriptionTooLarge.selector, 257));
        datasets.register("wide", Defaults.wideDescription(257), Defaults.rules());
    }

    function test_refusesTheSameNameTwice() public {
        vm.prank(hospital.key);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.DatasetExists.selector, dataset));
        datasets.register("diabetes", Defaults.description(), Defaults.rules());
        vm.prank(otherHospital.key);
        DatasetId other = datasets.register("diabetes", Defaults.description(), Defaults.rules());
        _true(other != dataset);
    }

    function test_onlyAnActiveHospitalRegisters() public {
        _refuseHolder(consumer.key, consumer.id);
        _refuseHolder(regulator.key, regulator.id);
        _refuseHolder(gateway.key, gateway.id);
        _refuseHolder(outsider, NOBODY);
        participants.suspend(hospital.id, "");
        _refuseHolder(hospital.key, hospital.id);
    }

    function _refuseHolder(address key, ParticipantId holder) private {
        vm.prank(key);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.DatasetHolderInvalid.selector, holder));
        datasets.register("new", Defaults.description(), Defaults.rules());
    }

    function test_refusesNames() public {
        string[3] memory names = ["", "a\x00b", string(_letters(129))];
        for (uint256 i = 0; i < names.length; ++i) {
            vm.prank(hospital.key);
            vm.expectRevert(IDatasetRegistry.DatasetNameInvalid.selector);
            datasets.register(names[i], Defaults.description(), Defaults.rules());
        }
        vm.prank(hospital.key);
        datasets.register(string(_letters(128)), Defaults.description(), Defaults.rules());
    }

    // --- Descriptions ---

    function test_refusesEmptyDescriptions() public {
        IDatasetRegistry.Description memory description = Defaults.description();
        description.tables[1].fields = new IDatasetRegistry.Field[](0);
        _refuse(description, abi.encodeWithSelector(IDatasetRegistry.DescriptionEmpty.selector));
        description.tables = new IDatasetRegistry.Table[](0);
        _refuse(description, abi.encodeWithSelector(IDatasetRegistry.DescriptionEmpty.selector));
    }

    function test_refusesTexts() public {
        string[3] memory texts = ["", "new\nline", ""];
        texts[2] = string(_letters(257));
        for (uint256 i = 0; i < texts.length; ++i) {
            IDatasetRegistry.Description memory description = Defaults.description();
            description.title = texts[i];
            _refuseText(description, texts[i]);
            description = Defaults.description();
            description.tables[0].name = texts[i];
            _refuseText(description, texts[i]);
            description = Defaults.description();
            description.tables[1].fields[1].name = texts[i];
            _refuseText(description, texts[i]);
        }
    }

    function test_refusesNamesThatCollide() public {
        IDatasetRegistry.Description memory description = Defaults.description();
        description.tables[1].name = "patients";
        _refuseText(description, "patients");
        description = Defaults.description();
        description.tables[0].fields[2].name = "name";
        _refuseText(description, "name");
        description = Defaults.description();
        description.tables[0].fields[2].name = "patients.name";
        _refuseText(description, "patients.name");
    }

    function test_limitsOfNames() public {
        IDatasetRegistry.Description memory description = Defaults.description();
        description.joins = new IDatasetRegistry.Join[](0);
        description.tables[0].name = string(_letters(127));
        description.tables[0].fields[1].name = string(_letters(63));
        vm.prank(hospital.key);
        datasets.register("limits", description, Defaults.rules());
        description.tables[0].fields[1].name = string(_letters(64));
        _refuseText(description, string(_letters(64)));
        description = Defaults.description();
        description.tables[0].name = string(_letters(128));
        _refuseText(description, string(_letters(128)));
    }

    function test_patientKeyIsALinkingOrDirectFieldOfItsTable() public {
        IDatasetRegistry.Description memory description = Defaults.description();
        string[4] memory keys = ["birth_year", "none", "lab_results.patient_id", "."];
        for (uint256 i = 0; i < keys.length; ++i) {
            description.tables[0].patientKey = keys[i];
            _refuse(
                description,
                abi.encodeWithSelector(IDatasetRegistry.DescriptionPatientKeyInvalid.selector, "patients", keys[i])
            );
        }
        description = Defaults.description();
        description.tables[1].patientKey = "name";
        _refuse(description, abi.encodeWithSelector(IDatasetRegistry.DescriptionPatientKeyInvalid.selector, "lab_results", "name"));
        description.tables[0].patientKey = "name";
        description.tables[1].patientKey = "";
        vm.prank(hospital.key);
        datasets.register("by-name", description, Defaults.rules());
    }

    function test_joinsNameTwoLinkingFields() public {
        string[5] memory wrong = ["patients.birth_year", "lab_results.code", "patient_id", "", "patients."];
        for (uint256 i = 0; i < wrong.length; ++i) {
            IDatasetRegistry.Description memory description = Defaults.description();
            description.joins[0].left = wrong[i];
            _refuseText(description, wrong[i]);
            description = Defaults.description();
            description.joins[0].right = wrong[i];
            _refuseText(description, wrong[i]);
        }
        IDatasetRegistry.Description memory itself = Defaults.description();
        itself.joins[0].right = itself.joins[0].left;
        _refuseText(itself, itself.joins[0].left);
        itself.joins[0].right = "patients.name";
        vm.prank(hospital.key);
        datasets.register("direct-join", itself, Defaults.rules());
    }

    // --- Rules ---

    function test_refusesPurposes() public {
        string[6] memory wrong = ["", "a:", "nocolon", "has space:1", unicode"目的:1", ""];
        wrong[5] = string(abi.encodePacked(_letters(63), ":1"));
        for (uint256 i = 0; i < wrong.length; ++i) {
            IDatasetRegistry.Rules memory rules = Defaults.rules();
            rules.purposes[1] = wrong[i];
            _refusePurpose(rules, wrong[i]);
        }
        IDatasetRegistry.Rules memory long = Defaults.rules();
        long.purposes[0] = string(abi.encodePacked(_letters(62), ":1"));
        long.purposes[1] = "a:1";
        vm.prank(hospital.key);
        datasets.register("long", Defaults.description(), long);
    }

    function test_refuses33Purposes() public {
        IDatasetRegistry.Rules memory rules = Defaults.rules();
        rules.purposes = _purposes(33);
        _refusePurpose(rules, rules.purposes[32]);
    }

    function test_refusesCohortsBelowFive() public {
        IDatasetRegistry.Rules memory rules = Defaults.rules();
        rules.minCohort = 4;
        vm.prank(hospital.key);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.RulesCohortTooSmall.selector, 4));
        datasets.register("new", Defaults.description(), rules);
        rules.minCohort = 5;
        vm.prank(hospital.key);
        datasets.register("new", Defaults.description(), rules);
    }

    // --- Update ---

    function test_updateForgetsFormerRules() public {
        IDatasetRegistry.Description memory description = Defaults.description();
        description.title = "Another";
        description.tables[0].fields[2].level = IDatasetRegistry.FieldLevel.Direct;
        IDatasetRegistry.Rules memory rules = Defaults.rules();
        rules.purposes = new string[](1);
        rules.purposes[0] = "DUO:0000042";
        rules.maxDisclosure = Disclosure.Aggregate;
        rules.minCohort = 20;
        rules.approvals = 2;
        vm.prank(hospital.key);
        datasets.update(dataset, description, rules);
        IDatasetRegistry.Dataset memory record = datasets.dataset(dataset);
        _eq(record.revision, 2);
        _eq(record.description, keccak256(abi.encode(description)));
        _eq(record.direct, Defaults.NAME | Defaults.BIRTH_YEAR);
        _eq(record.quasi, 0);
        _eq(record.minCohort, 20);
        _eq(record.approvals, 2);
        _eq(uint8(record.maxDisclosure), uint8(Disclosure.Aggregate));
        _eq(record.registeredAt, Defaults.NOW);
        _true(datasets.isPurposePermitted(dataset, "DUO:0000042"));
        _true(!datasets.isPurposePermitted(dataset, "DUO:0000007"));
    }

    function test_onlyItsActiveHolderUpdates() public {
        Actor[4] memory others = [otherHospital, consumer, regulator, gateway];
        for (uint256 i = 0; i < others.length; ++i) _refuseUpdate(others[i].key);
        _refuseUpdate(outsider);
        participants.suspend(hospital.id, "");
        _refuseUpdate(hospital.key);
    }

    function _refuseUpdate(address key) private {
        vm.prank(key);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.DatasetUnauthorized.selector, dataset, key));
        datasets.update(dataset, Defaults.description(), Defaults.rules());
    }

    // --- Stopping ---

    function test_holderAndRegulatorStopEachForThemselves() public {
        vm.prank(hospital.key);
        datasets.suspend(dataset, "leak");
        vm.prank(regulator.key);
        datasets.suspend(dataset, "inspection");
        _eq(datasets.dataset(dataset).suspendedByHolderAt, Defaults.NOW);
        _eq(datasets.dataset(dataset).suspendedByRegulatorAt, Defaults.NOW);
        _refuseStatus(hospital.key);
        _refuseStatus(otherRegulator.key);
        vm.prank(hospital.key);
        datasets.reinstate(dataset);
        _eq(datasets.dataset(dataset).suspendedByHolderAt, 0);
        _eq(datasets.dataset(dataset).suspendedByRegulatorAt, Defaults.NOW);
        vm.prank(hospital.key);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.DatasetStatusUnexpected.selector, dataset));
        datasets.reinstate(dataset);
        vm.prank(otherRegulator.key);
        datasets.reinstate(dataset);
        _eq(datasets.dataset(dataset).suspendedByRegulatorAt, 0);
        vm.prank(regulator.key);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.DatasetStatusUnexpected.selector, dataset));
        datasets.reinstate(dataset);
    }

    function _refuseStatus(address key) private {
        vm.prank(key);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.DatasetStatusUnexpected.selector, dataset));
        datasets.suspend(dataset, "");
    }

    function test_suspendedHolderStopsButDoesNotReinstate() public {
        participants.suspend(hospital.id, "");
        vm.startPrank(hospital.key);
        datasets.suspend(dataset, "");
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.DatasetUnauthorized.selector, dataset, hospital.key));
        datasets.reinstate(dataset);
        datasets.retire(dataset);
        vm.stopPrank();
    }

    function test_suspendedRegulatorStopsNothing() public {
        participants.suspend(regulator.id, "");
        _refuseStop(regulator.key);
    }

    function test_othersStopNothing() public {
        Actor[3] memory others = [otherHospital, consumer, gateway];
        for (uint256 i = 0; i < others.length; ++i) _refuseStop(others[i].key);
        _refuseStop(outsider);
        vm.prank(regulator.key);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.DatasetUnauthorized.selector, dataset, regulator.key));
        datasets.retire(dataset);
    }

    function _refuseStop(address key) private {
        bytes memory refusal = abi.encodeWithSelector(IDatasetRegistry.DatasetUnauthorized.selector, dataset, key);
        vm.startPrank(key);
        vm.expectRevert(refusal);
        datasets.suspend(dataset, "");
        vm.expectRevert(refusal);
        datasets.reinstate(dataset);
        vm.expectRevert(refusal);
        datasets.retire(dataset);
        vm.stopPrank();
    }

    function test_retiredIsForEver() public {
        vm.startPrank(hospital.key);
        datasets.retire(dataset);
        _eq(datasets.dataset(dataset).retiredAt, Defaults.NOW);
        bytes memory refusal = abi.encodeWithSelector(IDatasetRegistry.DatasetStatusUnexpected.selector, dataset);
        vm.expectRevert(refusal);
        datasets.retire(dataset);
        vm.expectRevert(refusal);
        datasets.suspend(dataset, "");
        vm.expectRevert(refusal);
        datasets.reinstate(dataset);
        vm.expectRevert(refusal);
        datasets.update(dataset, Defaults.description(), Defaults.rules());
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.DatasetExists.selector, dataset));
        datasets.register("diabetes", Defaults.description(), Defaults.rules());
        vm.stopPrank();
    }

    function test_refusesUnknownDatasets() public {
        bytes memory refusal = abi.encodeWithSelector(IDatasetRegistry.DatasetUnknown.selector, unknown);
        vm.startPrank(hospital.key);
        vm.expectRevert(refusal);
        datasets.update(unknown, Defaults.description(), Defaults.rules());
        vm.expectRevert(refusal);
        datasets.suspend(unknown, "");
        vm.expectRevert(refusal);
        datasets.reinstate(unknown);
        vm.expectRevert(refusal);
        datasets.retire(unknown);
        vm.stopPrank();
    }

    // --- Helpers ---

    function _refuse(IDatasetRegistry.Description memory description, bytes memory refusal) private {
        vm.prank(hospital.key);
        vm.expectRevert(refusal);
        datasets.register("new", description, Defaults.rules());
        vm.prank(hospital.key);
        vm.expectRevert(refusal);
        datasets.update(dataset, description, Defaults.rules());
    }

    function _refuseText(IDatasetRegistry.Description memory description, string memory text) private {
        _refuse(description, abi.encodeWithSelector(IDatasetRegistry.DescriptionTextInvalid.selector, text));
    }

    function _refusePurpose(IDatasetRegistry.Rules memory rules, string memory purpose) private {
        vm.prank(hospital.key);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.RulesPurposeInvalid.selector, purpose));
        datasets.register("new", Defaults.description(), rules);
    }

    function _purposes(uint256 count) private pure returns (string[] memory purposes) {
        purposes = new string[](count);
        for (uint256 i = 0; i < count; ++i) purposes[i] = string.concat("DUO:00000", Defaults.decimal(i + 10));
    }

    function _letters(uint256 count) private pure returns (bytes memory text) {
        text = new bytes(count);
        for (uint256 i = 0; i < count; ++i) text[i] = "a";
    }
}

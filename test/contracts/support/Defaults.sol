// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IAgreementRegistry } from "../../../contracts/interfaces/IAgreementRegistry.sol";
import { IDatasetRegistry } from "../../../contracts/interfaces/IDatasetRegistry.sol";
import { IUsagePolicy } from "../../../contracts/interfaces/IUsagePolicy.sol";
import { AgreementId, Assurance, DatasetId, Disclosure, ParticipantId } from "../../../contracts/interfaces/Types.sol";

/// @notice Valid inputs; a test changes the one field that it is about.
library Defaults {
    uint48 internal constant NOW = 1_800_000_000;
    uint48 internal constant FROM = NOW + 1 days;
    uint48 internal constant UNTIL = NOW + 31 days;
    uint64 internal constant MAX_USES = 10;
    string internal constant PURPOSE = "DUO:0000007";
    string internal constant POLICY = "No attempt to identify a patient.";

    // Numbers of the fields.
    uint256 internal constant PATIENT_ID = 1 << 0;
    uint256 internal constant NAME = 1 << 1;
    uint256 internal constant BIRTH_YEAR = 1 << 2;
    uint256 internal constant LAB_PATIENT_ID = 1 << 3;
    uint256 internal constant CODE = 1 << 4;
    uint256 internal constant VALUE = 1 << 5;
    uint256 internal constant ALL = (1 << 6) - 1;
    uint256 internal constant ALL_BUT_DIRECT = ALL & ~NAME;

    function description() internal pure returns (IDatasetRegistry.Description memory made) {
        made.title = "Diabetes cohort 2020-2025";
        made.tables = new IDatasetRegistry.Table[](2);
        made.tables[0].name = "patients";
        made.tables[0].patientKey = "patient_id";
        made.tables[0].fields = new IDatasetRegistry.Field[](3);
        made.tables[0].fields[0] = IDatasetRegistry.Field(
            "patient_id",
            IDatasetRegistry.FieldType.Text,
            IDatasetRegistry.FieldLevel.Linking
        );
        made.tables[0].fields[1] = IDatasetRegistry.Field(
            "name",
            IDatasetRegistry.FieldType.Text,
            IDatasetRegistry.FieldLevel.Direct
        );
        made.tables[0].fields[2] = IDatasetRegistry.Field(
            "birth_year",
            IDatasetRegistry.FieldType.Integer,
            IDatasetRegistry.FieldLevel.Quasi
        );
        made.tables[1].name = "lab_results";
        made.tables[1].patientKey = "patient_id";
        made.tables[1].fields = new IDatasetRegistry.Field[](3);
        made.tables[1].fields[0] = IDatasetRegistry.Field(
            "patient_id",
            IDatasetRegistry.FieldType.Text,
            IDatasetRegistry.FieldLevel.Linking
        );
        made.tables[1].fields[1] = IDatasetRegistry.Field(
            "code",
            IDatasetRegistry.FieldType.Text,
            IDatasetRegistry.FieldLevel.Neutral
        );
        made.tables[1].fields[2] = IDatasetRegistry.Field(
            "value",
            IDatasetRegistry.FieldType.Decimal,
            IDatasetRegistry.FieldLevel.Sensitive
        );
        made.joins = new IDatasetRegistry.Join[](1);
        made.joins[0] = IDatasetRegistry.Join("patients.patient_id", "lab_results.patient_id");
    }

    /// @notice One table of this many Neutral fields.
    function wideDescription(uint256 fields) internal pure returns (IDatasetRegistry.Description memory made) {
        made.title = "Wide";
        made.tables = new IDatasetRegistry.Table[](1);
        made.tables[0].name = "observations";
        made.tables[0].fields = new IDatasetRegistry.Field[](fields);
        for (uint256 i = 0; i < fields; ++i) {
            made.tables[0].fields[i].name = string.concat("laboratory_value_number_", decimal(i));
            made.tables[0].fields[i].level = IDatasetRegistry.FieldLevel(i % 5);
        }
    }

    function rules() internal pure returns (IDatasetRegistry.Rules memory made) {
        made.purposes = new string[](2);
        made.purposes[0] = PURPOSE;
        made.purposes[1] = "DUO:0000042";
        made.maxDisclosure = Disclosure.Identified;
        made.minCohort = 10;
        made.approvals = 1;
    }

    function terms(
        ParticipantId assigner,
        ParticipantId assignee,
        DatasetId dataset
    ) internal pure returns (IAgreementRegistry.Terms memory made) {
        made.assigner = assigner;
        made.assignee = assignee;
        made.dataset = dataset;
        made.description = keccak256(abi.encode(description()));
        made.purpose = PURPOSE;
        made.fields = ALL_BUT_DIRECT;
        made.rows = "patients.birth_year >= 1950";
        made.disclosure = Disclosure.Deidentified;
        made.minCohort = 10;
        made.maxUses = MAX_USES;
        made.maxRows = 1_000;
        made.validFrom = FROM;
        made.validUntil = UNTIL;
        made.assurance = Assurance.Receipt;
        made.policy = keccak256(bytes(POLICY));
        made.salt = keccak256("salt");
    }

    function request(
        ParticipantId gateway,
        AgreementId agreement,
        address signer
    ) internal pure returns (IUsagePolicy.UsageRequest memory made) {
        made.gateway = gateway;
        made.agreement = agreement;
        made.signer = signer;
        made.purpose = PURPOSE;
        made.fields = PATIENT_ID | VALUE;
        made.disclosure = uint8(Disclosure.Aggregate);
        made.time = FROM;
    }

    function decimal(uint256 value) internal pure returns (string memory) {
        if (value < 10) return string(bytes.concat(bytes1(uint8(48 + value))));
        return string.concat(decimal(value / 10), decimal(value % 10));
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { DatasetId, Disclosure, ParticipantId } from "./Types.sol";

/// @title Datasets that can be put under contract
/// @notice Publishes the whole description of a dataset in events and holds its digest, the levels of its fields and the holder's rules.
interface IDatasetRegistry {
    enum FieldType {
        Text,
        Integer,
        Decimal,
        Boolean,
        Date,
        Timestamp
    }

    /// @notice How close a field comes to a person. Linking fields (patient and record numbers) join and count, and leave only as
    /// pseudonyms; Direct fields (names, addresses, public numbers) leave under Identified alone.
    enum FieldLevel {
        Neutral,
        Quasi,
        Sensitive,
        Linking,
        Direct
    }

    struct Field {
        string name;
        FieldType fieldType;
        FieldLevel level;
    }

    /// @param patientKey Name of the Linking or Direct field that tells patients apart; empty for a table without patients.
    struct Table {
        string name;
        string patientKey;
        Field[] fields;
    }

    /// @notice Two fields, each written `table.field`, along which tables may be joined. Patient keys need no declaration.
    struct Join {
        string left;
        string right;
    }

    /// @notice Fields are numbered from 0 through all tables in this order; an agreement's bitmap refers to these numbers.
    struct Description {
        string title;
        Table[] tables;
        Join[] joins;
    }

    /// @param purposes CURIEs for which the holder lets the dataset be used; matched to the letter.
    /// @param maxDisclosure The most that may leave.
    /// @param minCohort Floor for the smallest cohort of an agreement.
    /// @param approvals Regulators who must approve an agreement; the registry's own number counts if it is higher.
    struct Rules {
        string[] purposes;
        Disclosure maxDisclosure;
        uint32 minCohort;
        uint8 approvals;
    }

    /// @param description keccak256 of the ABI encoding of the description.
    /// @param quasi Bitmap of the fields of that level; likewise `sensitive`, `linking`, `direct`. All others are Neutral.
    struct Dataset {
        ParticipantId holder;
        bytes32 description;
        uint48 registeredAt;
        uint48 suspendedByHolderAt;
        uint48 suspendedByRegulatorAt;
        uint48 retiredAt;
        uint32 revision;
        uint16 fieldCount;
        Disclosure maxDisclosure;
        uint32 minCohort;
        uint8 approvals;
        uint256 quasi;
        uint256 sensitive;
        uint256 linking;
        uint256 direct;
    }

    event DatasetRegistered(
        DatasetId indexed id,
        ParticipantId indexed holder,
        string name,
        bytes32 descriptionHash,
        Description description,
        Rules rules
    );
    event DatasetUpdated(DatasetId indexed id, uint32 revision, bytes32 descriptionHash, Description description, Rules rules);
    event DatasetSuspended(DatasetId indexed id, ParticipantId indexed by, string reason);
    event DatasetReinstated(DatasetId indexed id, ParticipantId indexed by);
    event DatasetRetired(DatasetId indexed id);

    error DatasetUnknown(DatasetId id);
    error DatasetExists(DatasetId id);
    error DatasetStatusUnexpected(DatasetId id);
    error DatasetNameInvalid();
    error DatasetHolderInvalid(ParticipantId holder);
    error DatasetUnauthorized(DatasetId id, address sender);
    error DescriptionEmpty();
    error DescriptionTooLarge(uint256 fields);
    error DescriptionTextInvalid(string text);
    error DescriptionPatientKeyInvalid(string table, string patientKey);
    error RulesPurposeInvalid(string purpose);
    error RulesCohortTooSmall(uint32 minCohort);

    /// @notice Registers a dataset of the sender, who must be an active hospital.
    function register(string calldata name, Description calldata description, Rules calldata rules) external returns (DatasetId id);

    /// @notice Replaces description and rules. Agreements over another description are refused from this block on.
    function update(DatasetId id, Description calldata description, Rules calldata rules) external;

    /// @notice Stops every agreement over a dataset in this block; by its holder or a regulator.
    function suspend(DatasetId id, string calldata reason) external;

    /// @notice Undoes the sender's own kind of suspension.
    function reinstate(DatasetId id) external;

    /// @notice Ends a dataset for good; by its holder.
    function retire(DatasetId id) external;

    /// @notice Returns the record of a dataset; all zero if unknown.
    function dataset(DatasetId id) external view returns (Dataset memory);

    /// @notice Tells whether the holder's current rules allow this purpose.
    function isPurposePermitted(DatasetId id, string calldata purpose) external view returns (bool);
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IDatasetRegistry } from "../interfaces/IDatasetRegistry.sol";
import { Texts } from "./Texts.sol";

/// @title What makes the description of a dataset whole
library Descriptions {
    using Texts for string;

    /// @dev Bitmaps of the fields by level; Neutral fields are in none.
    struct Levels {
        uint256 quasi;
        uint256 sensitive;
        uint256 linking;
        uint256 direct;
    }

    /// @dev Hash table with open addressing: the names of up to 256 tables and 256 fields.
    struct Names {
        bytes32[1024] hashes;
        bool[1024] isLinking;
    }

    uint256 internal constant MAX_FIELDS = 256;
    uint256 internal constant MAX_TITLE = 256;
    uint256 internal constant MAX_TABLE_NAME = 127;
    uint256 internal constant MAX_FIELD_NAME = 63;

    /// @notice Returns how many fields a description has and their levels; reverts if it does not hold together.
    function check(
        IDatasetRegistry.Description calldata description
    ) internal pure returns (uint256 fieldCount, Levels memory levels) {
        if (!description.title.isPlain(MAX_TITLE)) revert IDatasetRegistry.DescriptionTextInvalid(description.title);
        if (description.tables.length == 0) revert IDatasetRegistry.DescriptionEmpty();
        Names memory names;
        for (uint256 i = 0; i < description.tables.length; ++i) {
            fieldCount = _checkTable(description.tables[i], names, levels, fieldCount);
        }
        for (uint256 i = 0; i < description.joins.length; ++i) {
            _checkJoin(description.joins[i], names);
        }
    }

    function _checkTable(
        IDatasetRegistry.Table calldata table,
        Names memory names,
        Levels memory levels,
        uint256 number
    ) private pure returns (uint256) {
        // A field's name has no dot, so no name of a table with a dot after it is the name of a field.
        bytes memory prefix = bytes.concat(bytes(table.name), ".");
        if (!table.name.isPlain(MAX_TABLE_NAME) || !_add(names, keccak256(prefix), false)) {
            revert IDatasetRegistry.DescriptionTextInvalid(table.name);
        }
        if (table.fields.length == 0) revert IDatasetRegistry.DescriptionEmpty();
        if (number + table.fields.length > MAX_FIELDS) revert IDatasetRegistry.DescriptionTooLarge(number + table.fields.length);
        for (uint256 i = 0; i < table.fields.length; ++i) {
            _checkField(table.fields[i], prefix, names);
            _mark(levels, table.fields[i].level, number);
            ++number;
        }
        bool isKey = _isLinking(names, keccak256(bytes.concat(prefix, bytes(table.patientKey))));
        if (bytes(table.patientKey).length != 0 && !isKey) {
            revert IDatasetRegistry.DescriptionPatientKeyInvalid(table.name, table.patientKey);
        }
        return number;
    }

    function _checkField(IDatasetRegistry.Field calldata field, bytes memory prefix, Names memory names) private pure {
        bool isLinking = field.level == IDatasetRegistry.FieldLevel.Linking || field.level == IDatasetRegistry.FieldLevel.Direct;
        bool isName = field.name.isPlain(MAX_FIELD_NAME) && !field.name.contains(".");
        if (!isName || !_add(names, keccak256(bytes.concat(prefix, bytes(field.name))), isLinking)) {
            revert IDatasetRegistry.DescriptionTextInvalid(field.name);
        }
    }

    function _checkJoin(IDatasetRegistry.Join calldata join, Names memory names) private pure {
        bytes32 left = keccak256(bytes(join.left));
        bytes32 right = keccak256(bytes(join.right));
        if (!_isLinking(names, left)) revert IDatasetRegistry.DescriptionTextInvalid(join.left);
        if (!_isLinking(names, right) || left == right) revert IDatasetRegistry.DescriptionTextInvalid(join.right);
    }

    function _mark(Levels memory levels, IDatasetRegistry.FieldLevel level, uint256 number) private pure {
        uint256 bit = 1 << number;
        if (level == IDatasetRegistry.FieldLevel.Quasi) levels.quasi |= bit;
        else if (level == IDatasetRegistry.FieldLevel.Sensitive) levels.sensitive |= bit;
        else if (level == IDatasetRegistry.FieldLevel.Linking) levels.linking |= bit;
        else if (level == IDatasetRegistry.FieldLevel.Direct) levels.direct |= bit;
    }

    /// @dev Returns false if the name is there already.
    function _add(Names memory names, bytes32 name, bool isLinking) private pure returns (bool) {
        uint256 place = _placeOf(names, name);
        if (names.hashes[place] == name) return false;
        names.hashes[place] = name;
        names.isLinking[place] = isLinking;
        return true;
    }

    function _isLinking(Names memory names, bytes32 name) private pure returns (bool) {
        return names.isLinking[_placeOf(names, name)];
    }

    /// @dev Returns where the name stands, or the free place where it would.
    function _placeOf(Names memory names, bytes32 name) private pure returns (uint256 place) {
        place = uint256(name) % 1024;
        while (names.hashes[place] != 0 && names.hashes[place] != name) place = (place + 1) % 1024;
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @title Rules for texts that people and programs will read
library Texts {
    /// @notice Tells whether a text has 1 to `most` bytes and none of them is an ASCII control character. UTF-8 is not checked further.
    function isPlain(string calldata text, uint256 most) internal pure returns (bool) {
        bytes calldata raw = bytes(text);
        if (raw.length == 0 || raw.length > most) return false;
        for (uint256 i = 0; i < raw.length; ++i) {
            if (raw[i] < 0x20 || raw[i] == 0x7f) return false;
        }
        return true;
    }

    /// @notice Tells whether a text has 1 to `most` bytes, each printable ASCII and none a space: such texts have one spelling.
    function isToken(string calldata text, uint256 most) internal pure returns (bool) {
        bytes calldata raw = bytes(text);
        if (raw.length == 0 || raw.length > most) return false;
        for (uint256 i = 0; i < raw.length; ++i) {
            if (raw[i] < 0x21 || raw[i] > 0x7e) return false;
        }
        return true;
    }

    /// @notice Tells whether this character occurs in a text.
    function contains(string calldata text, bytes1 character) internal pure returns (bool) {
        bytes calldata raw = bytes(text);
        for (uint256 i = 0; i < raw.length; ++i) {
            if (raw[i] == character) return true;
        }
        return false;
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { AccessManager } from "@openzeppelin/contracts/access/manager/AccessManager.sol";

/// @title Who governs
/// @notice OpenZeppelin's AccessManager without three of its freedoms: nobody changes who may do what before everybody could see it
/// coming, the last admin stays, and nothing can be closed, since that would stop the stopping.
contract Authority is AccessManager {
    // --- Constants ---

    /// @notice Acts at once: admits parties, suspends and reinstates. Cancels what the recovery role has scheduled.
    uint64 public constant REGULATOR_ROLE = 1;
    /// @notice Acts after the delay: appoints regulators, recovers keys, sets how many must approve.
    uint64 public constant RECOVERY_ROLE = 2;

    // --- Immutables ---

    uint32 private immutable DELAY;

    // --- Storage ---

    uint256 private _admins;

    // --- Errors ---

    error DelayTooShort(uint64 roleId, uint32 delay, uint32 least);
    error LastAdmin();
    error TargetStaysOpen(address target);

    // --- Constructor ---

    /// @param deployer Admin without a delay, to be given up once the roles are handed over.
    /// @param newDelay Seconds between announcing and doing, for every role but the regulator's.
    constructor(address deployer, uint32 newDelay) AccessManager(deployer) {
        DELAY = newDelay;
    }

    // --- External reads ---

    /// @notice Returns the least number of seconds between announcing a change and making it.
    function delay() external view returns (uint32) {
        return DELAY;
    }

    // --- Internal ---

    /// @dev While the base is constructed the delay is still zero: so the deployer has none.
    function _grantRole(
        uint64 roleId,
        address account,
        uint32 grantDelay,
        uint32 executionDelay
    ) internal override returns (bool isNew) {
        if (roleId != REGULATOR_ROLE && executionDelay < DELAY) revert DelayTooShort(roleId, executionDelay, DELAY);
        isNew = super._grantRole(roleId, account, grantDelay, executionDelay);
        if (isNew && roleId == ADMIN_ROLE) ++_admins;
    }

    function _revokeRole(uint64 roleId, address account) internal override returns (bool wasMember) {
        wasMember = super._revokeRole(roleId, account);
        if (!wasMember || roleId != ADMIN_ROLE) return wasMember;
        --_admins;
        if (_admins == 0) revert LastAdmin();
    }

    function _setTargetClosed(address target, bool) internal pure override {
        revert TargetStaysOpen(target);
    }
}

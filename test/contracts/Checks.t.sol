// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IERC5267 } from "@openzeppelin/contracts/interfaces/IERC5267.sol";
import { IAccessLog } from "../../contracts/interfaces/IAccessLog.sol";
import { IAgreementRegistry } from "../../contracts/interfaces/IAgreementRegistry.sol";
import { IDatasetRegistry } from "../../contracts/interfaces/IDatasetRegistry.sol";
import { IParticipantRegistry } from "../../contracts/interfaces/IParticipantRegistry.sol";
import { IUsagePolicy } from "../../contracts/interfaces/IUsagePolicy.sol";
import { AgreementId, DatasetId, ParticipantId, Role } from "../../contracts/interfaces/Types.sol";
import { Base } from "./support/Base.sol";
import { Defaults } from "./support/Defaults.sol";
import { vm } from "./support/Vm.sol";

/// @notice Acceptance checks that concern no one contract alone; README.md tells which test covers which check.
contract ChecksTest is Base {
    AgreementId private constant NONE = AgreementId.wrap(0);

    /// @dev Check 4.
    function test_zeroIsNobodyAndNothing() public {
        IUsagePolicy.UsageRequest memory request = _request(NONE);
        _true(!usagePolicy.evaluate(request).permitted);
        AgreementId id = _agree();
        vm.warp(Defaults.FROM);
        request = _request(id);
        _true(usagePolicy.evaluate(request).permitted);
        request.gateway = NOBODY;
        _true(!usagePolicy.evaluate(request).permitted);
        request = _request(id);
        request.signer = address(0);
        _true(!usagePolicy.evaluate(request).permitted);
        for (uint8 role = 0; role < 4; ++role) _true(!participants.isActive(NOBODY, Role(role)));
        (uint48 validFrom, uint48 validUntil) = participants.periodOf(address(0), gateway.id);
        _eq(validFrom, 0);
        _eq(validUntil, 0);
        _true(!participants.isKeyOf(address(0), NOBODY, 0));
        _true(!datasets.isPurposePermitted(DatasetId.wrap(0), ""));
        _true(!accessLog.isHead(gateway.id, IAccessLog.TreeHead(0, 0)));
        _true(!accessLog.verifyInclusion(0, 0, IAccessLog.TreeHead(0, 0), new bytes32[](0)));
        _true(!accessLog.verifyInclusion(0, 0, IAccessLog.TreeHead(1, 0), new bytes32[](0)));
    }

    /// @dev Check 4: nobody acts through the zero address, though the chain lets nobody send from it.
    function test_theZeroAddressDoesNothing() public {
        AgreementId id = _agree();
        vm.startPrank(address(0));
        vm.expectRevert(abi.encodeWithSelector(IAgreementRegistry.AgreementUnauthorized.selector, id, address(0)));
        agreements.suspend(id, "");
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.DatasetUnauthorized.selector, dataset, address(0)));
        datasets.suspend(dataset, "");
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.KeyUnauthorized.selector, address(0)));
        participants.revokeDelegate(address(0));
        vm.expectRevert(abi.encodeWithSelector(IAccessLog.GatewayUnauthorized.selector, address(0)));
        accessLog.append(0, _entries(1, 1), new IAgreementRegistry.Usage[](0));
        vm.expectRevert(abi.encodeWithSelector(IAccessLog.AcknowledgementUnauthorized.selector, address(0)));
        accessLog.acknowledge(gateway.id);
        vm.stopPrank();
    }

    /// @dev Check 5: the ends of what 48 bits hold.
    function test_theLastSeconds() public {
        uint48 end = type(uint48).max;
        IAgreementRegistry.Terms memory terms = _terms();
        terms.validFrom = 0;
        terms.validUntil = end;
        AgreementId id = _agree(terms);
        _is(id, IAgreementRegistry.Status.InForce);
        IUsagePolicy.UsageRequest memory request = _request(id);
        vm.warp(end - 1);
        request.time = end - 1;
        _is(id, IAgreementRegistry.Status.InForce);
        _true(usagePolicy.evaluate(request).permitted);
        request.time = end;
        _true(!usagePolicy.evaluate(request).permitted);
        vm.warp(end);
        _is(id, IAgreementRegistry.Status.Expired);
        _true(!usagePolicy.evaluate(request).permitted);
    }

    /// @dev Check 5: `validFrom >= validUntil`, and an end in the past, at the second.
    function test_periodsThatAreNone() public {
        uint48[2][4] memory periods = [
            [Defaults.FROM, Defaults.FROM],
            [Defaults.FROM + 1, Defaults.FROM],
            [Defaults.NOW - 2, Defaults.NOW - 1],
            [Defaults.NOW - 1, Defaults.NOW]
        ];
        for (uint256 i = 0; i < 4; ++i) {
            IAgreementRegistry.Terms memory terms = _terms();
            (terms.validFrom, terms.validUntil) = (periods[i][0], periods[i][1]);
            vm.expectRevert(
                abi.encodeWithSelector(IAgreementRegistry.TermsPeriodInvalid.selector, terms.validFrom, terms.validUntil)
            );
            _offer(terms);
        }
        IAgreementRegistry.Terms memory shortest = _terms();
        (shortest.validFrom, shortest.validUntil) = (Defaults.NOW, Defaults.NOW + 1);
        _offer(shortest);
    }

    /// @dev Check 7: who admits participants is none, and signs, stops, appends and acknowledges nothing.
    /// @dev CHECKS 11: all three speak in the one domain, each at its own address.
    function test_theDomainOfEachContract() public view {
        address[3] memory contracts = [address(agreements), address(accessLog), address(usagePolicy)];
        for (uint256 i = 0; i < 3; ++i) {
            (bytes1 fields, string memory name, string memory version, uint256 chain, address place, , ) = IERC5267(contracts[i])
                .eip712Domain();
            _eq(uint8(fields), 0x0f);
            _eq(keccak256(bytes(name)), keccak256("Datapact"));
            _eq(keccak256(bytes(version)), keccak256("1"));
            _eq(chain, block.chainid);
            _eq(place, contracts[i]);
        }
    }

    function test_theManagersAdminIsNoParty() public {
        AgreementId id = _agree();
        _eq(participants.principalOf(address(this)), NOBODY);
        vm.expectRevert(abi.encodeWithSelector(IAgreementRegistry.AgreementUnauthorized.selector, id, address(this)));
        agreements.terminate(id, "");
        vm.expectRevert(abi.encodeWithSelector(IAccessLog.AcknowledgementUnauthorized.selector, address(this)));
        accessLog.acknowledge(gateway.id);
        // One address, one participant: it cannot give its own key to two, nor one key two capacities.
        participants.admit("HOSPITAL-9", "Ninth", HOSPITAL, NOBODY, address(this));
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.KeyTaken.selector, address(this)));
        participants.appoint("REGULATOR-9", "Ninth", address(this));
        ParticipantId regulatorId = regulator.id;
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.KeyTaken.selector, address(this)));
        participants.recoverKey(regulatorId, address(this));
    }
}

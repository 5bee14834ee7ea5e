// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IAccessManaged } from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import { IERC5267 } from "@openzeppelin/contracts/interfaces/IERC5267.sol";
import { IAgreementRegistry } from "../../contracts/interfaces/IAgreementRegistry.sol";
import { IDatasetRegistry } from "../../contracts/interfaces/IDatasetRegistry.sol";
import { AgreementId, ParticipantId } from "../../contracts/interfaces/Types.sol";
import { Base } from "./support/Base.sol";
import { Defaults } from "./support/Defaults.sol";
import { vm } from "./support/Vm.sol";
import { Wallet } from "./support/Wallets.sol";

contract SignTest is Base {
    IAgreementRegistry.Capacity private constant ASSIGNER = IAgreementRegistry.Capacity.Assigner;
    IAgreementRegistry.Capacity private constant ASSIGNEE = IAgreementRegistry.Capacity.Assignee;
    IAgreementRegistry.Capacity private constant REGULATING = IAgreementRegistry.Capacity.Regulator;
    uint256 private constant ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    // --- Finalization ---

    function test_everyOrderOfSignaturesFinalizesWithTheLast() public {
        for (uint256 order = 0; order < 6; ++order) {
            IAgreementRegistry.Terms memory terms = _terms();
            terms.salt = bytes32(order);
            AgreementId id = _offer(terms);
            uint256[3] memory places = [order % 3, (order + 1 + order / 3) % 3, (order + 2 + 2 * (order / 3)) % 3];
            for (uint256 i = 0; i < 3; ++i) {
                _eq(agreements.facts(id).finalizedAt, 0);
                _is(id, IAgreementRegistry.Status.Offered);
                _signAs(id, places[i]);
            }
            _eq(agreements.facts(id).finalizedAt, Defaults.NOW);
            _is(id, IAgreementRegistry.Status.Scheduled);
        }
    }

    function _signAs(AgreementId id, uint256 place) private {
        if (place == 0) _sign(id, ASSIGNER, hospital);
        else if (place == 1) _sign(id, ASSIGNEE, consumer);
        else _sign(id, REGULATING, regulator);
    }

    function test_factsKeepTheTimes() public {
        AgreementId id = _offer();
        vm.warp(Defaults.NOW + 1);
        _sign(id, ASSIGNER, hospital);
        vm.warp(Defaults.NOW + 2);
        _sign(id, ASSIGNEE, consumer);
        vm.warp(Defaults.NOW + 3);
        _sign(id, REGULATING, regulator);
        IAgreementRegistry.Facts memory facts = agreements.facts(id);
        _eq(facts.assignerSignedAt, Defaults.NOW + 1);
        _eq(facts.assigneeSignedAt, Defaults.NOW + 2);
        _eq(facts.approvals, 1);
        _eq(facts.finalizedAt, Defaults.NOW + 3);
    }

    function test_theHigherNumberOfApprovalsCounts() public {
        agreements.setApprovals(2);
        _eq(agreements.approvalsFor(dataset), 2);
        AgreementId id = _offer();
        _signAll(id);
        _is(id, IAgreementRegistry.Status.Offered);
        _sign(id, REGULATING, otherRegulator);
        _is(id, IAgreementRegistry.Status.Scheduled);
        _eq(agreements.facts(id).approvals, 2);

        IDatasetRegistry.Rules memory rules = Defaults.rules();
        rules.approvals = 3;
        vm.prank(hospital.key);
        datasets.update(dataset, Defaults.description(), rules);
        _eq(agreements.approvalsFor(dataset), 3);
        agreements.setApprovals(4);
        _eq(agreements.approvalsFor(dataset), 4);
    }

    function test_aDatasetWithoutOwnNumberNeedsOneApproval() public {
        IDatasetRegistry.Rules memory rules = Defaults.rules();
        rules.approvals = 0;
        vm.prank(hospital.key);
        datasets.update(dataset, Defaults.description(), rules);
        _eq(agreements.approvalsFor(dataset), 1);
        AgreementId id = _offer();
        _sign(id, ASSIGNER, hospital);
        _sign(id, ASSIGNEE, consumer);
        _is(id, IAgreementRegistry.Status.Offered);
    }

    /// @dev An approval is an act of its time. Whoever should not have given it is made good by any regulator, or by stopping a party.
    function test_anApprovalStandsWhenItsRegulatorIsSuspended() public {
        AgreementId id = _offer();
        _sign(id, REGULATING, regulator);
        participants.suspend(regulator.id, "key stolen");
        _sign(id, ASSIGNER, hospital);
        _sign(id, ASSIGNEE, consumer);
        _is(id, IAgreementRegistry.Status.Scheduled);
        vm.prank(regulator.key);
        vm.expectRevert(abi.encodeWithSelector(IAgreementRegistry.AgreementUnauthorized.selector, id, regulator.key));
        agreements.suspend(id, "");
        participants.suspend(consumer.id, "until this is clear");
        _is(id, IAgreementRegistry.Status.Suspended);
        vm.prank(otherRegulator.key);
        agreements.terminate(id, "approved with a stolen key");
        _is(id, IAgreementRegistry.Status.Terminated);
    }

    /// @dev Before all have signed, an approval is withdrawn by refusing the offer; afterwards by suspending or terminating.
    function test_aRegulatorWithdrawsItsApprovalByRefusing() public {
        AgreementId id = _offer();
        _sign(id, REGULATING, regulator);
        vm.prank(regulator.key);
        agreements.suspend(id, "not yet");
        _is(id, IAgreementRegistry.Status.Suspended);
        vm.prank(regulator.key);
        agreements.terminate(id, "withdrawn");
        bytes memory late = _signature(hospital.secret, agreements.digestToSign(id, ASSIGNER, hospital.id));
        vm.expectRevert(
            abi.encodeWithSelector(IAgreementRegistry.UnexpectedStatus.selector, id, IAgreementRegistry.Status.Terminated)
        );
        agreements.sign(id, ASSIGNER, hospital.id, late);
    }

    function test_approvalsAreSetByTheManagerAlone() public {
        vm.prank(regulator.key);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, regulator.key));
        agreements.setApprovals(2);
        vm.expectRevert(abi.encodeWithSelector(IAgreementRegistry.ApprovalsInvalid.selector, 0));
        agreements.setApprovals(0);
        vm.expectRevert(abi.encodeWithSelector(IAgreementRegistry.ApprovalsInvalid.selector, 0));
        _deployAgreements(address(accessLog), 0);
    }

    // --- Signers ---

    function test_refusesSignersInACapacityThatIsNotTheirs() public {
        AgreementId id = _offer();
        _refuseSigner(id, ASSIGNER, consumer);
        _refuseSigner(id, ASSIGNER, otherHospital);
        _refuseSigner(id, ASSIGNER, regulator);
        _refuseSigner(id, ASSIGNEE, hospital);
        _refuseSigner(id, ASSIGNEE, otherConsumer);
        _refuseSigner(id, REGULATING, hospital);
        _refuseSigner(id, REGULATING, consumer);
        _refuseSigner(id, REGULATING, gateway);
        _refuseSigner(id, REGULATING, Actor(NOBODY, outsider, 99));
        participants.suspend(regulator.id, "");
        _refuseSigner(id, REGULATING, regulator);
    }

    function _refuseSigner(AgreementId id, IAgreementRegistry.Capacity capacity, Actor memory by) private {
        bytes memory signature = _signature(by.secret, agreements.digestToSign(id, capacity, by.id));
        vm.expectRevert(abi.encodeWithSelector(IAgreementRegistry.SignerInvalid.selector, by.id, capacity));
        agreements.sign(id, capacity, by.id, signature);
    }

    function test_refusesASecondSignature() public {
        agreements.setApprovals(2);
        AgreementId id = _offer();
        _signAll(id);
        Actor[3] memory actors = [hospital, consumer, regulator];
        for (uint8 i = 0; i < 3; ++i) {
            IAgreementRegistry.Capacity capacity = IAgreementRegistry.Capacity(i);
            bytes memory signature = _signature(actors[i].secret, agreements.digestToSign(id, capacity, actors[i].id));
            vm.expectRevert(abi.encodeWithSelector(IAgreementRegistry.SignatureRepeated.selector, id, actors[i].id));
            agreements.sign(id, capacity, actors[i].id, signature);
        }
        _is(id, IAgreementRegistry.Status.Offered);
    }

    function test_aRotatedKeySignsNothingNew() public {
        AgreementId id = _offer();
        bytes32 digest = agreements.digestToSign(id, ASSIGNER, hospital.id);
        vm.prank(hospital.key);
        participants.rotateKey(vm.addr(111));
        _refuseSignature(id, ASSIGNER, hospital.id, _signature(hospital.secret, digest));
        agreements.sign(id, ASSIGNER, hospital.id, _signature(111, digest));
    }

    function test_aDelegateSignsNoAgreement() public {
        AgreementId id = _offer();
        vm.prank(hospital.key);
        participants.authorizeDelegate(vm.addr(112), Defaults.UNTIL);
        bytes32 digest = agreements.digestToSign(id, ASSIGNER, hospital.id);
        _refuseSignature(id, ASSIGNER, hospital.id, _signature(112, digest));
    }

    // --- Status ---

    function test_signsOnlyWhatIsOffered() public {
        AgreementId unknown = AgreementId.wrap(keccak256("unknown"));
        vm.expectRevert(abi.encodeWithSelector(IAgreementRegistry.AgreementUnknown.selector, unknown));
        agreements.sign(unknown, ASSIGNER, hospital.id, "");
        vm.expectRevert(abi.encodeWithSelector(IAgreementRegistry.AgreementUnknown.selector, unknown));
        agreements.digestToSign(unknown, ASSIGNER, hospital.id);

        AgreementId id = _agree();
        _refuseStatus(id, IAgreementRegistry.Status.Scheduled);
        vm.warp(Defaults.FROM);
        _refuseStatus(id, IAgreementRegistry.Status.InForce);
        vm.prank(hospital.key);
        agreements.terminate(id, "");
        _refuseStatus(id, IAgreementRegistry.Status.Terminated);
    }

    function test_signsUntilTheLastSecond() public {
        AgreementId id = _offer();
        vm.warp(Defaults.UNTIL - 1);
        _sign(id, ASSIGNER, hospital);
        _sign(id, REGULATING, regulator);
        vm.warp(Defaults.UNTIL);
        _refuseStatus(id, IAgreementRegistry.Status.Expired);
        vm.warp(Defaults.UNTIL - 1);
        _sign(id, ASSIGNEE, consumer);
        _is(id, IAgreementRegistry.Status.InForce);
    }

    function test_nobodySignsWhileAPartyOrTheDatasetIsStopped() public {
        AgreementId id = _offer();
        participants.suspend(consumer.id, "");
        _refuseStatus(id, IAgreementRegistry.Status.Suspended);
        participants.reinstate(consumer.id);
        vm.prank(regulator.key);
        datasets.suspend(dataset, "");
        _refuseStatus(id, IAgreementRegistry.Status.Suspended);
        vm.prank(regulator.key);
        datasets.reinstate(dataset);
        vm.prank(consumer.key);
        agreements.suspend(id, "");
        _refuseStatus(id, IAgreementRegistry.Status.Suspended);
    }

    function _refuseStatus(AgreementId id, IAgreementRegistry.Status current) private {
        bytes memory signature = _signature(hospital.secret, agreements.digestToSign(id, ASSIGNER, hospital.id));
        vm.expectRevert(abi.encodeWithSelector(IAgreementRegistry.UnexpectedStatus.selector, id, current));
        agreements.sign(id, ASSIGNER, hospital.id, signature);
    }

    // --- Signatures of accounts ---

    function test_acceptsOneFormOfSignatureOnly() public {
        AgreementId id = _offer();
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(hospital.secret, agreements.digestToSign(id, ASSIGNER, hospital.id));
        bytes32 highS = bytes32(ORDER - uint256(s));
        uint8 otherV = v == 27 ? 28 : 27;
        _refuseSignature(id, ASSIGNER, hospital.id, abi.encodePacked(r, highS, otherV));
        _refuseSignature(id, ASSIGNER, hospital.id, abi.encodePacked(r, s, otherV));
        _refuseSignature(id, ASSIGNER, hospital.id, abi.encodePacked(r, s, v - 27));
        _refuseSignature(id, ASSIGNER, hospital.id, abi.encodePacked(r, s, uint8(29)));
        _refuseSignature(id, ASSIGNER, hospital.id, abi.encodePacked(r, s, uint8(255)));
        _refuseSignature(id, ASSIGNER, hospital.id, abi.encodePacked(r, s));
        _refuseSignature(id, ASSIGNER, hospital.id, abi.encodePacked(r, s, v, uint8(0)));
        _refuseSignature(id, ASSIGNER, hospital.id, abi.encodePacked(r, s | bytes32(uint256(v - 27) << 255)));
        _refuseSignature(id, ASSIGNER, hospital.id, "");
        _refuseSignature(id, ASSIGNER, hospital.id, new bytes(65));
        _refuseSignature(id, ASSIGNER, hospital.id, abi.encodePacked(bytes32(0), s, v));
        _refuseSignature(id, ASSIGNER, hospital.id, abi.encodePacked(r, bytes32(0), v));
        _refuseSignature(id, ASSIGNER, hospital.id, abi.encodePacked(ORDER, s, v));
        agreements.sign(id, ASSIGNER, hospital.id, abi.encodePacked(r, s, v));
    }

    function testFuzz_oneFlippedBitIsRefused(uint256 place) public {
        AgreementId id = _offer();
        bytes memory signature = _signature(hospital.secret, agreements.digestToSign(id, ASSIGNER, hospital.id));
        place %= 520;
        signature[place / 8] ^= bytes1(uint8(1 << (place % 8)));
        _refuseSignature(id, ASSIGNER, hospital.id, signature);
    }

    function test_aSignatureCountsForOneCapacityAgreementAndRegistryOnly() public {
        AgreementId id = _offer();
        // Same signer, same terms, another capacity.
        bytes32 asAssignee = agreements.digestToSign(id, ASSIGNEE, hospital.id);
        _refuseSignature(id, ASSIGNER, hospital.id, _signature(hospital.secret, asAssignee));
        bytes32 ofAnother = agreements.digestToSign(id, ASSIGNER, otherHospital.id);
        _refuseSignature(id, ASSIGNER, hospital.id, _signature(hospital.secret, ofAnother));
        _refuseSignature(id, ASSIGNER, hospital.id, _signature(hospital.secret, AgreementId.unwrap(id)));

        IAgreementRegistry.Terms memory terms = _terms();
        terms.salt = keccak256("other");
        AgreementId other = _offer(terms);
        bytes32 digest = agreements.digestToSign(other, ASSIGNER, hospital.id);
        _refuseSignature(id, ASSIGNER, hospital.id, _signature(hospital.secret, digest));

        IAgreementRegistry second = _deployAgreements(address(accessLog), 1);
        second.offer(_terms(), Defaults.POLICY);
        AgreementId there = second.idOf(_terms());
        _true(there != id);
        digest = second.digestToSign(there, ASSIGNER, hospital.id);
        _refuseSignature(id, ASSIGNER, hospital.id, _signature(hospital.secret, digest));
    }

    function test_aSignatureDoesNotCountOnAForkOfTheChain() public {
        AgreementId id = _offer();
        // The optimizer takes block.chainid for constant within a call.
        (, , , uint256 chain, , , ) = IERC5267(address(agreements)).eip712Domain();
        bytes32 digest = agreements.digestToSign(id, ASSIGNER, hospital.id);
        vm.chainId(chain + 1);
        _true(agreements.digestToSign(id, ASSIGNER, hospital.id) != digest);
        _true(agreements.idOf(_terms()) != id);
        _refuseSignature(id, ASSIGNER, hospital.id, _signature(hospital.secret, digest));
        vm.chainId(chain);
        agreements.sign(id, ASSIGNER, hospital.id, _signature(hospital.secret, digest));
    }

    // --- Signatures of wallets ---

    function test_aWalletSigns() public {
        (AgreementId id, Wallet wallet) = _offerToWallet();
        bytes memory signature = _signature(777, agreements.digestToSign(id, ASSIGNEE, consumer.id));
        _refuseSignature(id, ASSIGNEE, consumer.id, _signature(778, agreements.digestToSign(id, ASSIGNEE, consumer.id)));
        agreements.sign(id, ASSIGNEE, consumer.id, signature);
        // What it answers later changes nothing.
        wallet.behave(Wallet.Behavior.Reverts);
        _sign(id, ASSIGNER, hospital);
        _sign(id, REGULATING, regulator);
        _is(id, IAgreementRegistry.Status.Scheduled);
    }

    function test_aWalletThatMisbehavesHasNotSigned() public {
        (AgreementId id, Wallet wallet) = _offerToWallet();
        bytes memory signature = _signature(777, agreements.digestToSign(id, ASSIGNEE, consumer.id));
        Wallet.Behavior[7] memory behaviors = [
            Wallet.Behavior.Reverts,
            Wallet.Behavior.Burns,
            Wallet.Behavior.ReturnsMuch,
            Wallet.Behavior.ReturnsShort,
            Wallet.Behavior.ReturnsOther,
            Wallet.Behavior.RevertsWithMagic,
            Wallet.Behavior.Writes
        ];
        for (uint256 i = 0; i < behaviors.length; ++i) {
            wallet.behave(behaviors[i]);
            uint256 before = gasleft();
            _refuseSignature(id, ASSIGNEE, consumer.id, signature);
            _true(before - gasleft() < 1_000_000);
        }
        wallet.behave(Wallet.Behavior.AcceptsAllAtLength);
        agreements.sign(id, ASSIGNEE, consumer.id, "");
    }

    function test_anAccountThatGainsCodeSignsAsBefore() public {
        AgreementId id = _offer();
        Wallet wallet = new Wallet(address(1));
        vm.etch(hospital.key, address(wallet).code);
        _sign(id, ASSIGNER, hospital);
        _true(agreements.facts(id).assignerSignedAt != 0);
    }

    function _offerToWallet() private returns (AgreementId id, Wallet wallet) {
        wallet = new Wallet(vm.addr(777));
        vm.prank(consumer.key);
        participants.rotateKey(address(wallet));
        id = _offer();
    }

    function _refuseSignature(
        AgreementId id,
        IAgreementRegistry.Capacity capacity,
        ParticipantId signer,
        bytes memory signature
    ) private {
        vm.expectRevert(abi.encodeWithSelector(IAgreementRegistry.SignatureInvalid.selector, id, signer));
        agreements.sign(id, capacity, signer, signature);
    }
}

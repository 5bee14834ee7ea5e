import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { getCreateAddress, id, ZeroHash } from "ethers";
import hre from "hardhat";
import type { Description } from "../../server/domain/dataset.ts";
import { numberFields } from "../../server/domain/dataset.ts";
import type { Address, AgreementId } from "../../server/domain/ids.ts";
import type { Capacity, Terms } from "../../server/domain/terms.ts";
import { assurances, capacities, disclosures } from "../../server/domain/terms.ts";
import {
  datasetId,
  descriptionHash,
  eip712Domain,
  encodedDescription,
  participantId,
  policyHash,
  signatureTypes,
} from "../../server/domain/typedData.ts";

export const policyText = "No attempt to identify a patient.";
export const roles = { hospital: 1, consumer: 2, gateway: 8 } as const;

export const description: Description = {
  title: "Diabetes cohort 2020-2025",
  tables: [
    {
      name: "patients",
      patientKey: "patient_id",
      fields: [
        { name: "patient_id", fieldType: "Text", level: "Linking" },
        { name: "name", fieldType: "Text", level: "Direct" },
        { name: "birth_year", fieldType: "Integer", level: "Quasi" },
      ],
    },
    {
      name: "lab_results",
      patientKey: "patient_id",
      fields: [
        { name: "patient_id", fieldType: "Text", level: "Linking" },
        { name: "code", fieldType: "Text", level: "Neutral" },
        { name: "value", fieldType: "Decimal", level: "Sensitive" },
      ],
    },
  ],
  joins: [{ left: "patients.patient_id", right: "lab_results.patient_id" }],
};

export const rules = { purposes: ["DUO:0000007"], maxDisclosure: 2, minCohort: 10, approvals: 1 };

export type Ledger = Awaited<ReturnType<typeof createLedger>>;

/** Deploys the contracts and admits one participant of each role: on a chain inside this process, or on anvil at `url`. */
export async function createLedger(url?: string) {
  const { ethers, provider } = await (url === undefined
    ? hre.network.create()
    : hre.network.create({ network: "anvil", override: { url } }));
  const [admin, hospital, consumer, regulator, gateway, outsider, ...others] = (await ethers.getSigners()) as [
    ...Signers,
    ...HardhatEthersSigner[],
  ];
  const manager = await ethers.deployContract("Authority", [admin.address, 0]);
  const participants = await ethers.deployContract("ParticipantRegistry", [await manager.getAddress()]);
  const datasets = await ethers.deployContract("DatasetRegistry", [await participants.getAddress()]);
  const next = getCreateAddress({ from: admin.address, nonce: (await admin.getNonce()) + 1 });
  const agreements = await ethers.deployContract("AgreementRegistry", [
    await manager.getAddress(),
    await participants.getAddress(),
    await datasets.getAddress(),
    next,
    1,
  ]);
  const log = await ethers.deployContract("AccessLog", [
    await participants.getAddress(),
    await agreements.getAddress(),
  ]);
  const policy = await ethers.deployContract("UsagePolicy", [
    await participants.getAddress(),
    await datasets.getAddress(),
    await agreements.getAddress(),
    await log.getAddress(),
  ]);
  const contracts = { manager, participants, datasets, agreements, log, policy };
  const actors = { admin, hospital, consumer, regulator, gateway, outsider, others };

  const hospitalId = participantId("HOSPITAL-1");
  await participants.admit("HOSPITAL-1", "Hospital", roles.hospital, ZeroHash, hospital.address);
  await participants.admit("CONSUMER-1", "Consumer", roles.consumer, ZeroHash, consumer.address);
  await participants.appoint("REGULATOR-1", "Regulator", regulator.address);
  await participants.admit("GATEWAY-1", "Gateway", roles.gateway, hospitalId, gateway.address);
  await datasets.connect(hospital).register("diabetes", encodedDescription(description), rules);

  const ids = {
    hospital: hospitalId,
    consumer: participantId("CONSUMER-1"),
    regulator: participantId("REGULATOR-1"),
    gateway: participantId("GATEWAY-1"),
    dataset: datasetId(hospitalId, "diabetes"),
  };
  return { ethers, provider, contracts, actors, ids };
}

type Signers = [
  admin: HardhatEthersSigner,
  hospital: HardhatEthersSigner,
  consumer: HardhatEthersSigner,
  regulator: HardhatEthersSigner,
  gateway: HardhatEthersSigner,
  outsider: HardhatEthersSigner,
];

/** Valid terms that differ by their salt. */
export function makeTerms({ ids }: Ledger, salt: string, now: number): Terms {
  const fields = numberFields(description)
    .filter(({ level }) => level !== "Direct")
    .reduce((bitmap, { number }) => bitmap | (1n << BigInt(number)), 0n);
  return {
    assigner: ids.hospital,
    assignee: ids.consumer,
    dataset: ids.dataset,
    description: descriptionHash(description),
    purpose: "DUO:0000007",
    fields,
    rows: "patients.birth_year >= 1950",
    disclosure: "Deidentified",
    minCohort: 10,
    maxUses: 1_000_000n,
    maxRows: 1_000n,
    validFrom: now,
    validUntil: now + 365 * 86_400,
    assurance: "Receipt",
    policy: policyHash(policyText),
    replaces: ZeroHash as AgreementId,
    salt: id(salt) as Terms["salt"],
  };
}

/** Terms as the contracts take them: enum members as numbers. */
export function encodedTerms(terms: Terms) {
  return {
    ...terms,
    disclosure: disclosures.indexOf(terms.disclosure),
    assurance: assurances.indexOf(terms.assurance),
  };
}

/** Signs terms by typed data, as a wallet would, and hands the signature in. */
export async function signTerms(ledger: Ledger, terms: Terms, agreement: string, capacity: Capacity) {
  const { actors, contracts, ids } = ledger;
  const [key, signer] = {
    Assigner: [actors.hospital, ids.hospital] as const,
    Assignee: [actors.consumer, ids.consumer] as const,
    Regulator: [actors.regulator, ids.regulator] as const,
  }[capacity];
  const domain = eip712Domain({
    chainId: Number((await ledger.ethers.provider.getNetwork()).chainId),
    verifyingContract: (await contracts.agreements.getAddress()) as Address,
  });
  const signature = await key.signTypedData(domain, signatureTypes, { capacity, signer, terms });
  return contracts.agreements.sign(agreement, capacities.indexOf(capacity), signer, signature);
}

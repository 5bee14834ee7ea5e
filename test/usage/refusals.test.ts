import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createClient } from "../../server/api/client.ts";
import { write } from "../../server/chain/write.ts";
import type { AgreementId, ParticipantId } from "../../server/domain/ids.ts";
import type { SignedRequest } from "../../server/domain/usageRequest.ts";
import type { Gateway } from "../../server/gateway/startGateway.ts";
import { resetClock, stopClock } from "../support/clock.ts";
import { ask, countAll, insurersPurpose, reasonOf, sign, startTestSpace, type TestSpace } from "../support/space.ts";

let space: TestSpace;
let gateway: Gateway;
let agreement: AgreementId;

beforeAll(async () => {
  space = await startTestSpace();
  gateway = await space.startGateway();
  agreement = await space.conclude();
});
afterEach(resetClock);
afterAll(() => space.stop());

const reason = async (...asked: Parameters<typeof ask> extends [TestSpace, Gateway, ...infer Rest] ? Rest : never) =>
  reasonOf(await ask(space, gateway, ...asked));

const isAllAnchored = async (): Promise<boolean> => {
  const { appended, anchored } = await createClient(gateway.url).log();
  return anchored?.size === appended;
};

describe("the line refuses, and records, by name", () => {
  it("permits what the agreement permits, so that a refusal below has its own cause", async () => {
    expect(await reason(agreement)).toBeUndefined();
  });

  it("unknownSigner", async () => {
    expect(await reason(agreement, { key: "insurer" })).toBe("SignerUnknown");
    expect(await reason(agreement, { key: "hospital" })).toBe("SignerUnknown");
  });

  it("unknownAgreement", async () => {
    expect(await reason(`0x${"ab".repeat(32)}` as AgreementId)).toBe("AgreementUnknown");
    expect(await reason(`0x${"00".repeat(32)}` as AgreementId)).toBe("AgreementUnknown");
  });

  it("otherGateway", async () => {
    expect(await reason(agreement, { gateway: `0x${"12".repeat(32)}` as ParticipantId })).toBe("GatewayMismatch");
  });

  it("wrongPurpose", async () => {
    expect(await reason(agreement, { purpose: insurersPurpose })).toBe("PurposeMismatch");
    expect(await reason(agreement, { purpose: "DUO:0000007 " })).toBe("PurposeMismatch");
    expect(await reason(agreement, { purpose: "duo:0000007" })).toBe("PurposeMismatch");
  });

  it.each([
    ["output", "SELECT district, count(*) FROM newborns GROUP BY 1"],
    ["condition", "SELECT count(*) FROM newborns WHERE district = 'x'"],
    ["group", "SELECT count(*) FROM newborns GROUP BY district"],
    ["case", "SELECT count(CASE WHEN district = 'x' THEN 1 END) FROM newborns"],
    ["aggregate", "SELECT count(DISTINCT district) FROM newborns"],
    ["order", "SELECT sex, count(*) FROM newborns GROUP BY sex, district ORDER BY 1"],
    ["join", "SELECT count(*) FROM newborns n JOIN phototherapy p ON p.patient_id = n.patient_id"],
    ["function", "SELECT avg(length(district)) FROM newborns"],
  ])("fieldOutsideLicense in %s", async (_place, statement) => {
    expect(["FieldOutsideLicense", "StatementRefused"]).toContain(await reason(agreement, { statement }));
  });

  it("tells which field, but only to whom the agreement belongs", async () => {
    const statement = "SELECT count(*) FROM newborns WHERE district = 'x'";
    expect(await ask(space, gateway, agreement, { statement })).toMatchObject({
      detail: "It does not license newborns.district.",
    });
    expect(await ask(space, gateway, agreement, { statement, key: "insurer" })).not.toHaveProperty("detail");
  });

  it("directIdentifier", async () => {
    expect(await reason(agreement, { statement: "SELECT mother_name FROM newborns" })).toBe("StatementRefused");
  });

  it("rowsUnderAggregate", async () => {
    expect(await reason(agreement, { statement: "SELECT sex FROM newborns LIMIT 20" })).toBe("DisclosureNotPermitted");
  });

  it("groupUnderSmallestCohort: none and few are told alike", async () => {
    const answers = await Promise.all(
      ["birth_weight_g = 1", "birth_weight_g < 2300 AND sex = 'F' AND gestational_age_weeks = 41"].map((condition) =>
        ask(space, gateway, agreement, { statement: `${countAll} WHERE ${condition}` }),
      ),
    );
    const told = answers.map(({ entry: _entry, receipt: _receipt, ...rest }) => rest);
    expect(told[0]).toMatchObject({ code: "CohortTooSmall" });
    expect(told[1]).toEqual(told[0]);
  });

  it("notSigned", async () => {
    const { offer } = await import("../../server/client/agreements.ts");
    const { demoTerms, policy } = await import("../../scripts/demo/story.ts");
    const terms = demoTerms(space.founded, space.dataset);
    const id = await offer(space.founded.space, space.founded.wallet("device-maker"), terms, policy);
    expect(await reason(id)).toBe("AgreementNotFinalized");
  });

  it("expired, to the second", async () => {
    const until = Math.floor(Date.now() / 1_000) + 600;
    const short = await space.conclude({ validUntil: until });
    stopClock(until - 0.001);
    expect(await reason(short)).toBeUndefined();
    stopClock(until);
    expect(await reason(short)).toBe("AgreementExpired");
  });

  it("notYetValid, to the second", async () => {
    const from = Math.floor(Date.now() / 1_000) + 600;
    const future = await space.conclude({ validFrom: from });
    stopClock(from - 0.001);
    expect(await reason(future)).toBe("AgreementNotYetValid");
    stopClock(from);
    expect(await reason(future)).toBeUndefined();
  });

  it("usesExhausted under 100 parallel requests", async () => {
    const scarce = await space.conclude({ maxUses: 3n });
    const reasons = await Promise.all(Array.from({ length: 100 }, () => reason(scarce)));
    expect(reasons.filter((found) => found === undefined)).toHaveLength(3);
    expect(reasons.filter((found) => found === "UsesExhausted")).toHaveLength(97);
    await expect.poll(isAllAnchored).toBe(true);
    expect(await reason(scarce)).toBe("UsesExhausted");
  });

  it("replayedRequest, 50 times in parallel: executed once", async () => {
    const signed = sign(space, gateway, agreement);
    const answers = await Promise.all(Array.from({ length: 50 }, () => createClient(gateway.url).use(signed)));
    const reasons = answers.map(reasonOf);
    expect(reasons.filter((found) => found === undefined)).toHaveLength(1);
    expect(reasons.filter((found) => found === "RequestReplayed")).toHaveLength(49);
    expect(reasonOf(await createClient(gateway.url).use(signed))).toBe("RequestReplayed");
  });

  it.each([
    ["past", -1],
    ["future", 1],
  ])("staleRequest from the %s, to the second", async (_name, sense) => {
    const now = Math.floor(Date.now() / 1_000);
    const signedAt = (seconds: number): SignedRequest => {
      stopClock(now + sense * seconds);
      return sign(space, gateway, agreement);
    };
    const [fresh, stale] = [signedAt(300), signedAt(301)];
    stopClock(now);
    expect(reasonOf(await createClient(gateway.url).use(fresh))).toBeUndefined();
    expect(reasonOf(await createClient(gateway.url).use(stale))).toBe("RequestStale");
  });

  it("suspended by a party or the regulator, in that block", async () => {
    const { space: chain, wallet } = space.founded;
    for (const key of ["hospital", "device-maker", "commission"]) {
      await write(chain, wallet(key), "AgreementRegistry", "suspend", [agreement, "test"]);
      expect(await reason(agreement)).toBe("AgreementSuspended");
      await write(chain, wallet(key), "AgreementRegistry", "reinstate", [agreement]);
      expect(await reason(agreement)).toBeUndefined();
    }
  });

  it("suspendedDataset stops every agreement under it", async () => {
    const { space: chain, wallet } = space.founded;
    await write(chain, wallet("hospital"), "DatasetRegistry", "suspend", [space.dataset.id, "test"]);
    expect(await reason(agreement)).toBe("DatasetSuspended");
    await write(chain, wallet("hospital"), "DatasetRegistry", "reinstate", [space.dataset.id]);
    expect(await reason(agreement)).toBeUndefined();
  });

  it.each([
    ["hospital", "AssignerSuspended"],
    ["device-maker", "AssigneeSuspended"],
    ["gateway", "GatewaySuspended"],
  ])("suspendedParticipant %s stops every agreement under it", async (key, expected) => {
    const { space: chain, wallet, id } = space.founded;
    await write(chain, wallet("commission"), "ParticipantRegistry", "suspend", [id(key), "test"]);
    expect(await reason(agreement)).toBe(expected);
    await write(chain, wallet("commission"), "ParticipantRegistry", "reinstate", [id(key)]);
    expect(await reason(agreement)).toBeUndefined();
  });

  it("terminated, for good", async () => {
    const { space: chain, wallet } = space.founded;
    const ended = await space.conclude();
    await write(chain, wallet("hospital"), "AgreementRegistry", "terminate", [ended, "test"]);
    expect(await reason(ended)).toBe("AgreementTerminated");
  });

  it("gives every request of this file, refused or not, an entry with its own index", async () => {
    const { appended } = (await (await fetch(`${gateway.url}/v1/log`)).json()) as { appended: number };
    const before = appended;
    const answers = await Promise.all([
      ask(space, gateway, agreement),
      ask(space, gateway, agreement, { key: "insurer" }),
    ]);
    expect(new Set(answers.map(({ receipt }) => receipt.index))).toEqual(new Set([before, before + 1]));
  });
});

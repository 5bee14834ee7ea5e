import { afterAll, beforeAll, expect, it } from "vitest";
import { demoTerms, policy, signAs } from "../../scripts/demo/story.ts";
import { write } from "../../server/chain/write.ts";
import { offer } from "../../server/client/agreements.ts";
import type { AgreementId, ParticipantId } from "../../server/domain/ids.ts";
import { denialReasons, type Reason, reasonFacts } from "../../server/domain/reasons.ts";
import type { Gateway } from "../../server/gateway/startGateway.ts";
import { pass } from "../support/clock.ts";
import { type Asked, ask, insurersPurpose, reasonOf, startTestSpace, type TestSpace } from "../support/space.ts";

let space: TestSpace;
let gateway: Gateway;
let agreements: Map<AgreementId, Reason | undefined>;

beforeAll(async () => {
  space = await startTestSpace();
  gateway = await space.startGateway();
  agreements = await concludeOneOfEachState();
});
afterAll(() => space.stop());

/** An agreement in every state that one can be in, and the reason that goes with it. */
async function concludeOneOfEachState(): Promise<Map<AgreementId, Reason | undefined>> {
  const { founded, dataset, conclude } = space;
  const { space: chain, wallet } = founded;
  const seconds = Math.floor(Date.now() / 1_000);
  const stop = (method: string, id: AgreementId) =>
    write(chain, wallet("hospital"), "AgreementRegistry", method, [id, ""]);

  const terms = demoTerms(founded, dataset);
  const offered = await offer(chain, wallet("device-maker"), terms, policy);
  const later = demoTerms(founded, dataset);
  const unapproved = await offer(chain, wallet("device-maker"), later, policy);
  await signAs(founded, "hospital", "Assigner", unapproved, later);
  await signAs(founded, "device-maker", "Assignee", unapproved, later);
  const [terminated, suspended] = [await conclude(), await conclude()];
  await stop("terminate", terminated);
  await stop("suspend", suspended);
  const future = await conclude({ validFrom: seconds + 86_400 });
  const spent = await conclude({ maxUses: 1n });
  expect(reasonOf(await ask(space, gateway, spent))).toBeUndefined();
  const expired = await conclude({ validUntil: Math.floor(Date.now() / 1_000) + 600 });
  const good = await conclude();
  await pass(chain, 601);
  return new Map<AgreementId, Reason | undefined>([
    [good, undefined],
    [`0x${"ab".repeat(32)}` as AgreementId, "AgreementUnknown"],
    [offered, "AgreementNotFinalized"],
    [unapproved, "AgreementNotFinalized"],
    [terminated, "AgreementTerminated"],
    [suspended, "AgreementSuspended"],
    [future, "AgreementNotYetValid"],
    [expired, "AgreementExpired"],
    [spent, "UsesExhausted"],
  ]);
}

const requests: readonly (readonly [Asked, Reason | undefined])[] = [
  [{}, undefined],
  [{ gateway: `0x${"12".repeat(32)}` as ParticipantId }, "GatewayMismatch"],
  [{ key: "insurer" }, "SignerUnknown"],
  [{ purpose: insurersPurpose }, "PurposeMismatch"],
  [{ statement: "SELECT count(*) FROM newborns WHERE district = 'x'" }, "FieldOutsideLicense"],
  [{ statement: "SELECT sex FROM newborns LIMIT 20" }, "DisclosureNotPermitted"],
];

const stops = [
  ["ParticipantRegistry", "gateway", "GatewaySuspended"],
  ["ParticipantRegistry", "hospital", "AssignerSuspended"],
  ["ParticipantRegistry", "device-maker", "AssigneeSuspended"],
  ["DatasetRegistry", undefined, "DatasetSuspended"],
] as const;

/** The one whose place in the table is first. */
const first = (reasons: readonly (Reason | undefined)[]): Reason | undefined =>
  (["GatewayMismatch", ...denialReasons] as const).find((reason) => reasons.includes(reason));

it("of all states of agreement, parties, dataset and request together, only all good ones permit; others are refused for the first reason of the table", async () => {
  const { space: chain, wallet, id } = space.founded;
  const stopped = new Set<number>();
  let permitted = 0;
  for (let round = 0; round < 1 << stops.length; round += 1) {
    const present = [...stopped].map((index) => stops[index]?.[2]);
    const cases = [...agreements].flatMap(([agreement, state]) =>
      requests.map(([asked, fault]) => ({ agreement, asked, expected: first([...present, state, fault]) })),
    );
    await Promise.all(
      cases.map(async ({ agreement, asked, expected }) => {
        const answer = await ask(space, gateway, agreement, asked);
        expect(reasonOf(answer)).toBe(expected);
        if (expected === undefined) permitted += 1;
        else {
          expect(answer).not.toHaveProperty("result");
          expect(answer.entry).toMatchObject({
            outcome: reasonFacts[expected].outcome,
            reason: expected,
            result: null,
          });
        }
      }),
    );
    // Gray code: one change between two rounds
    const next = 31 - Math.clz32((round + 1) & -(round + 1));
    const [registry, key] = stops[next] ?? [];
    if (registry === undefined) break;
    const target = key === undefined ? space.dataset.id : id(key);
    if (stopped.delete(next)) await write(chain, wallet("commission"), registry, "reinstate", [target]);
    else {
      await write(chain, wallet("commission"), registry, "suspend", [target, ""]);
      stopped.add(next);
    }
  }
  expect(permitted).toBe(1);
});

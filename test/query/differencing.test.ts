import { afterAll, beforeAll, expect, it } from "vitest";
import { type Clinic, openClinic } from "./clinic.ts";

/** What a consumer learns who asks for a cohort with and without one known patient. */
let opened: Clinic;
beforeAll(async () => {
  opened = await openClinic();
});
afterAll(() => opened.close());

let state = 11;
const random = (below: number): number => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
};

const count = 500;
const secrets = Array.from({ length: count }, () => random(2) === 1);

type Pair = { readonly isIn: boolean; readonly differ: boolean };

/** Mutual information between the secret and whether the answers differ, in bits. */
function bitsOf(pairs: readonly Pair[]): number {
  const share = (of: (pair: Pair) => boolean): number => pairs.filter(of).length / pairs.length;
  const sides = [true, false];
  return sides
    .flatMap((isIn) =>
      sides.map((differ) => {
        const both = share((pair) => pair.isIn === isIn && pair.differ === differ);
        const apart = share((pair) => pair.isIn === isIn) * share((pair) => pair.differ === differ);
        return both === 0 ? 0 : both * Math.log2(both / apart);
      }),
    )
    .reduce((sum, term) => sum + term, 0);
}

it("1,000 pairs of counts that differ by one patient or not tell a tenth of a bit each", async () => {
  const patients = Array.from({ length: count }, (_, n) => ({
    patient_id: String(n),
    sex: "F",
    born: null,
    weight: String(n),
    smoker: secrets[n] ?? false,
    ward: "A",
    mother_id: null,
  }));
  await opened.load({ patients, measurements: [], mothers: [] });
  const ask = async (where: string): Promise<unknown> =>
    (await opened.ask(`SELECT count(*) FROM patients WHERE smoker AND ${where}`, { minCohort: 10 })).rows[0]?.[0];
  const pairs: Pair[] = [];
  for (let pair = 0; pair < 1_000; pair += 1) {
    const [from, size] = [random(300), 60 + random(100)];
    const target = from + random(size);
    const cohort = `weight BETWEEN ${from} AND ${from + size}`;
    const [including, without] = [await ask(cohort), await ask(`${cohort} AND weight <> ${target}`)];
    pairs.push({ isIn: secrets[target] ?? false, differ: including !== without });
  }
  expect(pairs.some(({ differ }) => differ)).toBe(true);
  expect(bitsOf(pairs)).toBeLessThan(0.16);
  // Equal answers clear nobody: of the targets that made no difference, nearly as many were in as before.
  const same = pairs.filter(({ differ }) => !differ);
  expect(same.filter(({ isIn }) => isIn).length / same.length).toBeGreaterThan(0.38);
});

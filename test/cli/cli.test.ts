import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encryptKeystoreJson, type Wallet } from "ethers";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { readNames } from "../../scripts/cli/readNames.ts";
import { showTermsToSign } from "../../scripts/cli/showTerms.ts";
import { ensureAgreement, founders } from "../../scripts/demo/story.ts";
import { fundKeys } from "../../scripts/space/fundKeys.ts";
import { listAgreements } from "../../server/client/agreements.ts";
import type { AgreementId } from "../../server/domain/ids.ts";
import { policyHash } from "../../server/domain/typedData.ts";
import type { Gateway } from "../../server/gateway/startGateway.ts";
import { openKeystore } from "../../server/keystore.ts";
import { createDatapact, type Datapact, type Run } from "../support/cli.ts";
import { alter, replaceAt } from "../support/evidence.ts";
import { hasPython } from "../support/foreign.ts";
import { makeFolder } from "../support/folder.ts";
import { startTestSpace, type TestSpace } from "../support/space.ts";

let space: TestSpace;
let gateway: Gateway;
let datapact: Datapact;
let files: string;
const inTerminal = (typed: string): Datapact => createDatapact(space, gateway, {}, typed);

beforeAll(async () => {
  space = await startTestSpace();
  gateway = await space.startGateway();
  datapact = createDatapact(space, gateway);
  files = join(space.home.folder, "files");
  mkdirSync(files);
  for (const { key } of founders) await lighten(key, space.founded.wallet(key));
});
afterAll(() => space.stop());

/** Keystores take a second to open, on purpose; this file opens dozens. */
async function lighten(key: string, { address, privateKey }: Wallet): Promise<void> {
  const passphrase = readFileSync(space.home.passphrase, "utf8").trim();
  const light = await encryptKeystoreJson({ address, privateKey }, passphrase, { scrypt: { N: 1_024, r: 8, p: 1 } });
  writeFileSync(space.home.keystore(key), light);
}

function succeed(run: Run): string {
  expect(run.error).toBe("");
  expect(run.code).toBe(0);
  return run.out;
}

/** A refusal that a person can read: what was wrong, no stack, no nonzero exit forgotten. */
function expectRefused({ code, error, out }: Run, pattern: RegExp, exit = 2): void {
  expect(`${error}${out}`).toMatch(pattern);
  expect(`${error}${out}`).not.toMatch(
    /\n\s+at |node_modules|\.ts:\d|\[object|undefined|ExperimentalWarning|code=[A-Z_]+/,
  );
  expect(error.length).toBeLessThan(700);
  expect(code).toBe(exit);
}

const save = (name: string, content: string | Buffer): string => {
  const file = join(files, name);
  writeFileSync(file, content);
  return file;
};

const policyFile = join(makeFolder("policy"), "policy.txt");
writeFileSync(policyFile, "For study 9 only.");

/** 60 patients with two visits each. */
const patients = Array.from({ length: 60 }, (_, i) => `P${1_000 + i},${i % 2 ? "F" : "M"},${20 + (i % 50)}`);
const visits = patients.flatMap((_, i) => [0, 1].map((j) => `V${i}-${j},P${1_000 + i},${100 + i}.5,2026-01-0${1 + j}`));

describe("a story on the command line", () => {
  let agreement: string;
  let receipt: string;

  it("key create, key list", async () => {
    const address = succeed(await datapact("key", "create", "researcher")).split("\n")[0] ?? "";
    expect(address).toMatch(/^0x[0-9a-f]{40}$/);
    expect(succeed(await datapact("key", "list"))).toMatch(new RegExp(`researcher\\s+${address}`));
    expectRefused(await datapact("key", "create", "researcher"), /never overwritten/);
    const passphrase = readFileSync(space.home.passphrase, "utf8").trim();
    const researcher = await openKeystore(space.home.keystore("researcher"), passphrase);
    await lighten("researcher", researcher);
    const { provider } = space.founded.space;
    await fundKeys(provider, space.founded.wallet("deployer").connect(provider), [researcher]);
  });

  it("participant admit, list, suspend, reinstate", async () => {
    const admit = [
      "participant",
      "admit",
      "--name",
      "大学 研究所",
      "--registration",
      "DEMO-CON-9",
      "--role",
      "consumer",
      "--key",
      "researcher",
    ];
    expectRefused(await datapact(...admit, "--as", "hospital"), /Only the regulator's account may do this/);
    const id = succeed(await datapact(...admit, "--as", "commission")).trim();
    expect(id).toMatch(/^0x[0-9a-f]{64}$/);
    expectRefused(await datapact(...admit, "--as", "commission"), /admitted already/);
    succeed(await datapact("participant", "suspend", "DEMO-CON-9", "--as", "commission", "--reason", "test"));
    expect(succeed(await datapact("participant", "list"))).toMatch(
      /大学 研究所\s+Consumer\s+DEMO-CON-9\s+0x\w+\s+suspended/,
    );
    succeed(await datapact("participant", "reinstate", id.slice(0, 12), "--as", "commission"));
    expect(succeed(await datapact("participant", "list"))).toMatch(/DEMO-CON-9\s+0x\w+\s+active/);
  });

  it("dataset import refuses a GBK file with advice, and changes nothing", async () => {
    const gbk = save("gbk.csv", Buffer.from([...Buffer.from("id,name\n1,"), 0xd0, 0xc2, 0xc9, 0xfa, 0xb6, 0xf9, 0x0a]));
    const run = await datapact(
      "dataset",
      "import",
      gbk,
      "--as",
      "hospital",
      "--name",
      "gbk",
      "--patient-key",
      "id",
      "--yes",
    );
    expectRefused(run, /UTF-8/);
    expect(run.error).toMatch(/--encoding/);
    expect(run.error).toMatch(/gb18030|GBK/i);
    expect(succeed(await datapact("dataset", "list"))).not.toContain("gbk");
  });

  it("dataset import shows what it proposes and loads nothing without --yes", async () => {
    const people = save("people.csv", `﻿patient_id,sex,age\n${patients.join("\n")}\n`);
    const visit = save("visits.csv", `visit_id,patient_id,weight,day\n${visits.join("\n")}\n`);
    const args = [
      "dataset",
      "import",
      people,
      visit,
      "--as",
      "hospital",
      "--name",
      "clinic",
      "--patient-key",
      "patient_id",
    ];
    const looked = await datapact(...args);
    expect(looked.out).toMatch(/people\.patient_id\s+Text\s+Linking/);
    expectRefused(looked, /add --yes/);
    const loaded = succeed(await datapact(...args, "--yes"));
    expect(loaded).toContain("180 rows in 2 tables are governed and registered");
    expectRefused(await datapact(...args, "--yes"), /registered already/);
    const shown = succeed(await datapact("dataset", "show", "clinic"));
    expect(shown).toMatch(/visits\.weight\s+Decimal/);
    expect(shown).toMatch(/Tables join where these are equal:\n {2}people\.patient_id = visits\.patient_id\n/);
  });

  it("agreement offer; sign shows every term and signs nothing unattended", async () => {
    const offered = succeed(
      await datapact(
        ...["agreement", "offer", "--as", "researcher", "--dataset", "clinic", "--assignee", "DEMO-CON-9"],
        ...["--purpose", "DUO:0000007", "--fields", "people.*,visits.weight,visits.patient_id", "--min-cohort", "10"],
        ...["--until", "30d", "--policy", policyFile, "--yes"],
      ),
    );
    expect(offered).toMatch(/purpose\s+DUO:0000007\n/);
    agreement = /^0x[0-9a-f]{64}$/m.exec(offered)?.[0] ?? "";
    expect(offered).toMatch(new RegExp(`^id +${agreement}\\n`));
    const unattended = await datapact("agreement", "sign", agreement, "--as", "hospital");
    expectRefused(unattended, /nothing was signed: there is no terminal to ask at[\s\S]*add --yes/);
    for (const shown of [
      /assigner +Demo Women's and Children's Hospital \(DEMO-HOS-0001, 0x\w{64}\)/,
      /assignee +大学 研究所 \(DEMO-CON-9, 0x\w{64}\)/,
      /dataset +clinic \(0x/,
      /purpose +DUO:0000007/,
      /disclosure +Aggregate: figures over groups/,
      /smallest cohort +10 patients/,
      /uses +0 of 1000/,
      /valid until +\d{4}-\d\d-\d\dT/,
      new RegExp(`policy hash +${policyHash("For study 9 only.")}`),
      / {2}\| For study 9 only\./,
      /visits\.weight +Decimal/,
    ])
      expect(unattended.out).toMatch(shown);
    expect(succeed(await datapact("agreement", "list"))).toMatch(new RegExp(`${agreement}\\s+Offered`));
  });

  it.skipIf(!hasPython)(
    "agreement sign asks at a terminal (skipped where there is no python3 to make one)",
    async () => {
      const refused = await inTerminal("n\n")("agreement", "sign", agreement, "--as", "hospital");
      expectRefused(refused, /\[y\/N\] n\s+datapact: nothing was signed\./);
      expect(refused.out).toMatch(/policy hash +0x/);
      expect(succeed(await datapact("agreement", "list"))).toMatch(new RegExp(`${agreement}\\s+Offered`));
      const signed = await inTerminal("y\n")("agreement", "sign", agreement, "--as", "hospital");
      expect(signed.out).toMatch(
        /Sign all of this as Assigner Demo Women's and Children's Hospital, with the key 0x\w{40}\? \[y\/N\] y/,
      );
      expect(signed.out).toContain("the agreement is now Offered");
    },
  );

  it("agreement sign, show, list", async () => {
    for (const [key, status] of [
      ...(hasPython ? [] : [["hospital", "Offered"] as const]),
      ["researcher", "Offered"],
      ["commission", "InForce"],
    ] as const) {
      expect(succeed(await datapact("agreement", "sign", agreement.slice(0, 12), "--as", key, "--yes"))).toContain(
        `is now ${status}`,
      );
    }
    expectRefused(
      await datapact("agreement", "sign", agreement, "--as", "hospital", "--yes"),
      /signed already|UnexpectedStatus/,
    );
    expectRefused(
      await datapact("agreement", "sign", agreement, "--as", "insurer"),
      /neither a party of this agreement/,
    );
    const shown = succeed(await datapact("agreement", "show", agreement.slice(0, 12)));
    expect(shown).toContain("For study 9 only.");
    expect(shown).toMatch(/status\s+InForce/);
    expect(shown).toMatch(/Signed\s+Regulator\s+Demo Health Commission/);
    expect(succeed(await datapact("agreement", "list"))).toContain(agreement);
  });

  it("query, receipt, verify receipt", async () => {
    receipt = join(files, "receipt.json");
    const asked = [
      "query",
      "SELECT sex, count(*) AS n, avg(weight) AS kg FROM visits JOIN people USING (patient_id) GROUP BY sex",
    ];
    const run = await datapact(
      ...asked,
      "--as",
      "researcher",
      "--agreement",
      agreement.slice(0, 12),
      "--save",
      receipt,
    );
    expect(succeed(run)).toMatch(/sex\s+n\s+kg/);
    const shown = succeed(await datapact("receipt", receipt));
    expect(shown).toMatch(/outcome\s+Permitted/);
    expect(shown).toContain(agreement);
    expect(succeed(await datapact("verify", "receipt", receipt))).toContain("The receipt holds");
  });

  it("a refusal is a receipt as well", async () => {
    const file = join(files, "refused.json");
    const run = await datapact(
      "query",
      "SELECT day FROM visits",
      "--as",
      "researcher",
      "--agreement",
      agreement,
      "--save",
      file,
    );
    expect(run.code).toBe(3);
    expect(run.out).toMatch(/Refused: (DisclosureNotPermitted|FieldOutsideLicense)/);
    expect(succeed(await datapact("verify", "receipt", file))).toContain("The receipt holds");
  });

  it.each([
    ["result", ["result", "rows", 0, 1], /result\s+BROKEN/],
    ["entry", ["entry", "time"], /entry\s+BROKEN/],
  ] as const)(
    "a receipt file with one altered value of its %s: exit 1, and the link is named",
    async (_name, path, expected) => {
      const evidence = JSON.parse(readFileSync(receipt, "utf8"));
      const change = (old: unknown): unknown =>
        path.includes("time" as never) ? "2020-01-01T00:00:00.000Z" : alter(old);
      const file = save("tampered.json", JSON.stringify(replaceAt(evidence, path, change)));
      const run = await datapact("verify", "receipt", file, "--wait", "0");
      expect(run.code).toBe(1);
      expect(run.out).toMatch(expected);
      expect(run.out).toContain("The receipt does not hold: ");
    },
  );

  it("receipts check, challenge: what was kept is verified, and proves nothing against an honest gateway", async () => {
    expect(succeed(await datapact("receipts", "check"))).toMatch(
      /receipts\/\d+-[0-9a-f]{8}\.json\s+0x\w+\s+\d+\s+verified/,
    );
    const found = JSON.parse(succeed(await datapact("receipts", "check", "--json")));
    expect(found.receipts.length).toBeGreaterThan(1);
    for (const { deadline } of found.receipts) expect(deadline).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(
      found.receipts.every(({ state, verdict }: Record<string, string>) => state === "verified" && verdict === "Kept"),
    ).toBe(true);
    const run = await datapact("challenge", receipt);
    expectRefused(run, /Kept: entry \d+ of gateway 0x\w+ is anchored where it was promised[\s\S]*Nothing is proven/, 1);
    expectRefused(await datapact("challenge", "package.json"), /package\.json holds no receipt/);
  });

  it("agreement suspend, reinstate, terminate bite at once", async () => {
    const query = ["query", "SELECT count(*) FROM people", "--as", "researcher", "--agreement", agreement, "--json"];
    succeed(await datapact("agreement", "suspend", agreement, "--as", "hospital", "--reason", "audit"));
    const refused = await datapact(...query);
    expect(refused.code).toBe(3);
    expect(JSON.parse(refused.out)).toMatchObject({ code: "AgreementSuspended" });
    expectRefused(await datapact("agreement", "reinstate", agreement, "--as", "hospital"), /add --yes/);
    expect((await datapact(...query)).code).toBe(3);
    succeed(await datapact("agreement", "reinstate", agreement, "--as", "hospital", "--yes"));
    expect(JSON.parse(succeed(await datapact(...query)))).toHaveProperty("result.rows");
    const terminate = ["agreement", "terminate", agreement, "--as", "researcher", "--reason", "done"];
    expectRefused(await datapact(...terminate), /add --yes/);
    succeed(await datapact(...terminate, "--yes"));
    expect((await datapact(...query)).code).toBe(3);
    expect(succeed(await datapact("agreement", "show", agreement))).toMatch(
      /Terminated\s+Assignee\s+大学 研究所\s+done/,
    );
    expectRefused(
      await datapact("agreement", "reinstate", agreement, "--as", "hospital", "--yes"),
      /UnexpectedStatus[\s\S]*agreement show/,
    );
  });
});

describe("bad input gets one sentence that says what to do, and no stack", () => {
  let id: AgreementId;
  beforeAll(async () => {
    id = await ensureAgreement(space.founded, space.dataset, () => undefined);
  });

  const offer = (...change: string[]): string[] => [
    ...["agreement", "offer", "--as", "device-maker", "--dataset", "neonatal-jaundice", "--assignee", "DEMO-CON-0001"],
    ...["--purpose", "DUO:0000007", "--fields", "newborns.sex", "--policy", policyFile, "--yes"],
    ...change,
  ];

  it.each([
    ["no command", ["frobnicate"], /unknown command/, 2],
    ["a missing option", ["query", "SELECT 1"], /required option/, 2],
    [
      "a policy that is no file",
      offer("--policy", "For study 9 only."),
      /--policy For study 9 only\.: there is no such file/,
      2,
    ],
    ["a policy that is a folder", offer("--policy", "."), /--policy \.: there is no such file/, 2],
    [
      "an unknown key",
      ["query", "SELECT 1", "--as", "nobody", "--agreement", "@"],
      /there is no key "nobody"\. You have: /,
      2,
    ],
    ["an unknown agreement", ["agreement", "show", "0x1234"], /no agreement is called "0x1234"/, 2],
    [
      "a bad address",
      ["participant", "authorize", "0x12", "--as", "device-maker", "--until", "1d"],
      /neither an address nor a key/,
      2,
    ],
    ["a direct identifier", offer("--fields", "newborns.mother_name"), /TermsFieldsInvalid|no field/, 2],
    ["a day that no month has", offer("--until", "2030-02-31"), /is no time/, 2],
    ["a cohort beyond what a contract holds", offer("--min-cohort", "5000000000"), /--min-cohort is "5000000000"/, 2],
    ["a cohort under the floor", offer("--min-cohort", "2"), /TermsCohortTooSmall/, 2],
    ["a bundle that is not there", ["bundle", "sign", "/none", "--as", "hospital"], /there is no file \/none\./, 2],
    ["a bundle that is a folder", ["verify", "bundle", "/tmp"], /is a folder, and must be a file/, 2],
    [
      "a folder for an export that is not there",
      ["export", "--as", "insurer", "--out", "/none/x.csv"],
      /there is no folder \/none\./,
      2,
    ],
    [
      "a folder for a bundle that is not there",
      ["bundle", "period", "--from", "2026-01-01", "--until", "2026-02-01", "--as", "hospital", "--out", "/none/x"],
      /there is no folder \/none\./,
      2,
    ],
    ["a receipt that is none", ["verify", "receipt", "package.json"], /package\.json cannot be read: /, 2],
    [
      "a CSV file that is not there",
      ["dataset", "import", "/none.csv", "--as", "hospital", "--name", "x", "--yes"],
      /none\.csv/,
      2,
    ],
  ] as const)("%s", async (_name, args, expected, exit) => {
    const run = await datapact(...args.map((arg) => (arg === "@" ? id : arg)));
    expectRefused(run, expected, exit);
  });

  it("terms of which the node tells another policy or description are not signed, and no policy passes for terms", async () => {
    const chain = space.founded.space;
    const names = await readNames(chain);
    const shown = (await listAgreements(chain)).find((one) => one.id === id);
    if (shown === undefined) throw new Error("there is no agreement");
    const said: string[] = [];
    const log = vi.spyOn(console, "log").mockImplementation((line: string) => void said.push(line));
    try {
      expect(() => showTermsToSign({ ...shown, policy: "Anything goes." }, names)).toThrow(
        /nothing was signed: the policy/,
      );
      const datasets = names.datasets.map((one) => ({ ...one, description: { ...one.description, title: "Other" } }));
      expect(() => showTermsToSign(shown, { ...names, datasets })).toThrow(/nothing was signed: .* described anew/);
      expect(said.join("\n")).not.toContain("Anything goes.");
      const policy = "Fine.\nuses             at most 1\r\u2028purpose          DUO:0000042";
      showTermsToSign({ ...shown, terms: { ...shown.terms, policy: policyHash(policy) }, policy }, names);
      expect(said.join("\n")).toContain("  | Fine.\n  | uses             at most 1\ufffd\ufffdpurpose");
    } finally {
      log.mockRestore();
    }
  });

  it("leaves no agreement behind", async () => {
    const all = await listAgreements(space.founded.space);
    expect(all.filter(({ status }) => status === "Offered")).toEqual([]);
  });

  it("another passphrase", async () => {
    const wrong = createDatapact(space, gateway, { DATAPACT_PASSPHRASE_FILE: save("wrong", "wrong\n") });
    expectRefused(
      await wrong("query", "SELECT 1", "--as", "insurer", "--agreement", id),
      /the passphrase does not open/,
    );
  });

  it("a damaged keystore", async () => {
    writeFileSync(space.home.keystore("damaged"), "{}");
    expectRefused(await datapact("query", "SELECT 1", "--as", "damaged", "--agreement", id), /is not a keystore/);
  });

  const nowhere = "http://127.0.0.1:1";
  it.each([
    ["chain", { DATAPACT_CHAIN_URL: nowhere }, ["agreement", "list"], /Is `npm start` running\?/],
    [
      "gateway",
      { DATAPACT_GATEWAY_URL: nowhere },
      ["query", "SELECT 1", "--as", "insurer", "--agreement", "@"],
      /no gateway answers at/,
    ],
    ["manifest", { DATAPACT_MANIFEST: "/none.json" }, ["agreement", "list"], /there is no manifest \/none\.json/],
    [
      "home",
      { DATAPACT_HOME: "/none/datapact", DATAPACT_CHAIN_URL: undefined },
      ["agreement", "list"],
      /Run `npm start`|set DATAPACT_CHAIN_URL/,
    ],
    [
      "chain's address",
      { DATAPACT_CHAIN_URL: "127.0.0.1" },
      ["agreement", "list"],
      /DATAPACT_CHAIN_URL is "127.0.0.1" and must be a URL/,
    ],
  ] as const)("no %s", async (_name, environment, args, expected) => {
    const run = await createDatapact(space, gateway, environment)(...args.map((arg) => (arg === "@" ? id : arg)));
    expectRefused(run, expected);
  });
});

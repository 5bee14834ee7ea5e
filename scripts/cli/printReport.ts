import type { Facts, Report } from "../../server/proof/report.ts";
import { inert, printFacts, printTable } from "./print.ts";

const subjects: { readonly [S in Report["subject"]]: string } = {
  receipt: "receipt",
  log: "log",
  bundle: "bundle",
  checkpoint: "checkpoint",
  cose: "COSE receipt",
};

/** Writes a report as text or as JSON, its verdict first, and ends the command with 1 unless all of it holds. */
export function printReport(report: Report, json: boolean | undefined): void {
  if (!report.holds) process.exitCode = 1;
  if (json === true) {
    console.log(inert(JSON.stringify(report)));
    return;
  }
  const { holds, broken, checks, facts, told, claims } = report;
  const subject = subjects[report.subject];
  const first = broken === null ? "" : `: ${broken.check}: ${inert(broken.problem)}`;
  console.log(`The ${subject} ${holds ? "holds" : "does not hold"}${first}.\n`);
  printNamed(facts);
  if (Object.keys(told).length > 0) console.log("What was looked at. It is told, and not found to hold:");
  printNamed(told);
  printTable(
    ["check", "", ""],
    checks.map((check) => [check.check, wordOf(check.holds), inert(check.problem ?? "")]),
  );
  if (!holds) console.log(`\nThe ${subject} does not hold.`);
  if (claims.length > 0) console.log(`\nNot proven here:\n${claims.map((claim) => `- ${inert(claim)}`).join("\n")}`);
}

function printNamed(facts: Facts): void {
  const named = Object.entries(facts).map(([name, value]) => [name, inert(String(value))] as const);
  if (named.length === 0) return;
  printFacts(Object.fromEntries(named));
  console.log("");
}

const wordOf = (holds: boolean | null): string => (holds === null ? "not judged" : holds ? "ok" : "BROKEN");

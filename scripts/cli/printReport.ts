import type { Report } from "../../server/proof/report.ts";
import { inert, printFacts, printTable } from "./print.ts";

/** Writes a report as text or as JSON, and ends the command with 1 unless all of it holds. */
export function printReport(report: Report, json: boolean | undefined): void {
  if (!report.holds) process.exitCode = 1;
  if (json === true) {
    console.log(inert(JSON.stringify(report)));
    return;
  }
  const facts = Object.entries(report.facts).map(([name, value]) => [name, inert(String(value))] as const);
  if (facts.length > 0) printFacts(Object.fromEntries(facts));
  console.log("");
  printTable(
    ["check", "", ""],
    report.checks.map(({ check, holds, problem }) => [check, holds ? "ok" : "BROKEN", inert(problem ?? "")]),
  );
  console.log(
    report.broken === null
      ? `\nThe ${report.subject} holds.`
      : `\nThe ${report.subject} does not hold: ${report.broken.check}: ${inert(report.broken.problem)}.`,
  );
  if (report.claims.length > 0)
    console.log(`\nNot proven here:\n${report.claims.map((claim) => `- ${inert(claim)}`).join("\n")}`);
}

import { buildConsole } from "../../scripts/console/build.ts";
import { browserPath } from "./browserPath.ts";

/** Builds the console once for all test files, where there is a browser to show it. */
export async function setup(): Promise<void> {
  if (browserPath !== undefined) await buildConsole(console.log);
}

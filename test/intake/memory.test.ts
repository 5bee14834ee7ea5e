import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, it } from "vitest";
import { createDatabase } from "../support/postgres.ts";
import { createFiles } from "./support.ts";

const files = createFiles();
afterAll(files.remove);

it("imports a file whose rows the heap could not hold", async () => {
  const row = (i: number): string =>
    `${i},${"x".repeat(150)}${i},${i}.25,2024-01-02T03:04:05Z,"text, ${i * 7}\nof two lines ${"y".repeat(150)}"`;
  const file = files.write(
    "long.csv",
    `id,key,value,at,note\n${Array.from({ length: 120_000 }, (_, i) => row(i)).join("\n")}\n`,
  );
  const database = await createDatabase();
  const child = join(import.meta.dirname, "importChild.ts");
  const args = ["--max-old-space-size=64", "--import", "tsx", child, file, database.url, "postgres"];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  expect(stdout.trim()).toBe("120000");
  await database.drop();
});

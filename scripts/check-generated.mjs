// Compiles the contracts anew and fails if `typechain-types/` is not what comes out. Two files list the contracts in the order in which
// the compiler happened to finish, so lines are compared without their order, and the committed files stay as they are.
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const generated = join(root, "typechain-types");
const kept = mkdtempSync(join(tmpdir(), "datapact-types-"));

/** Gives every file below a folder with its lines in order. */
function read(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [
        relative(folder, path),
        readFileSync(path, "utf8")
          .split("\n")
          .map((line) => line.trim())
          .sort()
          .join("\n"),
      ];
    }),
  );
}

cpSync(generated, kept, { recursive: true });
for (const folder of ["typechain-types", "artifacts", "cache"])
  rmSync(join(root, folder), { recursive: true, force: true });
execFileSync(process.execPath, [join(root, "node_modules", "hardhat", "dist", "src", "cli.js"), "build", "--quiet"], {
  cwd: root,
  stdio: "inherit",
});
const [before, after] = [read(kept), read(generated)];
const names = [...new Set([...before.keys(), ...after.keys()])].sort();
const changed = names.filter((name) => before.get(name) !== after.get(name));
if (changed.length === 0) {
  rmSync(generated, { recursive: true });
  cpSync(kept, generated, { recursive: true });
}
rmSync(kept, { recursive: true });
if (changed.length > 0) {
  console.error(`typechain-types/ was not what the contracts generate. It is now; commit it:\n${changed.join("\n")}`);
  process.exit(1);
}

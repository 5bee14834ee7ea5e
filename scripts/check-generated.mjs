// Compiles the contracts anew and fails if `typechain-types/` is not what comes out.
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const git = (...args) => execFileSync("git", args, { cwd: root, encoding: "utf8" });

rmSync(join(root, "typechain-types"), { recursive: true, force: true });
for (const folder of ["artifacts", "cache"]) rmSync(join(root, folder), { recursive: true, force: true });
execFileSync(process.execPath, [join(root, "node_modules", "hardhat", "dist", "src", "cli.js"), "build", "--quiet"], {
  cwd: root,
  stdio: "inherit",
});
const changed = git("status", "--porcelain", "--", "typechain-types");
if (changed !== "") {
  console.error(
    `typechain-types/ is not what the contracts generate. Run \`npm run build\` and commit it:\n${changed}`,
  );
  process.exit(1);
}

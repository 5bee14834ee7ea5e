import { Command, CommanderError } from "commander";
import { ApiProblem } from "../../server/api/client.ts";
import { ContractRefused } from "../../server/chain/revert.ts";
import { ChallengeForeign } from "../../server/client/signIn.ts";
import { speedUpEthers } from "../../server/domain/keccak.ts";
import { KeystoreUnusable } from "../../server/keystore.ts";
import { addAgreementCommands } from "./agreement.ts";
import { addBundleCommands } from "./bundle.ts";
import { addChallengeCommand } from "./challenge.ts";
import { createContext, Mistake } from "./context.ts";
import { addDatasetCommands } from "./dataset.ts";
import { addExportCommand } from "./export.ts";
import { fileProblem } from "./fileProblem.ts";
import { addGovernanceCommands } from "./governance.ts";
import { hintOf } from "./hints.ts";
import { addKeyCommands } from "./key.ts";
import { addParticipantCommands } from "./participant.ts";
import { inert } from "./print.ts";
import { addQueryCommands } from "./query.ts";
import { addReceiptsCommand } from "./receipts.ts";
import { addReconcileCommand } from "./reconcile.ts";
import { addVerifyCommands } from "./verify.ts";
import { addWatchCommand } from "./watch.ts";

speedUpEthers();

const program = new Command("datapact")
  .description("usage contracts and a provable audit trail for hospital data")
  .showHelpAfterError("(see --help)")
  .exitOverride();
const context = createContext();

addKeyCommands(program, context);
addParticipantCommands(program, context);
addGovernanceCommands(program, context);
addDatasetCommands(program, context);
addAgreementCommands(program, context);
addQueryCommands(program, context);
addExportCommand(program, context);
addReconcileCommand(program, context);
addVerifyCommands(program, context);
addBundleCommands(program, context);
addChallengeCommand(program, context);
addReceiptsCommand(program, context);
addWatchCommand(program, context);

try {
  await program.parseAsync();
} catch (error) {
  // commander has already written what is wrong with the command, or the help that was asked for
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    console.error(`datapact: ${inert(explain(error), "lines")}`);
    process.exitCode = 2;
  }
}
// an idle connection must not keep the command from ending
process.exit();

function explain(error: unknown): string {
  if (error instanceof ContractRefused) return `${error.message}${hintOf(error)}`;
  if (
    error instanceof ChallengeForeign ||
    error instanceof Mistake ||
    error instanceof KeystoreUnusable ||
    error instanceof ApiProblem
  )
    return error.message;
  if (error instanceof Error && "code" in error && error.code === "ECONNREFUSED")
    return "nothing answers there. Is `npm start` running?";
  return fileProblem(error) ?? (error instanceof Error ? error.message : String(error));
}

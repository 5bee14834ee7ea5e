import { pino } from "pino";
import { readConfig } from "./config.ts";
import { startGateway } from "./gateway.ts";

const logger = pino();
try {
  const gateway = await startGateway(readConfig(process.env), logger);
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => void gateway.stop().then(() => process.exit(0)));
} catch (error) {
  logger.fatal(error instanceof Error ? error.message : String(error));
  process.exit(1);
}

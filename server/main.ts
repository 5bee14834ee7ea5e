import { pino } from "pino";
import { readConfig } from "./gateway/config.ts";
import { startGateway } from "./gateway/startGateway.ts";

const logger = pino();
try {
  const config = readConfig(process.env);
  logger.level = config.DATAPACT_LOG_LEVEL;
  const gateway = await startGateway(config, logger);
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.on(signal, () => void gateway.stop().then(() => process.exit(0)));
} catch (error) {
  logger.fatal(error instanceof Error ? error.message : String(error));
  process.exit(1);
}

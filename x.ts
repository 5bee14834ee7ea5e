import { measureLogs } from "./scripts/bench/gateway/verify.ts";
console.log(await measureLogs([1_000, 1_000_000])); process.exit(0);

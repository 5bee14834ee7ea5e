import { buildConsole } from "./build.ts";

await buildConsole((line) => console.log(line));

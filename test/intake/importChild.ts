import pg from "pg";
import { loadDataset } from "../../server/intake/load.ts";
import { prepare } from "./support.ts";

/** Imports one file, as a process of its own whose memory the test limits: file, URL of the database, reader. */
const [file = "", url = "", reader = ""] = process.argv.slice(2);
const client = new pg.Client({ connectionString: url });
await client.connect();
const loaded = await loadDataset(client, await prepare([file]), { name: "memory", replace: false, reader });
await client.end();
console.log(loaded.tables[0]?.rows);

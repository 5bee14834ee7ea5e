import express from "express";
import pg from "pg";
import { asText } from "../../../server/store/database.ts";

/** What there would be without Datapact: the same HTTP library runs SQL on the same server as it comes, unsigned and unrecorded. */
const pool = new pg.Pool({
  connectionString: process.env.DATAPACT_BENCH_URL,
  max: Number(process.env.DATAPACT_CONNECTIONS),
});
const app = express();
app.post("/", express.json(), async (incoming, response) => {
  const { rows } = await pool.query({ text: incoming.body.statement as string, rowMode: "array", types: asText });
  response.json({ result: rows });
});
const server = app.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.send?.(typeof address === "object" ? address?.port : undefined);
});

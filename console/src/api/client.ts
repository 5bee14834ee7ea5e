import "../policy.ts";
import { createClient } from "../../../server/api/client.ts";

/** The gateway that serves this page. */
export const client = createClient(location.origin, (input, init) => fetch(input, init), 60_000);

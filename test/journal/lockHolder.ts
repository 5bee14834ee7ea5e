import { openJournalStore } from "../../server/store/journalStore.ts";

// A second process that holds a journal until it is killed.
const [url = "", identity = "{}"] = process.argv.slice(2);
await openJournalStore(url, JSON.parse(identity));
console.log(`holds ${process.pid}`);
setInterval(() => undefined, 1_000);

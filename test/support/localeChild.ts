import { canonicalBytes, entryDigest } from "../../server/domain/entry.ts";
import { csvHead, csvLine } from "../../server/export/csv.ts";
import { auditEvents } from "../../server/export/auditEvent.ts";
import { toTime } from "../../server/readmodel/time.ts";
import { readLogTime } from "../../server/reconcile/logRecord.ts";
import { readPlace, writePlace } from "../../server/trail/cursor.ts";
import { bytes32, createPaperGateway } from "./evidence.ts";

/** Prints what must be the same whatever the time zone and the language of the machine. */
const { evidence } = createPaperGateway("g").answer({ statement: "İstanbul ı 医院 ÄÖ" });
const times = [
  "1970-01-01T00:00:00.000Z",
  "2026-03-29T02:30:00.000Z",
  "2038-01-19T03:14:08.000Z",
  "9999-12-31T23:59:59.999Z",
];
const place = {
  chainId: 1,
  participantRegistry: "0x1",
  agreementRegistry: "0x2",
  accessLog: "0x3",
  gateway: bytes32("g"),
  hospital: bytes32("h"),
  origin: "https://gateway.example",
};
const told = times.map((time) => {
  const entry = { ...evidence.entry, time };
  const digest = entryDigest(entry);
  const item = { index: 1_234_567, state: "Anchored", entry, participant: null, dataset: null } as const;
  return [
    digest,
    canonicalBytes(entry).toString(),
    csvHead + csvLine({ item, digest }),
    JSON.stringify(auditEvents(item, digest, place)),
    toTime(Date.parse(time) / 1_000),
    writePlace({ at: time, index: 7 }),
    readPlace(writePlace({ at: time, index: 7 })),
    readLogTime(time.replace("T", " ").replace("Z", " UTC")),
  ];
});
console.log(JSON.stringify(told));

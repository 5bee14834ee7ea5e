import type { Wallet } from "ethers";
import { toDescription } from "../chain/decode.ts";
import { readEvents } from "../chain/events.ts";
import type { Space } from "../chain/space.ts";
import { write } from "../chain/write.ts";
import type { Description } from "../domain/dataset.ts";
import type { DatasetId, Hash, ParticipantId } from "../domain/ids.ts";
import { type Disclosure, disclosures } from "../domain/terms.ts";
import { datasetId, encodedDescription } from "../domain/typedData.ts";

/** What the holder permits at most, whatever an agreement says (`IDatasetRegistry.Rules`). */
export type Rules = {
  readonly purposes: readonly string[];
  readonly maxDisclosure: Disclosure;
  readonly minCohort: number;
  readonly approvals: number;
};

/** A dataset as its events tell it. */
export type PublishedDataset = {
  readonly id: DatasetId;
  readonly holder: ParticipantId;
  readonly name: string;
  readonly descriptionHash: Hash;
  readonly description: Description;
  readonly rules: Rules;
  readonly status: "active" | "suspended" | "retired";
};

/** Registers a dataset of the hospital whose key sends, and returns its id. */
export async function registerDataset(
  space: Space,
  hospital: Wallet,
  holder: ParticipantId,
  name: string,
  description: Description,
  rules: Rules,
): Promise<DatasetId> {
  const encodedRules = { ...rules, maxDisclosure: disclosures.indexOf(rules.maxDisclosure) };
  await write(space, hospital, "DatasetRegistry", "register", [name, encodedDescription(description), encodedRules]);
  return datasetId(holder, name);
}

/** Lists all datasets in order of registration. */
export async function listDatasets(space: Space): Promise<PublishedDataset[]> {
  const found = new Map<string, PublishedDataset & { readonly stops: ReadonlySet<string> }>();
  for (const { name, args } of await readEvents(space, "DatasetRegistry")) {
    const known = found.get(args.id);
    if (name === "DatasetRegistered") {
      found.set(args.id, {
        id: args.id,
        holder: args.holder,
        name: args.name,
        ...published(args),
        status: "active",
        stops: new Set(),
      });
    } else if (known !== undefined) found.set(args.id, { ...known, ...changes[name]?.(args, known) });
  }
  return [...found.values()].map(({ stops, ...dataset }) => ({
    ...dataset,
    status: dataset.status === "active" && stops.size > 0 ? "suspended" : dataset.status,
  }));
}

type Arguments = Awaited<ReturnType<typeof readEvents>>[number]["args"];
type Known = PublishedDataset & { readonly stops: ReadonlySet<string> };

function published(args: Arguments): Pick<PublishedDataset, "description" | "descriptionHash" | "rules"> {
  const { purposes, maxDisclosure, minCohort, approvals } = args.rules;
  return {
    descriptionHash: args.descriptionHash,
    description: toDescription(args.description),
    rules: {
      purposes: [...purposes],
      maxDisclosure: disclosures[Number(maxDisclosure)] ?? "Aggregate",
      minCohort: Number(minCohort),
      approvals: Number(approvals),
    },
  };
}

/** A holder lifts the holder's stop, regulators one another's. */
const kindOf = (by: string, { holder }: Known): string => (by === holder ? "holder" : "regulator");

const changes: Readonly<Record<string, (args: Arguments, known: Known) => Partial<Known>>> = {
  DatasetUpdated: (args) => published(args),
  DatasetSuspended: (args, known) => ({ stops: new Set([...known.stops, kindOf(args.by, known)]) }),
  DatasetReinstated: (args, known) => ({
    stops: new Set([...known.stops].filter((kind) => kind !== kindOf(args.by, known))),
  }),
  DatasetRetired: () => ({ status: "retired" }),
};

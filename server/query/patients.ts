import type { Expression } from "./expression.ts";
import type { From, PatientClass, Source } from "./plan.ts";
import type { KeyPair } from "./readFrom.ts";

type Member = PatientClass["members"][number];

/** Sources on the right of a LEFT JOIN, as a bitmap. */
function nullableSources(from: From): number {
  if (from.kind === "Scan") return 0;
  return nullableSources(from.left) | (from.type === "Left" ? sourcesOf(from.right) : nullableSources(from.right));
}

function sourcesOf(from: From): number {
  return from.kind === "Scan" ? 1 << from.source : sourcesOf(from.left) | sourcesOf(from.right);
}

function membersOf(sources: readonly Source[]): Member[] {
  return sources.flatMap((source, index) => source.keys.map((_, key) => ({ source: index, key })));
}

/** Groups the patient keys of all sources by what the joins make equal in every row; classes that no row lacks come first. */
export function patientClasses(sources: readonly Source[], from: From, pairs: readonly KeyPair[]): PatientClass[] {
  const missing = nullableSources(from);
  const isNullable = ({ source, key }: Member): boolean =>
    (missing & (1 << source)) !== 0 || sources[source]?.keys[key]?.nullable === true;
  const links = pairs
    .filter(({ inner }) => inner)
    .map(membersOfPair)
    .filter((pair) => !pair.some(isNullable));
  const classes = unite(membersOf(sources), links).map((members) => ({ members, nullable: members.some(isNullable) }));
  return [...classes.filter(({ nullable }) => !nullable), ...classes.filter(({ nullable }) => nullable)];
}

function membersOfPair({ left, right }: KeyPair): Member[] {
  return [
    { source: left.source, key: left.key ?? 0 },
    { source: right.source, key: right.key ?? 0 },
  ];
}

/** Tells whether the keys make each group the rows of one patient, over all tables of patients. */
export function isOnePatient(
  sources: readonly Source[],
  from: From,
  pairs: readonly KeyPair[],
  keys: readonly Expression[],
): boolean {
  const missing = nullableSources(from);
  const all = unite(membersOf(sources), pairs.map(membersOfPair));
  const grouped = keys.some(
    (key) =>
      key.kind === "Column" &&
      key.key !== null &&
      (missing & (1 << key.source)) === 0 &&
      sources[key.source]?.keys[key.key]?.nullable !== true,
  );
  return all.length === 1 && grouped;
}

function unite(members: readonly Member[], links: readonly (readonly Member[])[]): Member[][] {
  let groups = members.map((member) => [member]);
  const holds = (group: readonly Member[], { source, key }: Member): boolean =>
    group.some((member) => member.source === source && member.key === key);
  for (const link of links) {
    const touched = groups.filter((group) => link.some((member) => holds(group, member)));
    groups = [...groups.filter((group) => !touched.includes(group)), touched.flat()];
  }
  return groups;
}

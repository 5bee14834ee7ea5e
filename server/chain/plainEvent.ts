import { EventFragment, Interface, type ParamType, type Result } from "ethers";
import type { ContractName } from "../domain/manifest.ts";
import { interfaces } from "./interfaces.ts";

/** JSON data: what the arguments of an event become. Integers of up to 48 bits are numbers, wider ones decimal text. */
export type Plain = string | number | boolean | readonly Plain[] | { readonly [name: string]: Plain };
export type PlainArguments = { readonly [name: string]: Plain };

/** A decoded event of one of our contracts. */
export type PlainEvent = { readonly contract: ContractName; readonly name: string; readonly args: PlainArguments };

type Known = {
  readonly contract: ContractName;
  readonly name: string;
  readonly topic: string;
  readonly inputs: readonly ParamType[];
  readonly decode: (topics: readonly string[], data: string) => Result;
};

/**
 * Texts are decoded as bytes first: anyone may publish an offer, and one whose text is not UTF-8 must not keep the follower from reading
 * on.
 */
function createDecoder(fragment: EventFragment): Known["decode"] {
  const lenient = EventFragment.from(fragment.format("full").replace(/\bstring\b/g, "bytes"));
  const abi = new Interface([lenient]);
  return (topics, data) => abi.decodeEventLog(lenient, data, [lenient.topicHash, ...topics.slice(1)]);
}

const events: ReadonlyMap<string, Known> = new Map(
  Object.entries(interfaces).flatMap(([contract, abi]) =>
    abi.fragments
      .filter((fragment) => fragment instanceof EventFragment)
      .map((event) => [
        `${contract} ${event.topicHash}`,
        {
          contract: contract as ContractName,
          name: event.name,
          topic: event.topicHash,
          inputs: event.inputs,
          decode: createDecoder(event),
        },
      ]),
  ),
);

/** First topics of all events of a contract. */
export function topicsOf(contract: ContractName): readonly string[] {
  return [...events.values()].filter((event) => event.contract === contract).map(({ topic }) => topic);
}

/** Decodes a log of one of our contracts; undefined for an event that is not declared in its interface. */
export function toPlainEvent(
  contract: ContractName,
  { topics, data }: { readonly topics: readonly string[]; readonly data: string },
): PlainEvent | undefined {
  const known = events.get(`${contract} ${topics[0]}`);
  if (known === undefined) return undefined;
  return { contract, name: known.name, args: members(known.inputs, known.decode(topics, data)) };
}

function members(types: readonly ParamType[], values: Result): PlainArguments {
  return Object.fromEntries(types.map((type, at) => [type.name, plain(type, values[at])]));
}

function plain(type: ParamType, value: unknown): Plain {
  if (type.isArray()) return [...(value as Result)].map((item) => plain(type.arrayChildren, item));
  if (type.isTuple()) return members(type.components, value as Result);
  if (type.baseType === "string") return text(value as string);
  const bits = /^u?int(\d+)$/.exec(type.baseType)?.[1];
  if (bits !== undefined) return Number(bits) <= 48 ? Number(value) : String(value);
  return typeof value === "boolean" ? value : String(value).toLowerCase();
}

/** UTF-8 with U+FFFD for what is none, and for NUL, which PostgreSQL does not store. */
function text(hex: string): string {
  return new TextDecoder().decode(Buffer.from(hex.slice(2), "hex")).replaceAll("\0", "\ufffd");
}

/**
 * The part of CBOR that COSE receipts need, in the one form of RFC 8949, 4.2 (core deterministic encoding): safe integers, byte and text
 * strings, lists, maps with integer labels, null and tags.
 */
export type Cbor = number | string | Uint8Array | null | readonly Cbor[] | CborMap | CborTag;
export type CborMap = ReadonlyMap<number, Cbor>;
export type CborTag = { readonly tag: number; readonly value: Cbor };

const major = { positive: 0, negative: 1, bytes: 2, text: 3, list: 4, map: 5, tag: 6 } as const;
const nothing = 0xf6;
const deepest = 16;

export function encodeCbor(value: Cbor): Buffer {
  if (value === null) return Buffer.of(nothing);
  if (typeof value === "number") return value < 0 ? head(major.negative, -1 - value) : head(major.positive, value);
  if (typeof value === "string") return withHead(major.text, Buffer.from(value));
  if (value instanceof Uint8Array) return withHead(major.bytes, value);
  if (isTag(value)) return Buffer.concat([head(major.tag, value.tag), encodeCbor(value.value)]);
  if (!(value instanceof Map)) {
    const items = value as readonly Cbor[];
    return Buffer.concat([head(major.list, items.length), ...items.map(encodeCbor)]);
  }
  const members = [...(value as CborMap)].map(([label, member]) => [encodeCbor(label), encodeCbor(member)] as const);
  members.sort(([one], [other]) => Buffer.compare(one, other));
  return Buffer.concat([head(major.map, members.length), ...members.flat()]);
}

/** Reads one value; undefined for bytes that are not exactly its one form. */
export function decodeCbor(bytes: Uint8Array): Cbor | undefined {
  const input = Buffer.from(bytes);
  let at = 0;
  const fail = (): never => {
    throw new RangeError("this is not CBOR");
  };
  const take = (length: number): Buffer => {
    if (at + length > input.length) fail();
    at += length;
    return input.subarray(at - length, at);
  };
  const count = (info: number): number => {
    if (info < 24) return info;
    if (info > 27) return fail();
    const read = take(2 ** (info - 24));
    return read.length === 8 ? Number(read.readBigUInt64BE()) : read.readUIntBE(0, read.length);
  };
  const items = (length: number, depth: number): Cbor[] => {
    if (length > input.length) fail();
    return Array.from({ length }, () => read(depth));
  };
  const read = (depth: number): Cbor => {
    if (depth > deepest) fail();
    const first = take(1).readUInt8();
    if (first === nothing) return null;
    const number = count(first & 31);
    const kinds: Record<number, () => Cbor> = {
      [major.positive]: () => number,
      [major.negative]: () => -1 - number,
      [major.bytes]: () => take(number),
      [major.text]: () => take(number).toString(),
      [major.list]: () => items(number, depth + 1),
      [major.map]: () => {
        const flat = items(number * 2, depth + 1);
        return new Map(Array.from({ length: number }, (_, i) => [flat[i * 2] as number, flat[i * 2 + 1] as Cbor]));
      },
      [major.tag]: () => ({ tag: number, value: read(depth + 1) }),
    };
    return (kinds[first >> 5] ?? fail)();
  };
  try {
    const value = read(0);
    // what is written in another way, has labels twice or bytes left over, is not what it would be written as
    return encodeCbor(value).equals(input) ? value : undefined;
  } catch {
    return undefined;
  }
}

const isTag = (value: Cbor): value is CborTag => typeof value === "object" && value !== null && "tag" in value;

const withHead = (kind: number, bytes: Uint8Array): Buffer => Buffer.concat([head(kind, bytes.length), bytes]);

/** The first bytes of a value: its kind, and a number in as few bytes as it takes. */
function head(kind: number, number: number): Buffer {
  if (!Number.isSafeInteger(number) || number < 0) throw new RangeError("CBOR is written for safe integers");
  if (number < 24) return Buffer.of((kind << 5) | number);
  const power = number < 2 ** 8 ? 0 : number < 2 ** 16 ? 1 : number < 2 ** 32 ? 2 : 3;
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(number));
  return Buffer.concat([Buffer.of((kind << 5) | (24 + power)), bytes.subarray(8 - 2 ** power)]);
}

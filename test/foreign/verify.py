#!/usr/bin/env python3
"""A second verifier, written from docs/formats.md alone, with nothing but Python's standard library.

verify.py page FILE      recomputes the worked examples of the page
verify.py bundle FILE    verifies an evidence bundle
Prints `ok`, or the first thing that does not hold and ends with 1.
"""
import base64
import hashlib
import json
import re
import sys
from datetime import datetime


class Broken(Exception):
    pass


def require(holds, what):
    if not holds:
        raise Broken(what)


def unhex(text):
    require(re.fullmatch(r"0x([0-9a-f]{2})*", text) is not None, f"no hex: {text[:80]}")
    return bytes.fromhex(text[2:])


def tohex(data):
    return "0x" + data.hex()


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


# --- 1. conventions: keccak256, canonical JSON ---

ROUND = [0x1, 0x8082, 0x800000000000808A, 0x8000000080008000, 0x808B, 0x80000001, 0x8000000080008081, 0x8000000000008009,
         0x8A, 0x88, 0x80008009, 0x8000000A, 0x8000808B, 0x800000000000008B, 0x8000000000008089, 0x8000000000008003,
         0x8000000000008002, 0x8000000000000080, 0x800A, 0x800000008000000A, 0x8000000080008081, 0x8000000000008080,
         0x80000001, 0x8000000080008008]
MASK = (1 << 64) - 1


def rotate(value, by):
    by %= 64
    return ((value << by) | (value >> (64 - by))) & MASK


def permute(lanes):
    for constant in ROUND:
        columns = [lanes[x][0] ^ lanes[x][1] ^ lanes[x][2] ^ lanes[x][3] ^ lanes[x][4] for x in range(5)]
        mixed = [columns[(x - 1) % 5] ^ rotate(columns[(x + 1) % 5], 1) for x in range(5)]
        lanes = [[lanes[x][y] ^ mixed[x] for y in range(5)] for x in range(5)]
        x, y, current = 1, 0, lanes[1][0]
        for step in range(24):
            x, y = y, (2 * x + 3 * y) % 5
            current, lanes[x][y] = lanes[x][y], rotate(current, (step + 1) * (step + 2) // 2)
        lanes = [[lanes[x][y] ^ (~lanes[(x + 1) % 5][y] & lanes[(x + 2) % 5][y]) for y in range(5)] for x in range(5)]
        lanes[0][0] ^= constant
    return lanes


def keccak(data):
    rate = 136
    padded = bytearray(data) + b"\x01" + b"\x00" * (-(len(data) + 1) % rate)
    padded[-1] |= 0x80
    lanes = [[0] * 5 for _ in range(5)]
    for at in range(0, len(padded), rate):
        for i in range(rate // 8):
            lanes[i % 5][i // 5] ^= int.from_bytes(padded[at + 8 * i:at + 8 * i + 8], "little")
        lanes = permute(lanes)
    return b"".join(lanes[i % 5][i // 5].to_bytes(8, "little") for i in range(4))


def canonical_text(value):
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\x7f")
    if isinstance(value, list):
        return "[" + ",".join(canonical_text(item) for item in value) + "]"
    require(isinstance(value, dict), "a value has no canonical form")
    members = sorted(value.items(), key=lambda member: member[0].encode("utf-16-be"))
    return "{" + ",".join(f"{canonical_text(name)}:{canonical_text(item)}" for name, item in members) + "}"


def canonical(value):
    return canonical_text(value).encode("utf-8")


def read_json(text):
    def once(pairs):
        require(len({name for name, _ in pairs}) == len(pairs), "a member is named twice")
        return dict(pairs)
    return json.loads(text, object_pairs_hook=once)


# --- 4. the tree ---

def leaf(digest):
    return sha256(b"\x00", digest)


def node(left, right):
    return sha256(b"\x01", left, right)


def root_of(digests):
    if len(digests) == 1:
        return leaf(digests[0])
    split = 1
    while split * 2 < len(digests):
        split *= 2
    return node(root_of(digests[:split]), root_of(digests[split:]))


def root_from_path(digest, index, size, path):
    require(0 <= index < size, "the index is not in the tree")
    fn, sn, r = index, size - 1, leaf(digest)
    for p in path:
        require(sn != 0 and len(p) == 32, "the path is too long")
        if fn % 2 == 1 or fn == sn:
            r = node(p, r)
            while fn % 2 == 0 and fn != 0:
                fn, sn = fn // 2, sn // 2
        else:
            r = node(r, p)
        fn, sn = fn // 2, sn // 2
    require(sn == 0, "the path is too short")
    return r


def check_consistency(first, first_root, second, second_root, path):
    require(0 < first <= second, "the sizes are out of order")
    if first == second:
        require(not path and first_root == second_root, "two heads of one size differ")
        return
    fn, sn = first - 1, second - 1
    while fn % 2 == 1:
        fn, sn = fn // 2, sn // 2
    if first & (first - 1) == 0:
        path = [first_root] + path
    require(path, "the path is empty")
    fr = sr = path[0]
    for c in path[1:]:
        require(sn != 0, "the path is too long")
        if fn % 2 == 1 or fn == sn:
            fr, sr = node(c, fr), node(c, sr)
            while fn % 2 == 0 and fn != 0:
                fn, sn = fn // 2, sn // 2
        else:
            sr = node(sr, c)
        fn, sn = fn // 2, sn // 2
    require(sn == 0 and fr == first_root and sr == second_root, "the log did not only grow")


# --- 5. calldata and ring ---

SELECTOR = bytes.fromhex("30b71ce0")


def read_append(calldata):
    require(calldata[:4] == SELECTOR, "this is no call of append")
    words = calldata[4:]

    def number(at):
        require(at + 32 <= len(words), "the calldata is cut")
        return int.from_bytes(words[at:at + 32], "big")

    def listed(at, width):
        end = at + 32 + number(at) * width
        require(end <= len(words), "the calldata is cut")
        return [words[i:i + width] for i in range(at + 32, end, width)]
    usages = [(tohex(word[:32]), int.from_bytes(word[32:], "big")) for word in listed(number(64), 64)]
    return number(0), listed(number(32), 32), usages


def word(value):
    return value.to_bytes(32, "big")


def ring_word(size, root):
    low = (1 << 192) - 1
    value = int.from_bytes(root, "big")
    mask = int.from_bytes(keccak(word(value >> 192)), "big") & low
    return word((size << 192) | ((value & low) ^ mask))


# --- 6. EIP-712 and secp256k1 ---

P = 2 ** 256 - 2 ** 32 - 977
N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
G = (0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
     0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8)


def add(one, other):
    if one is None or other is None:
        return one or other
    (x1, y1), (x2, y2) = one, other
    if x1 == x2 and (y1 + y2) % P == 0:
        return None
    slope = (3 * x1 * x1 * pow(2 * y1, -1, P) if one == other else (y2 - y1) * pow(x2 - x1, -1, P)) % P
    x = (slope * slope - x1 - x2) % P
    return x, (slope * (x1 - x) - y1) % P


def times(point, factor):
    result = None
    while factor:
        if factor & 1:
            result = add(result, point)
        point, factor = add(point, point), factor >> 1
    return result


def address_of(point):
    return tohex(keccak(word(point[0]) + word(point[1]))[-20:])


def recover(digest, r, s, odd):
    require(0 < r < N and 0 < s < N, "a signature is out of range")
    y = pow(pow(r, 3, P) + 7, (P + 1) // 4, P)
    require((y * y - pow(r, 3, P) - 7) % P == 0, "a signature is none")
    if y % 2 != odd:
        y = P - y
    inverse = pow(r, -1, N)
    z = int.from_bytes(digest, "big")
    point = add(times((r, y), s * inverse % N), times(G, -z * inverse % N))
    require(point is not None, "a signature is none")
    return address_of(point)


def signer(digest, signature):
    data = unhex(signature)
    require(len(data) == 65 and data[64] in (27, 28), "a signature is not in the one form")
    r, s = int.from_bytes(data[:32], "big"), int.from_bytes(data[32:64], "big")
    require(s <= N // 2, "a signature is not in the one form")
    return recover(digest, r, s, data[64] - 27)


def domain_separator(chain, contract):
    kind = b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    return keccak(keccak(kind) + keccak(b"Datapact") + keccak(b"1") + word(chain) + unhex(contract).rjust(32, b"\0"))


def struct_hash(kind, message):
    members = re.search(r"\((.*?)\)", kind).group(1).split(",")
    words = []
    for member in members:
        of, name = member.split(" ")
        value = message[name]
        if of == "string":
            words.append(keccak(value.encode("utf-8")))
        elif of == "bytes32":
            words.append(unhex(value))
        elif of == "Terms":
            words.append(struct_hash(TERMS, value))
        else:
            words.append(word(int(value)))
    return keccak(keccak(kind.encode()) + b"".join(words))


def typed_digest(manifest, contract, kind, message):
    separator = domain_separator(manifest["chainId"], manifest["contracts"][contract]["address"])
    return keccak(b"\x19\x01" + separator + struct_hash(kind, message))


REQUEST = "UsageRequest(bytes32 gateway,bytes32 agreement,string purpose,string statement,uint48 issuedAt,bytes32 nonce)"
BATCH = "ReceiptBatch(bytes32 gateway,uint64 start,uint64 count,bytes32 root,uint48 issuedAt,uint48 deadline)"
TERMS = ("Terms(bytes32 assigner,bytes32 assignee,bytes32 dataset,bytes32 description,string purpose,uint256 fields,string rows,"
         "string disclosure,uint32 minCohort,uint64 maxUses,uint64 maxRows,uint48 validFrom,uint48 validUntil,string assurance,"
         "bytes32 policy,bytes32 replaces,bytes32 salt)")
SIGNATURE = "Signature(string capacity,bytes32 signer,Terms terms)" + TERMS
BUNDLE = "Bundle(bytes32 digest,bytes32 participant,uint48 madeAt)"


def entry_digest(entry):
    return sha256(canonical(entry))


def receipt_signer(manifest, receipt):
    index, start = receipt["index"], receipt["start"]
    path = [unhex(item) for item in receipt["path"]]
    root = root_from_path(unhex(receipt["entry"]), index - start, receipt["count"], path)
    digest = typed_digest(manifest, "AccessLog", BATCH, {**receipt, "root": tohex(root)})
    return root, digest, signer(digest, receipt["signature"])


# --- 7. descriptions: the ABI's encoding ---

def abi(kind, value):
    """Head and tail of one value: a word if it is static, else its bytes."""
    if kind == "string":
        data = value.encode("utf-8")
        return word(len(data)) + data + b"\0" * (-len(data) % 32)
    if isinstance(kind, list):
        return word(len(value)) + abi_tuple([kind[0]] * len(value), value)
    return abi_tuple(list(kind), value)


def abi_tuple(kinds, values):
    heads, tails, offset = [], [], 32 * len(kinds)
    for kind, value in zip(kinds, values):
        if kind in ("uint8", "bytes32"):
            heads.append(word(value) if kind == "uint8" else value)
            continue
        heads.append(word(offset))
        tails.append(abi(kind, value))
        offset += len(tails[-1])
    return b"".join(heads + tails)


TYPES = ["Text", "Integer", "Decimal", "Boolean", "Date", "Timestamp"]
LEVELS = ["Neutral", "Quasi", "Sensitive", "Linking", "Direct"]
FIELD = ("string", "uint8", "uint8")
DESCRIPTION = ("string", [("string", "string", [FIELD])], [("string", "string")])


def description_hash(description):
    tables = [(table["name"], table["patientKey"],
               [(field["name"], TYPES.index(field["fieldType"]), LEVELS.index(field["level"])) for field in table["fields"]])
              for table in description["tables"]]
    joins = [(join["left"], join["right"]) for join in description["joins"]]
    return tohex(keccak(abi_tuple([DESCRIPTION], [(description["title"], tables, joins)])))


# --- 11. and 12. notes and COSE: Ed25519 and CBOR ---

Q = 2 ** 255 - 19
L = 2 ** 252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, Q) % Q
ROOT = pow(2, (Q - 1) // 4, Q)


def ed_point(data):
    y = int.from_bytes(data, "little")
    odd, y = y >> 255, y & ((1 << 255) - 1)
    square = (y * y - 1) * pow(D * y * y + 1, -1, Q) % Q
    x = pow(square, (Q + 3) // 8, Q)
    if (x * x - square) % Q:
        x = x * ROOT % Q
    require((x * x - square) % Q == 0, "a key or signature is no point")
    return (Q - x if x % 2 != odd else x), y


def ed_add(one, other):
    (x1, y1), (x2, y2) = one, other
    k = D * x1 * x2 * y1 * y2 % Q
    return (x1 * y2 + x2 * y1) * pow(1 + k, -1, Q) % Q, (y1 * y2 + x1 * x2) * pow(1 - k, -1, Q) % Q


def ed_times(point, factor):
    result = (0, 1)
    while factor:
        if factor & 1:
            result = ed_add(result, point)
        point, factor = ed_add(point, point), factor >> 1
    return result


def check_ed25519(key, message, signature):
    require(len(key) == 32 and len(signature) == 64, "an Ed25519 signature has another length")
    base = ed_point(word(4 * pow(5, -1, Q) % Q)[::-1])
    s = int.from_bytes(signature[32:], "little")
    require(s < L, "an Ed25519 signature is out of range")
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    require(ed_times(ed_point(key), 8) != (0, 1), "anyone can sign under this Ed25519 key")
    left, right = ed_times(base, s), ed_add(ed_point(signature[:32]), ed_times(ed_point(key), h))
    require(left == right, "an Ed25519 signature is another's")


def cbor_head(kind, number):
    if number < 24:
        return bytes([kind << 5 | number])
    for power, limit in enumerate((8, 16, 32, 64)):
        if number < 1 << limit:
            return bytes([kind << 5 | 24 + power]) + number.to_bytes(limit // 8, "big")
    raise Broken("a number is too wide")


def cbor(value):
    if isinstance(value, bytes):
        return cbor_head(2, len(value)) + value
    if isinstance(value, str):
        return cbor_head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return cbor_head(4, len(value)) + b"".join(cbor(item) for item in value)
    if isinstance(value, dict):
        members = sorted((cbor(name), cbor(item)) for name, item in value.items())
        return cbor_head(5, len(members)) + b"".join(name + item for name, item in members)
    if value is None:
        return b"\xf6"
    return cbor_head(1, -1 - value) if value < 0 else cbor_head(0, value)


# --- the page ---

def check_page(file):
    page = open(file, encoding="utf-8").read()
    found = re.findall(r"^```json example=(\w+)\n(.*?)\n```$", page, re.M | re.S)
    x = {name: read_json(text) for name, text in found}
    manifest = x["manifest"]

    ids = x["ids"]
    holder = keccak(ids["registrationNumber"].encode())
    require(tohex(holder) == ids["participant"], "ids.participant")
    dataset = keccak(abi_tuple(["bytes32", "string"], [holder, ids["datasetName"]]))
    require(tohex(dataset) == ids["dataset"], "ids.dataset")

    result = x["result"]
    data = canonical(result["result"])
    require(data.decode() == result["canonical"] and len(data) == result["bytes"], "result.canonical")
    require(tohex(sha256(data)) == result["digest"], "result.digest")

    entry = x["entry"]
    require(canonical(entry["entry"]).decode() == entry["canonical"], "entry.canonical")
    digest = entry_digest(entry["entry"])
    require(tohex(digest) == entry["digest"] and tohex(leaf(digest)) == entry["leaf"], "entry.digest")

    tree = x["tree"]
    digests, roots = [unhex(item) for item in tree["digests"]], [unhex(item) for item in tree["roots"]]
    require([root_of(digests[:i + 1]) for i in range(len(digests))] == roots, "tree.roots")
    proof = tree["inclusion"]
    path = [unhex(item) for item in proof["path"]]
    require(root_from_path(digests[proof["index"]], proof["index"], proof["size"], path) == roots[-1], "tree.inclusion")
    proof = tree["consistency"]
    first, second = proof["from"], proof["to"]
    check_consistency(first, roots[first - 1], second, roots[second - 1], [unhex(item) for item in proof["path"]])

    append = x["append"]
    start, entries, usages = read_append(unhex(append["calldata"]))
    require(start == append["start"] and [tohex(item) for item in entries] == append["entries"], "append.entries")
    require(usages == [(item["agreement"], item["count"]) for item in append["usages"]], "append.usages")
    ring = x["ring"]
    require(tohex(ring_word(ring["size"], unhex(ring["root"]))) == ring["word"], "ring.word")

    request = x["request"]
    require(tohex(keccak(REQUEST.encode())) == request["typeHash"], "request.typeHash")
    require(tohex(struct_hash(REQUEST, request["request"])) == request["structHash"], "request.structHash")
    contract = manifest["contracts"]["UsagePolicy"]["address"]
    require(tohex(domain_separator(manifest["chainId"], contract)) == request["domainSeparator"], "request.domainSeparator")
    digest = typed_digest(manifest, "UsagePolicy", REQUEST, request["request"])
    require(tohex(digest) == request["digest"], "request.digest")
    require(signer(digest, request["signature"]) == request["signer"], "request.signer")

    receipt = x["receipt"]
    root, digest, key = receipt_signer(manifest, receipt["receipt"])
    require(tohex(root) == receipt["batchRoot"] and tohex(digest) == receipt["digest"], "receipt.digest")
    require(key == receipt["key"], "receipt.key")

    agreement = x["agreement"]
    terms = agreement["terms"]
    require(description_hash(agreement["description"]) == agreement["descriptionHash"] == terms["description"], "description")
    require(tohex(keccak(agreement["policy"].encode())) == terms["policy"], "agreement.policy")
    require(tohex(typed_digest(manifest, "AgreementRegistry", TERMS, terms)) == agreement["id"], "agreement.id")
    digest = typed_digest(manifest, "AgreementRegistry", SIGNATURE, agreement)
    require(tohex(digest) == agreement["digestToSign"], "agreement.digestToSign")
    require(signer(digest, agreement["signature"]) == agreement["key"], "agreement.key")

    for tile in x["tiles"]["paths"]:
        digits = str(tile["index"])
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[i:i + 3] for i in range(0, len(digits), 3)]
        name = "/".join(["x" + group for group in groups[:-1]] + groups[-1:])
        part = "" if tile["width"] == 256 else f".p/{tile['width']}"
        require(f"/tile/{tile['level']}/{name}{part}" == tile["path"], "tiles.path")

    checkpoint = x["checkpoint"]
    key, origin = unhex(checkpoint["key"]), checkpoint["origin"]
    gateway = entry["entry"]["gateway"]
    require(origin == f"datapact/{manifest['chainId']}/{manifest['contracts']['AccessLog']['address']}/{gateway}", "origin")
    text, line = checkpoint["note"].split("\n\n")
    text += "\n"
    root = base64.b64encode(unhex(checkpoint["root"])).decode()
    require(text == f"{origin}\n{checkpoint['size']}\n{root}\n", "checkpoint.text")
    dash, name, encoded = line.rstrip("\n").split(" ")
    signature = base64.b64decode(encoded)
    require((dash, name) == ("\u2014", origin), "checkpoint.line")
    require(signature[:4] == sha256(origin.encode(), b"\x0a\x01", key)[:4], "checkpoint.keyId")
    check_ed25519(key, text.encode(), signature[4:])

    cose = x["cose"]
    key = unhex(cose["key"])
    header = cbor({1: -19, 4: key, 15: {1: cose["issuer"]}, 395: 1})
    proof = cbor([cose["size"], cose["index"], [unhex(item) for item in tree["inclusion"]["path"]]])
    whole = unhex(cose["receipt"])
    before = b"\xd2\x84" + cbor(header) + cbor({396: {-1: [proof]}}) + b"\xf6\x58\x40"
    require(whole[:-64] == before, "cose.receipt")
    root = root_from_path(unhex(cose["entry"]), cose["index"], cose["size"], [unhex(item) for item in tree["inclusion"]["path"]])
    require(tohex(root) == cose["root"], "cose.root")
    check_ed25519(key, cbor(["Signature1", header, b"", root]), whole[-64:])


# --- 13. bundles ---

def rlp(data, at=0):
    """One item: bytes or a list of items, and where it ends."""
    require(at < len(data), "the transaction is cut")
    first = data[at]
    if first < 0x80:
        return data[at:at + 1], at + 1
    is_list, first = first >= 0xC0, first - (0xC0 if first >= 0xC0 else 0x80)
    start = at + 1
    if first > 55:
        start += first - 55
        length = int.from_bytes(data[at + 1:start], "big")
    else:
        length = first
    end = start + length
    require(end <= len(data), "the transaction is cut")
    if not is_list:
        return data[start:end], end
    items = []
    while start < end:
        item, start = rlp(data, start)
        items.append(item)
    require(start == end, "the transaction is cut")
    return items, end


def write_rlp(item):
    if isinstance(item, list):
        data, base = b"".join(write_rlp(one) for one in item), 0xC0
    else:
        data, base = item, 0x80
        if len(data) == 1 and data[0] < 0x80:
            return data
    if len(data) < 56:
        return bytes([base + len(data)]) + data
    length = len(data).to_bytes((len(data).bit_length() + 7) // 8, "big")
    return bytes([base + 55 + len(length)]) + length + data


def read_transaction(raw):
    """Chain, sender, receiver and calldata of a signed transaction with fees after EIP-1559, or of an old one after EIP-155."""
    if raw[0] == 2:
        items, end = rlp(raw, 1)
        require(end == len(raw) and len(items) == 12, "the transaction is none")
        digest, chain = keccak(b"\x02" + write_rlp(items[:9])), int.from_bytes(items[0], "big")
        to, data, (odd, r, s) = items[5], items[7], [int.from_bytes(item, "big") for item in items[9:]]
    else:
        items, end = rlp(raw)
        require(end == len(raw) and len(items) == 9, "the transaction is of a kind that is not read here")
        v, r, s = [int.from_bytes(item, "big") for item in items[6:]]
        chain, odd, to, data = (v - 35) // 2, (v - 35) % 2, items[3], items[5]
        number = chain.to_bytes((chain.bit_length() + 7) // 8, "big")
        digest = keccak(write_rlp(items[:6] + [number, b"", b""]))
    require(s <= N // 2, "the transaction's signature is not in the one form")
    return chain, recover(digest, r, s, odd), tohex(to), data


def acted(record, key, time, principal=False):
    periods = record["keys"] if record else []
    return any(p["key"] == key and p["from"] <= time and (p["until"] is None or time < p["until"])
               and not (principal and p["isDelegate"]) for p in periods)


def seconds(time):
    return datetime.fromisoformat(time.replace("Z", "+00:00")).timestamp()


def peaks_root(peaks, start, digests):
    heights = [height for height in reversed(range(start.bit_length())) if start >> height & 1]
    require(len(heights) == len(peaks), "head: the entries before are not summed up")
    stack = list(zip(heights, peaks))
    for digest in digests:
        height, value = 0, leaf(digest)
        while stack and stack[-1][0] == height:
            height, value = height + 1, node(stack.pop()[1], value)
        stack.append((height, value))
    value = stack[-1][1]
    for _, left in reversed(stack[:-1]):
        value = node(left, value)
    return value


def record_at(record, time):
    keys = [{**key, "until": None if key["until"] is None or key["until"] >= time else key["until"]}
            for key in record["keys"] if key["from"] < time]
    return {**record, "keys": keys}


# what only the chain can tell, beside what every bundle claims
CLAIMS = []
ORDER = ["datapact/bundle/1", "participant", "agreement", "head", "entry", "end"]


def check_bundle(file, *accounts):
    """Accounts, if any are given, are those whose word the reader takes."""
    data = open(file, "rb").read()
    require(data.endswith(b"\n"), "form: the last line is cut")
    header, end, place, at, sealed_at = None, None, 0, 0, []
    participants, signers, agreements, heads, indices, last = {}, {}, {}, [], [], None
    for text in data[:-1].split(b"\n"):
        line = read_json(text.decode("utf-8"))
        require(canonical(line) == text, "form: a line is not canonical")
        kind = line["type"]
        if end is None:
            require(kind in ORDER and ORDER.index(kind) >= place, f"form: {kind} is out of place")
            place = ORDER.index(kind)
        else:
            require(kind in ("participant", "signature"), f"form: {kind} is out of place")
        require((header is None) == (kind == ORDER[0]), "form: a bundle has one header")
        if kind == ORDER[0]:
            header, manifest, top = line, line["manifest"], line["head"]
        elif kind == "participant":
            require(tohex(keccak(line["registrationNumber"].encode())) == line["id"], "participants: an id is another's")
            known = signers.get(line["id"], participants.get(line["id"]))
            since = header["asOf"]["time"]
            require(known is None or record_at(known, since) == record_at(line, since), "form: one is told in two ways")
            (participants if end is None else signers)[line["id"]] = line
        elif kind == "agreement":
            check_agreement(manifest, line, participants, accounts)
            agreements[line["id"]] = line
        elif kind == "head":
            require(not heads or line["start"] >= heads[-1]["size"], "heads: they overlap")
            check_consistency(line["size"], unhex(line["root"]), top["size"], unhex(top["root"]),
                              [unhex(item) for item in line["consistency"]])
            heads.append(line)
        elif kind == "entry":
            anchored = check_entry(header, line, participants, agreements, heads)
            last = (seconds(line["entry"]["time"]), anchored)
            require(not indices or line["index"] > indices[-1], "form: entries are out of order")
            indices.append(line["index"])
        elif kind == "end":
            end = line
            require(line["entries"] == len(indices), "range: entries are missing")
            span = line["range"]
            if span is not None:
                require(indices == list(range(span["from"], span["until"])), "range: entries are missing")
        else:
            digest = typed_digest(manifest, "AccessLog", BUNDLE, {**line, "digest": tohex(sha256(data[:at]))})
            require(signer(digest, line["signature"]) == line["key"], "seal: a signature is another's")
            require(acted(signers.get(line["participant"]), line["key"], line["madeAt"]), "seal: a key did not act")
            if not accounts or line["key"] in accounts:
                sealed_at.append(line["madeAt"])
        at += len(text) + 1
    require(header is not None and end is not None, "form: the bundle has no end")
    require(sealed_at, "seal: nobody has signed")
    check_head(header, participants)
    if end["period"] is not None:
        check_period(end, header, heads, last, max(sealed_at))


def check_period(end, header, heads, last, looked_at):
    """Whether the range has all of the period: a head from before it stands before, and an entry from after it is the last."""
    since, until, span, top = end["period"]["from"], end["period"]["until"], end["range"], header["head"]
    require(span is not None and since < until, "period: it is none")
    before = [head["block"]["time"] for head in [*heads, top] if head["size"] == span["from"]]
    require(span["from"] == 0 or any(time < since for time in before), "period: entries may stand before the first")
    if last is None or last[0] < until + 60 or last[1] < until:
        require(span["until"] == top["size"], "period: entries may stand after the last")
        require(max(header["asOf"]["time"], looked_at) >= until, "period: it was not over")
        CLAIMS.append("that the log had no more of the period")


def check_head(header, participants):
    manifest, top = header["manifest"], header["head"]
    require(header["asOf"]["number"] >= top["block"]["number"], "head: less of the chain is told than its block")
    gateway = participants.get(header["gateway"])
    require(gateway is not None and gateway["hospital"] is not None, "participants: the gateway's record is missing")
    raw = unhex(top["raw"])
    require(tohex(keccak(raw)) == top["transaction"], "head: the transaction is another")
    chain, sender, to, calldata = read_transaction(raw)
    require(chain == manifest["chainId"] and to == manifest["contracts"]["AccessLog"]["address"], "head: it goes elsewhere")
    require(any(acted(gateway, sender, top["block"]["time"] - by) for by in (0, 1)), "head: the key did not act for the gateway")
    start, digests, _ = read_append(calldata)
    require(start == top["start"] and start + len(digests) == top["size"], "head: other entries were appended")
    root = peaks_root([unhex(item) for item in top["peaks"]], start, digests)
    require(tohex(root) == top["root"], "head: the entries do not have its root")


def check_agreement(manifest, line, participants, accounts):
    terms = line["terms"]
    require(tohex(typed_digest(manifest, "AgreementRegistry", TERMS, terms)) == line["id"], "agreements: the terms are others")
    require(tohex(keccak(line["policy"].encode())) == terms["policy"], "agreements: the policy is another")
    require(line["description"] is not None and description_hash(line["description"]) == terms["description"],
            "agreements: the description is another")
    capacities = set()
    for one in line["signatures"]:
        message = {"capacity": one["capacity"], "signer": one["signer"], "terms": terms}
        digest = typed_digest(manifest, "AgreementRegistry", SIGNATURE, message)
        if not is_own(digest, one):
            require(accounts, "signatures: not its own key's, and only the chain can tell of a contract wallet")
            CLAIMS.append(f"that {one['key']} is a contract wallet that signed {line['id']}")
        record = participants.get(one["signer"])
        require(acted(record, one["key"], one["block"]["time"], principal=True), "signatures: a key was not its own")
        party = {"Assigner": terms["assigner"], "Assignee": terms["assignee"]}.get(one["capacity"])
        require(record["roles"] & 4 if party is None else one["signer"] == party, "signatures: by somebody else")
        capacities.add(one["capacity"])
    require(capacities == {"Assigner", "Assignee", "Regulator"}, "signatures: one is missing")
    regulators = {one["signer"] for one in line["signatures"] if one["capacity"] == "Regulator"}
    require(len(regulators) >= (line["approvals"] or 1), "signatures: too few regulators")


def is_own(digest, one):
    """A signature that is not its key's own may be a contract wallet's: only the chain can tell."""
    try:
        return signer(digest, one["signature"]) == one["key"]
    except (Broken, ValueError):
        return False


def check_entry(header, line, participants, agreements, heads):
    manifest, top, entry, index = header["manifest"], header["head"], line["entry"], line["index"]
    digest = entry_digest(entry)
    require(entry["gateway"] == header["gateway"], "entries: another gateway's")
    path = [unhex(item) for item in line["path"]]
    require(tohex(root_from_path(digest, index, top["size"], path)) == top["root"], f"entries: {index} does not stand there")
    anchor = [head for head in heads if head["start"] <= index < head["size"]]
    require(anchor, f"heads: the batch of {index} is missing")
    receipt, signed, result = line.get("receipt"), line.get("signed"), line.get("result")
    require(receipt is not None or (signed is None and result is None), "receipts: one is missing")
    if receipt is not None:
        same = (receipt["index"], receipt["entry"], receipt["gateway"]) == (index, tohex(digest), header["gateway"])
        require(same and receipt["deadline"] > receipt["issuedAt"], f"receipts: that of {index} is another's")
        _, _, key = receipt_signer(manifest, receipt)
        require(acted(participants.get(header["gateway"]), key, receipt["issuedAt"]), "receipts: the key did not act")
        require(anchor[0]["block"]["time"] < receipt["deadline"], f"promises: {index} was anchored late")
        time = seconds(entry["time"])
        fits = receipt["issuedAt"] >= time - 60 and receipt["deadline"] <= time + 7 * 86_400 + 60
        require(fits, f"receipts: the times of {index}")
    if signed is not None:
        request = signed["request"]
        fresh = entry["outcome"] != "Permitted" or abs(seconds(entry["time"]) - request["issuedAt"]) <= 360
        require(fresh, f"receipts: the request of {index} was not fresh")
        asked = typed_digest(manifest, "UsagePolicy", REQUEST, request)
        require(tohex(asked) == entry["request"] and signer(asked, signed["signature"]) == entry["signer"], "receipts: the request")
        require(all(request[name] == entry[name] for name in ("gateway", "agreement", "purpose")), "receipts: the request")
    if result is not None:
        data = canonical(result)
        told = {"digest": tohex(sha256(data)), "bytes": len(data), "rows": len(result["rows"])}
        require(entry["result"] == told, "receipts: the result is another")
    if entry["type"] == "datapact/entry/1" and entry["outcome"] == "Permitted":
        check_use(entry, agreements.get(entry["agreement"]), participants)
    return anchor[0]["block"]["time"]


def check_use(entry, agreement, participants):
    require(agreement is not None, "uses: the agreement is missing")
    terms, time = agreement["terms"], seconds(entry["time"])
    require(terms["purpose"] == entry["purpose"], "uses: another purpose")
    require(terms["validFrom"] - 60 <= time < terms["validUntil"] + 60, "uses: not valid at that time")
    require(acted(participants.get(terms["assignee"]), entry["signer"], int(time)), "uses: the signer did not act")
    require(participants[entry["gateway"]]["hospital"] == terms["assigner"], "uses: another hospital's gateway")
    require(entry["block"] is not None, "uses: no block")
    final, ended, stops = False, False, set()
    for event in agreement["events"]:
        if event["block"]["number"] > entry["block"]["number"]:
            continue
        final |= event["name"] == "AgreementFinalized"
        ended |= event["name"] in ("AgreementTerminated", "AgreementReplaced")
        if event["name"] == "AgreementSuspended":
            stops.add(event["capacity"])
        if event["name"] == "AgreementReinstated":
            stops.discard(event["capacity"])
    require(final and not ended and not stops, "uses: not in force at that block")
    late = [e for e in agreement["events"] if e["block"]["number"] > entry["block"]["number"] and e["block"]["time"] < time - 60]
    require(not late, "uses: the block was not the newest")


if __name__ == "__main__":
    try:
        {"page": check_page, "bundle": check_bundle}[sys.argv[1]](*sys.argv[2:])
    except (Broken, ValueError, KeyError, TypeError, IndexError) as problem:
        print(f"{type(problem).__name__}: {problem}")
        sys.exit(1)
    print("\n".join(["ok", *CLAIMS]))

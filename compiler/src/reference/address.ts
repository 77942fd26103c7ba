import type { CidrRange } from "../3-check/checked.js";
import type { Value } from "./read-fact.js";
import { type Truth, truthOf } from "./truth.js";

/** Whether the address `value` lies in one of `ranges`. Absent is false; what is no address is unknown. */
export function inCidr(value: Value, ranges: readonly CidrRange[]): Truth {
  if (value.kind === "absent") return "false";
  const address = value.kind === "scalar" ? readAddress(String(value.value)) : null;
  if (address === null) return "unknown";
  return truthOf(ranges.some((range) => lies(address, range)));
}

/** An address as the bits it is written in, `0` and `1`: 32 of them, or 128. */
type Bits = string;

function lies(address: Bits, range: CidrRange): boolean {
  const network = range.address.map((byte) => bitsOf(byte, 8)).join("");
  return network.length === address.length && network.slice(0, range.prefix) === address.slice(0, range.prefix);
}

const bitsOf = (value: number, size: number): Bits => value.toString(2).padStart(size, "0");

const mappedPrefix: Bits = "0".repeat(80) + "1".repeat(16);

/** Null for a text that is no address. IPv4 in IPv6 (`::ffff:0:0/96`) is IPv4. */
function readAddress(text: string): Bits | null {
  if (!text.includes(":")) return readQuad(text);
  const bits = readGroups(text);
  return bits?.startsWith(mappedPrefix) ? bits.slice(mappedPrefix.length) : bits;
}

/** Four decimal numbers up to 255, without leading zeros. */
function readQuad(text: string): Bits | null {
  const parts = text.split(".");
  const isQuad =
    parts.length === 4 && parts.every((part) => /^(?:0|[1-9][0-9]{0,2})$/.test(part) && Number(part) < 256);
  return isQuad ? parts.map((part) => bitsOf(Number(part), 8)).join("") : null;
}

/** RFC 4291 section 2.2: eight groups; `::` once for one group of zeros or more; the last two may be an IPv4 address. */
function readGroups(text: string): Bits | null {
  const halves = text.split("::").map((half) => (half === "" ? [] : half.split(":")));
  if (halves.length > 2) return null;
  const last = halves.at(-1) ?? [];
  const quad = last.at(-1)?.includes(".") ? readQuad(last.at(-1) ?? "") : null;
  const written = halves.map((half) => half.map(readGroup));
  if (quad !== null) written.at(-1)?.splice(-1, 1, quad);
  const read = written.map((half) => (half.includes(null) ? null : half.join("")));
  const [head, tail] = read;
  if (head == null || tail === null) return null;
  if (tail === undefined) return head.length === 128 ? head : null;
  const zeros = 128 - head.length - tail.length;
  return zeros < 16 ? null : `${head}${"0".repeat(zeros)}${tail}`;
}

const readGroup = (text: string): Bits | null =>
  /^[0-9a-f]{1,4}$/i.test(text) ? bitsOf(Number.parseInt(text, 16), 16) : null;

import type { CidrRange } from "../checked.js";

/** A range of addresses, or what is wrong with its text and what to write instead. */
export type CidrOutput =
  | { readonly kind: "range"; readonly range: CidrRange }
  | { readonly kind: "problem"; readonly problem: string; readonly help: string };

/** The first twelve bytes of an IPv4 address in IPv6, which is the IPv4 address itself. */
const mappedPrefix = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff] as const;

/**
 * The range that `text` writes: `10.20.0.0/16`, `2001:db8::/32`, or one address. Bits beyond the prefix are refused: they say
 * that the author had another range in mind.
 */
export function cidrRange(text: string): CidrOutput {
  const [addressText = "", prefixText, more] = text.split("/");
  const written = addressOf(addressText);
  const size = (written?.length ?? 4) * 8;
  if (written === null || more !== undefined) return wrong("is not an address or a range of addresses");
  if (prefixText !== undefined && (!/^(?:0|[1-9]\d{0,2})$/.test(prefixText) || Number(prefixText) > size))
    return wrong(`has a length that is not 0 to ${size}`);
  const length = prefixText === undefined ? size : Number(prefixText);
  const first = withoutBitsAfter(written, length);
  if (first.some((byte, i) => byte !== written[i]))
    return { ...wrong(`has bits set after the first ${length}`), help: `write \`${canonicalText(first)}/${length}\`` };
  const isMapped = length >= 96 && written.length === 16 && mappedPrefix.every((byte, i) => written[i] === byte);
  return isMapped
    ? { kind: "range", range: { address: written.slice(12), prefix: length - 96 } }
    : { kind: "range", range: { address: written, prefix: length } };
}

const wrong = (problem: string): Extract<CidrOutput, { kind: "problem" }> => ({
  kind: "problem",
  problem,
  help: "ranges are written `10.20.0.0/16` and `2001:db8::/32`, single addresses without the `/`",
});

/** The bytes of an address; null when `text` is none. Zone ids and leading zeros are refused. */
function addressOf(text: string): readonly number[] | null {
  if (!text.includes(":")) return quadOf(text);
  if (text.split("::").length > 2) return null;
  const [headText = "", tailText] = text.split("::");
  const head = groupsOf(headText, tailText === undefined);
  const tail = tailText === undefined ? [] : groupsOf(tailText, true);
  if (head === null || tail === null) return null;
  const missing_count = 16 - head.length - tail.length;
  // `::` stands for at least one group of zeros.
  if (tailText === undefined ? missing_count !== 0 : missing_count < 2) return null;
  return [...head, ...Array.from({ length: missing_count }, () => 0), ...tail];
}

function quadOf(text: string): readonly number[] | null {
  const parts = text.split(".");
  const isQuad = parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
  return isQuad ? parts.map(Number) : null;
}

/** The bytes of groups with colons between them; the last may be a dotted quad where the address ends. */
function groupsOf(text: string, isEnd: boolean): readonly number[] | null {
  if (text === "") return [];
  const groups = text.split(":");
  const bytes = groups.map((group, i) => {
    if (isEnd && i === groups.length - 1 && group.includes(".")) return quadOf(group);
    const value = Number.parseInt(group, 16);
    return /^[0-9A-Fa-f]{1,4}$/.test(group) ? [value >> 8, value & 0xff] : null;
  });
  return bytes.includes(null) ? null : bytes.flatMap((found) => found ?? []);
}

const withoutBitsAfter = (address: readonly number[], length: number): readonly number[] =>
  address.map((byte, i) => {
    const kept = Math.min(8, Math.max(0, length - i * 8));
    return byte & (0xff << (8 - kept)) & 0xff;
  });

/** An address as people write it: the longest run of zero groups, if there is one, is `::`. */
function canonicalText(address: readonly number[]): string {
  if (address.length === 4) return address.join(".");
  const groups = Array.from({ length: 8 }, (_, i) =>
    (((address[2 * i] ?? 0) << 8) | (address[2 * i + 1] ?? 0)).toString(16),
  );
  const text = groups.join(":");
  const [longest = null] = [...text.matchAll(/(?<![^:])0(?::0)+(?![^:])/g)].sort((a, b) => b[0].length - a[0].length);
  if (longest === null) return text;
  const [before, after] = [text.slice(0, longest.index), text.slice(longest.index + longest[0].length)];
  return `${before.replace(/:$/, "")}::${after.replace(/^:/, "")}`;
}

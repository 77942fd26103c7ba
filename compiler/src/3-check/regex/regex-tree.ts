/** What a regular expression is once parsed: sets of characters, one after another, beside each other, or several times. */
export type RegexNode =
  /** One character of the set. */
  | { readonly kind: "set"; readonly set: CharacterSet }
  /** Empty: the empty text. */
  | { readonly kind: "sequence"; readonly parts: readonly RegexNode[] }
  | { readonly kind: "either"; readonly options: readonly RegexNode[] }
  /** `max` is null where there is none. */
  | { readonly kind: "repeat"; readonly of: RegexNode; readonly min: number; readonly max: number | null };

/** Code points from the first to the second of each pair, both included. Ascending, apart, and without surrogates. */
export type CharacterSet = readonly (readonly [first: number, last: number])[];

const lastCodePoint = 0x10ffff;
const surrogates: CharacterSet = [[0xd800, 0xdfff]];

/** `ranges` in order, joined where they meet; surrogates, which no text holds, left out. */
export function characterSet(ranges: CharacterSet): CharacterSet {
  return complement(joined([...complement(ranges), ...surrogates]));
}

/** Every character that is not in `set`, and no surrogate. */
export const otherCharacters = (set: CharacterSet): CharacterSet => complement(joined([...set, ...surrogates]));

/** Every character. */
export const anyCharacter: CharacterSet = otherCharacters([]);

function joined(ranges: CharacterSet): CharacterSet {
  const out: [number, number][] = [];
  for (const [first, last] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const previous = out.at(-1);
    if (previous !== undefined && first <= previous[1] + 1) previous[1] = Math.max(previous[1], last);
    else out.push([first, last]);
  }
  return out;
}

function complement(ranges: CharacterSet): CharacterSet {
  const out: [number, number][] = [];
  let next = 0;
  for (const [first, last] of joined(ranges)) {
    if (next < first) out.push([next, first - 1]);
    next = last + 1;
  }
  if (next <= lastCodePoint) out.push([next, lastCodePoint]);
  return out;
}

/** `set` with both cases of each ASCII letter in it: all that `(?i)` folds. */
export function withBothCases(set: CharacterSet): CharacterSet {
  const shifted = set.flatMap(([first, last]) => [
    ...moved(first, last, 0x41, 0x5a, 0x20),
    ...moved(first, last, 0x61, 0x7a, -0x20),
  ]);
  return joined([...set, ...shifted]);
}

/** The part of `first` to `last` that lies between `low` and `high`, moved by `offset`. */
function moved(first: number, last: number, low: number, high: number, offset: number): CharacterSet {
  const [from, to] = [Math.max(first, low), Math.min(last, high)];
  return from <= to ? [[from + offset, to + offset]] : [];
}

/** The fewest characters in any text `node` matches that the pattern gives, or nearly: how much tells a match from other text. */
export function fixedCharacters(node: RegexNode): number {
  switch (node.kind) {
    case "set":
      return isFixed(node.set) ? 1 : 0;
    case "sequence":
      return node.parts.reduce((sum, part) => sum + fixedCharacters(part), 0);
    case "either":
      return Math.min(...node.options.map(fixedCharacters));
    case "repeat":
      return node.min * fixedCharacters(node.of);
  }
}

/** One character, the two cases of one, or one of a few: they tell at least as much as five of eight bits. */
const isFixed = (set: CharacterSet): boolean => set.reduce((sum, [first, last]) => sum + last - first + 1, 0) <= 8;

/** Whether `node` matches the empty text. */
export function matchesEmpty(node: RegexNode): boolean {
  switch (node.kind) {
    case "set":
      return false;
    case "sequence":
      return node.parts.every(matchesEmpty);
    case "either":
      return node.options.some(matchesEmpty);
    case "repeat":
      return node.min === 0 || matchesEmpty(node.of);
  }
}

/**
 * Where a match may start, read off its automaton. By its first bytes: the sets of bytes that may stand at each of the first
 * few places. Or by a pivot, a byte that every match holds: from each one back over the bytes that may stand before the first.
 * An e-mail address starts like any word, and is found by its `@`. Both let through every match; the cheaper one is taken.
 */
import { MATCH_BYTES_MAX, OUTPUT_LEFT_DIGIT, OUTPUT_LEFT_WORD, PREFIX_BYTES } from "@hpl/runtime/abi";
import type { Automaton } from "../../3-check/checked.js";
import { byteFrequencies, frequencyOf } from "./byte-frequency.js";
import type { Pattern } from "./detect-section.js";

export interface PrefixFilter {
  /** For each of the first bytes, 256 flags. */
  readonly sets: readonly Uint8Array[];
  /** What may not stand before a match. */
  readonly left: "nothing" | "digit" | "word";
}

export interface PivotFilter {
  readonly byte: number;
  /** The most bytes before the first one. */
  readonly walk_max: number;
  /** Bytes that may stand before the first one, 256 flags. */
  readonly before: Uint8Array;
}

/** More starts than this, in a text as expected, and a pivot is looked for. */
const starts_share_max = 0.004;

export function filterOf({ automaton, flags }: Pattern): {
  readonly prefix: PrefixFilter;
  /** Null when the first bytes say enough, or nothing says more. */
  readonly pivot: PivotFilter | null;
} {
  const left = flags & OUTPUT_LEFT_WORD ? "word" : flags & OUTPUT_LEFT_DIGIT ? "digit" : "nothing";
  const prefix: PrefixFilter = { sets: firstBytes(automaton), left };
  const share = startsShare(prefix);
  if (share <= starts_share_max) return { prefix, pivot: null };
  const pivot = pivotOf(automaton);
  const isBetter = pivot !== null && (byteFrequencies[pivot.byte] ?? 1) * Math.min(pivot.walk_max, 8) < share;
  return { prefix, pivot: isBetter ? pivot : null };
}

/** The share of all places that the filter lets through. */
export const startsShare = ({ sets, left }: PrefixFilter): number =>
  sets.reduce((share, set) => share * frequencyOf(set), left === "nothing" ? 1 : 0.4);

/** States that one more byte leads to, by the class of the byte; 0 is dead. */
const row = ({ next, classes_count }: Automaton, state: number): Uint16Array =>
  next.subarray(state * classes_count, (state + 1) * classes_count);

/** 256 flags: the bytes of the classes in `kinds`. */
const bytesOf = ({ classes }: Automaton, kinds: ReadonlySet<number>): Uint8Array =>
  classes.map((kind) => (kinds.has(kind) ? 1 : 0));

/** States that `states` lead to, and the classes of bytes that lead there, without the class `without`. */
function advance(automaton: Automaton, states: Iterable<number>, without: number | null) {
  const [after, kinds] = [new Set<number>(), new Set<number>()];
  for (const state of states)
    row(automaton, state).forEach((to, kind) => {
      if (to === 0 || kind === without) return;
      after.add(to);
      kinds.add(kind);
    });
  return { after, kinds };
}

/** Behind the end of a match stands any byte. Only the dead state leads to no match, so that no set is too large. */
function firstBytes(automaton: Automaton): readonly Uint8Array[] {
  let states: ReadonlySet<number> = new Set([automaton.start]);
  let isOpen = false;
  return Array.from({ length: PREFIX_BYTES }, () => {
    isOpen ||= [...states].some((state) => automaton.accepting[state] === 1);
    if (isOpen) return new Uint8Array(256).fill(1);
    const { after, kinds } = advance(automaton, states, null);
    states = after;
    return bytesOf(automaton, kinds);
  });
}

/** The rarest byte without which nothing is accepted; null when there is none. */
function pivotOf(automaton: Automaton): PivotFilter | null {
  const { classes, accepting } = automaton;
  const alone = [...classes.keys()].filter((byte) => {
    const kind = classes[byte] ?? 0;
    return classes.indexOf(kind) === classes.lastIndexOf(kind);
  });
  const needed = alone.filter((byte) =>
    [...reachable(automaton, classes[byte] ?? 0)].every((state) => accepting[state] !== 1),
  );
  const [byte] = needed.toSorted((a, b) => (byteFrequencies[a] ?? 0) - (byteFrequencies[b] ?? 0) || a - b);
  return byte === undefined ? null : { byte, ...beforeFirst(automaton, classes[byte] ?? 0) };
}

/** States that texts without bytes of the class `without` lead to. A set grows while it is walked. */
function reachable(automaton: Automaton, without: number): ReadonlySet<number> {
  const found = new Set([automaton.start]);
  for (const state of found) for (const to of advance(automaton, [state], without).after) found.add(to);
  return found;
}

/** Every state reached leads to a match, and so to the pivot: all bytes between them may stand before it. */
function beforeFirst(automaton: Automaton, pivot: number): Omit<PivotFilter, "byte"> {
  const { kinds } = advance(automaton, reachable(automaton, pivot), pivot);
  return { before: bytesOf(automaton, kinds), walk_max: longestWalk(automaton, pivot) };
}

/** Steps of the longest way that takes no pivot. A way of more steps than there are states goes in a circle. */
function longestWalk(automaton: Automaton, pivot: number): number {
  let states: ReadonlySet<number> = new Set([automaton.start]);
  for (let steps = 0; steps <= automaton.states_count; steps++) {
    const { after } = advance(automaton, states, pivot);
    if (after.size === 0) return Math.min(steps, MATCH_BYTES_MAX);
    states = after;
  }
  return MATCH_BYTES_MAX;
}

/**
 * Detectors as tables: patterns in, the section `hpl.detect` out.
 *
 * In: the detectors a policy uses. Out: bytes as `runtime/src/abi/detect-layout.ts` lays them out, the same for the same
 * detectors on every machine, or null where there are none. Shape: each pattern is the smallest automaton of its own;
 * automata that share a filter run side by side as one, whose states are tuples of theirs, so that one pass over a text
 * looks for all of them. The filters are read off the automata, never written by hand: they let through whatever an automaton
 * accepts. Absent: checks and context words, which the host runs on what is found; `hpl.meta` names them.
 */
import { OUTPUT_CHECKED, OUTPUT_LEFT_DIGIT, OUTPUT_LEFT_WORD } from "@hpl/runtime/abi";
import type { Automaton } from "../../3-check/checked.js";
import { compileRegex, newRegexCache } from "../../3-check/regex/compile-regex.js";
import { filterOf, type PivotFilter, type PrefixFilter } from "./choose-filter.js";
import { type CombinedAutomaton, combine } from "./combine.js";
import { outputFlags } from "./output-flags.js";
import { bucketsOf } from "./prefix-buckets.js";
import { writeSection } from "./write-section.js";

/** As much of a detector as its tables depend on. */
export interface DetectorSource {
  readonly patterns: readonly string[];
  readonly checks: readonly { readonly name: string }[];
  readonly context: readonly string[];
}

/** What a machine may find: a detector, and what beside its pattern the kernel looks at. */
export interface Output {
  readonly detector: number;
  readonly flags: number;
}

/** One pattern on its way into a machine. */
export interface Pattern {
  readonly automaton: Automaton;
  readonly detector: number;
  readonly flags: number;
}

export interface Machine {
  readonly automaton: CombinedAutomaton;
  readonly filter:
    | { readonly kind: "prefix"; readonly table: Uint8Array }
    | { readonly kind: "pivot"; readonly pivot: PivotFilter; readonly follows: boolean };
}

/** States of one machine: its table, of at most 256 classes, stays within what a processor keeps at hand. */
const machine_states_max = 8_192;

/** The section's bytes; null without detectors. Patterns have been checked: one that has no automaton is our mistake. */
export function detectSection(detectors: readonly DetectorSource[]): Uint8Array<ArrayBuffer> | null {
  const cache = newRegexCache();
  const patterns = detectors.flatMap((source, detector) =>
    source.patterns.map((text): Pattern => {
      const output = compileRegex(text, { file: 0, start: 0, end: 0 }, cache);
      if (output.kind === "problem") throw new Error(`HPL9001: the pattern ${text} has no automaton`);
      return { automaton: output.regex.automaton, detector, flags: outputFlags(source) };
    }),
  );
  if (patterns.length === 0) return null;
  const outputs: Output[] = [];
  const machines = groupsOf(patterns).flatMap((group) => machinesOf(group, outputs));
  return writeSection(detectors.length, outputs, machines);
}

/**
 * Patterns that share a filter: those found by their first bytes, and those found by a byte they all hold. Of the latter, those
 * that want every start stand apart: the others need not be followed from each one.
 */
interface Group {
  readonly pivot: PivotFilter | null;
  readonly members: readonly { readonly pattern: Pattern; readonly prefix: PrefixFilter }[];
}

function groupsOf(patterns: readonly Pattern[]): readonly Group[] {
  const groups = new Map<number, Group>();
  for (const pattern of patterns) {
    const { prefix, pivot } = filterOf(pattern);
    const key = pivot === null ? -1 : pivot.byte * 2 + (wantsEveryStart(pattern) ? 1 : 0);
    const known = groups.get(key);
    groups.set(key, {
      pivot: pivot === null ? null : unitedPivot(pivot, known?.pivot ?? pivot),
      members: [...(known?.members ?? []), { pattern, prefix }],
    });
  }
  return [...groups].toSorted(([a], [b]) => a - b).map(([, group]) => group);
}

const wantsEveryStart = ({ flags }: Output): boolean =>
  (flags & (OUTPUT_CHECKED | OUTPUT_LEFT_DIGIT | OUTPUT_LEFT_WORD)) !== 0;

const unitedPivot = (a: PivotFilter, b: PivotFilter): PivotFilter => ({
  byte: a.byte,
  walk_max: Math.max(a.walk_max, b.walk_max),
  before: a.before.map((isIn, byte) => isIn | (b.before[byte] ?? 0)),
});

/** One machine, or, where its automaton would be too large, one for each half. A single pattern always fits. */
function machinesOf(group: Group, outputs: Output[]): readonly Machine[] {
  const { pivot, members } = group;
  const first = outputs.length;
  const own: Output[] = [];
  const numbered = members.map(({ pattern: { automaton, detector, flags } }) => {
    const known = own.findIndex((output) => output.detector === detector);
    return { automaton, output: first + (known < 0 ? own.push({ detector, flags }) - 1 : known) };
  });
  const automaton = combine(numbered, members.length === 1 ? Number.POSITIVE_INFINITY : machine_states_max);
  if (automaton === null) {
    const middle = members.length >> 1;
    return [members.slice(0, middle), members.slice(middle)].flatMap((half) =>
      machinesOf({ pivot, members: half }, outputs),
    );
  }
  outputs.push(...own);
  if (pivot !== null) return [{ automaton, filter: { kind: "pivot", pivot, follows: !own.some(wantsEveryStart) } }];
  return [{ automaton, filter: { kind: "prefix", table: bucketsOf(members.map(({ prefix }) => prefix)) } }];
}

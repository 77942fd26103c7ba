import type { Automaton, Glob } from "../3-check/checked.js";
import { compileRegex, newRegexCache } from "../3-check/regex/compile-regex.js";

/** Texts that tell apart what can be told apart, and whether they are all there are to tell. */
export interface SampleTexts {
  readonly texts: readonly string[];
  readonly isExact: boolean;
  /** Whether one of the texts matches every pattern. */
  readonly matchesAll: boolean;
}

/** States of all automata together that are visited; more cannot be told. */
const STATES_MAX = 20_000;
/** More automata at once have too many states together. */
const AUTOMATA_MAX = 24;

/**
 * For every combination of patterns that some text matches, while it matches none of the others, one text: found breadth first
 * over the product of the automata, so it is a shortest one. Bytes are those of ASCII: a pattern that itself speaks of other
 * characters is for the caller to take as not exact.
 */
export function sampleTexts(automata: readonly Automaton[]): SampleTexts {
  if (automata.length > AUTOMATA_MAX) return { texts: [], isExact: false, matchesAll: false };
  const every = automata.map(() => 1).join("");
  const bytes = bytesThatDiffer(automata);
  const found = new Map<string, string>();
  const seen = new Set<string>();
  let frontier: readonly Place[] = [{ states: automata.map(({ start }) => start), text: "" }];
  while (frontier.length > 0) {
    const next: Place[] = [];
    for (const place of frontier) {
      const key = place.states.join(" ");
      if (seen.has(key)) continue;
      seen.add(key);
      if (seen.size > STATES_MAX) return { texts: [...found.values()], isExact: false, matchesAll: found.has(every) };
      const vector = automata.map(({ accepting }, i) => accepting[place.states[i] ?? 0] ?? 0).join("");
      // The empty text only where no other comes out so.
      if (!found.get(vector)) found.set(vector, place.text);
      for (const byte of bytes) next.push(step(automata, place, byte));
    }
    frontier = next;
  }
  return { texts: [...found.values()], isExact: true, matchesAll: found.has(every) };
}

interface Place {
  readonly states: readonly number[];
  readonly text: string;
}

function step(automata: readonly Automaton[], { states, text }: Place, byte: number): Place {
  const moved = automata.map(({ classes, classes_count, next }, i) => {
    return next[(states[i] ?? 0) * classes_count + (classes[byte] ?? 0)] ?? 0;
  });
  return { states: moved, text: text + String.fromCharCode(byte) };
}

/** One byte for each way in which the automata tell bytes apart: letters before what else can be seen, and that before the rest. */
function bytesThatDiffer(automata: readonly Automaton[]): readonly number[] {
  const all = Array.from({ length: 0x80 }, (_, byte) => byte);
  const letters = all.filter((byte) => byte >= 0x61 && byte <= 0x7a);
  const printable = all.filter((byte) => byte > 0x20 && byte < 0x7f);
  const byKind = new Map<string, number>();
  for (const byte of [...letters, ...printable, ...all]) {
    const kind = automata.map(({ classes }) => classes[byte]).join(" ");
    if (!byKind.has(kind)) byKind.set(kind, byte);
  }
  return [...byKind.values()];
}

/** Whether a pattern's own text speaks of ASCII alone: then what it says of other characters it says of some of these too. */
export const isPlainAscii = (pattern: string): boolean => /^(?:[ -[\]-~]|\\[^xpPu])*$/.test(pattern);

const cache = newRegexCache();
const byGlob = new Map<string, Automaton | null>();

/** The automaton of a glob; null when it is too large. */
export function automatonOfGlob(glob: Glob): Automaton | null {
  const key = `${glob.separator} ${glob.text}`;
  const known = byGlob.get(key);
  if (known !== undefined) return known;
  const output = compileRegex(regexOf(glob), { file: 0, start: 0, end: 0 }, cache);
  const automaton = output.kind === "regex" ? output.regex.automaton : null;
  byGlob.set(key, automaton);
  return automaton;
}

function regexOf({ text, separator }: Glob): string {
  const run = separator === null ? "[^\\n]*" : `[^\\n${escaped(separator)}]*`;
  return text.replace(/\\(.)|\*\*|\*|./gsu, (piece, plain: string | undefined) => {
    if (plain !== undefined) return escaped(plain);
    if (piece === "**") return "[^\\n]*";
    return piece === "*" ? run : escaped(piece);
  });
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/gu, "\\$&");

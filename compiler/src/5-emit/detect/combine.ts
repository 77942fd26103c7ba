import type { Automaton } from "../../3-check/checked.js";

/**
 * Several automata that run side by side as one. Its states are tuples of theirs. Each part is the smallest automaton of its
 * pattern, so that two tuples behave alike only when they are equal: what comes out is as small as it can be.
 */
export interface CombinedAutomaton {
  /** Class of each of the 256 bytes. */
  readonly classes: Uint8Array;
  readonly classes_count: number;
  readonly start: number;
  /** `next[state][class]`; state 0 is dead. */
  readonly next: readonly Uint16Array[];
  /** The states from here on accept. */
  readonly first_accepting: number;
  /** Of each accepting state, what is found there: ascending, not empty. */
  readonly found: readonly (readonly number[])[];
}

/** An automaton and the number of what it finds. */
export interface Part {
  readonly automaton: Automaton;
  readonly output: number;
}

/** Parts that are still alive, by index, each with its state. */
type Tuple = readonly (readonly [part: number, state: number])[];

/** Null when there would be more than `states_max` states. O(states * classes * parts alive at once). */
export function combine(parts: readonly Part[], states_max: number): CombinedAutomaton | null {
  const { classes, samples } = commonClasses(parts);
  const tuples: Tuple[] = [[]];
  const known = new Map<string, number>([["", 0]]);
  const idOf = (tuple: Tuple): number => {
    const key = tuple.join(" ");
    const id = known.get(key) ?? tuples.push(tuple) - 1;
    known.set(key, id);
    return id;
  };
  const start = idOf(parts.map(({ automaton }, part) => [part, automaton.start] as const));
  const next: Uint16Array[] = [];
  for (let id = 0; id < tuples.length; id++) {
    if (tuples.length > states_max) return null;
    next.push(Uint16Array.from(samples, (byte) => idOf(step(tuples[id] ?? [], byte, parts))));
  }
  const found = tuples.map((tuple) => outputsOf(tuple, parts));
  return numbered({ classes, classes_count: samples.length, start, next, found });
}

/** Bytes that no part tells apart share a class; `samples` has one byte of each. */
function commonClasses(parts: readonly Part[]): { readonly classes: Uint8Array; readonly samples: readonly number[] } {
  const byKey = new Map<string, number>();
  const samples: number[] = [];
  const classes = Uint8Array.from({ length: 256 }, (_, byte) => {
    const key = parts.map(({ automaton }) => automaton.classes[byte]).join(" ");
    const known = byKey.get(key) ?? samples.push(byte) - 1;
    byKey.set(key, known);
    return known;
  });
  return { classes, samples };
}

function step(tuple: Tuple, byte: number, parts: readonly Part[]): Tuple {
  const after: (readonly [number, number])[] = [];
  for (const [part, state] of tuple) {
    const automaton = parts[part]?.automaton;
    if (automaton === undefined) continue;
    const to = automaton.next[state * automaton.classes_count + (automaton.classes[byte] ?? 0)] ?? 0;
    if (to !== 0) after.push([part, to]);
  }
  return after;
}

function outputsOf(tuple: Tuple, parts: readonly Part[]): readonly number[] {
  const outputs = tuple.flatMap(([part, state]) => {
    const { automaton, output } = parts[part] ?? {};
    return automaton?.accepting[state] === 1 && output !== undefined ? [output] : [];
  });
  return [...new Set(outputs)].sort((a, b) => a - b);
}

interface Unordered {
  readonly classes: Uint8Array;
  readonly classes_count: number;
  readonly start: number;
  readonly next: readonly Uint16Array[];
  /** Of every state; empty for one that does not accept. */
  readonly found: readonly (readonly number[])[];
}

/** With the accepting states last, so that a comparison tells them. */
function numbered({ classes, classes_count, start, next, found }: Unordered): CombinedAutomaton {
  const states = [...next.keys()];
  const accepts = (state: number): boolean => (found[state]?.length ?? 0) > 0;
  const order = [...states.filter((state) => !accepts(state)), ...states.filter(accepts)];
  const numbers = new Uint16Array(states.length);
  order.forEach((state, number) => {
    numbers[state] = number;
  });
  const first_accepting = states.length - states.filter(accepts).length;
  return {
    classes,
    classes_count,
    start: numbers[start] ?? 0,
    next: order.map((state) => (next[state] ?? new Uint16Array(0)).map((to) => numbers[to] ?? 0)),
    first_accepting,
    found: order.slice(first_accepting).map((state) => found[state] ?? []),
  };
}

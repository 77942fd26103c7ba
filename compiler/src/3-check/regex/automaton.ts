/**
 * Deterministic automata over bytes: nondeterministic one in, the smallest deterministic one out, or null when it would be
 * too large.
 *
 * Shape: bytes that no edge tells apart become one class before anything is built; sets of states become states (subset
 * construction), with a budget of steps, so that a pattern whose automaton grows exponentially costs the budget and no
 * more; then states that no rest of a text tells apart become one (`minimize.ts`), and so do classes. The result is
 * canonical: one language gives one automaton, byte for byte. Cost: O(budget), and O(states * classes * log states).
 */
import type { Automaton } from "../checked.js";
import { minimize } from "./minimize.js";
import type { Nfa } from "./nfa.js";

/** What building may still cost. Shared by all automata of a policy, and counted down. */
export interface Budget {
  steps: number;
}

/** A table of transitions that is still being worked on. State 0 is dead. */
export interface Table {
  /** `next[state][class]`. */
  readonly next: readonly Uint32Array[];
  readonly accepting: readonly boolean[];
  readonly start: number;
  readonly classes_count: number;
}

/** The smallest automaton of `nfa`; null when it has more than `states_max` states, or the budget ends first. */
export function automatonOf(nfa: Nfa, states_max: number, budget: Budget): Automaton | null {
  const classes = byteClasses(nfa);
  const table = determinize(nfa, classes, budget);
  if (table === null) return null;
  const small = minimize(table);
  return small.next.length > states_max ? null : packed(small, classes);
}

/** Whether `automaton` accepts exactly `bytes`. */
export function accepts(automaton: Automaton, bytes: Uint8Array): boolean {
  let state = automaton.start;
  for (const byte of bytes)
    state = automaton.next[state * automaton.classes_count + (automaton.classes[byte] ?? 0)] ?? 0;
  return automaton.accepting[state] === 1;
}

/** Class of each byte, ascending: a new one starts wherever an edge starts, or after one ends. */
function byteClasses({ states }: Nfa): Uint8Array {
  const starts = new Set<number>();
  for (const { edges } of states)
    for (const { bytes } of edges) {
      starts.add(bytes[0]);
      starts.add(bytes[1] + 1);
    }
  const classes = new Uint8Array(256);
  for (let byte = 1; byte < 256; byte++) classes[byte] = (classes[byte - 1] ?? 0) + (starts.has(byte) ? 1 : 0);
  return classes;
}

function determinize(nfa: Nfa, classes: Uint8Array, budget: Budget): Table | null {
  const classes_count = (classes[255] ?? 0) + 1;
  const closure = closureOf(nfa, budget);
  const ids = new Map<string, number>([["", 0]]);
  const sets: (readonly number[])[] = [[]];
  const idOf = (set: readonly number[]): number => {
    const key = set.join();
    const id = ids.get(key) ?? sets.push(set) - 1;
    ids.set(key, id);
    return id;
  };
  const start = idOf(closure([nfa.start]));
  const next: Uint32Array[] = [];
  for (let id = 0; id < sets.length; id++) {
    const row = new Uint32Array(classes_count);
    const targets = targetsOf(sets[id] ?? [], nfa, classes, classes_count, budget);
    targets.forEach((found, i) => {
      row[i] = budget.steps > 0 ? idOf(closure(found)) : 0;
    });
    budget.steps -= classes_count;
    if (budget.steps <= 0) return null;
    next.push(row);
  }
  return { next, accepting: sets.map((set) => set.includes(nfa.accept)), start, classes_count };
}

/** For each class, the states that the states of `set` lead to. */
function targetsOf(
  set: readonly number[],
  nfa: Nfa,
  classes: Uint8Array,
  classes_count: number,
  budget: Budget,
): readonly (readonly number[])[] {
  const targets: number[][] = Array.from({ length: classes_count }, () => []);
  for (const state of set)
    for (const { bytes, to } of nfa.states[state]?.edges ?? []) {
      const last = classes[bytes[1]] ?? 0;
      for (let found = classes[bytes[0]] ?? 0; found <= last; found++) targets[found]?.push(to);
      budget.steps -= last - (classes[bytes[0]] ?? 0) + 1;
    }
  return targets;
}

/** Gives the states that `states` are at the same time, ascending, without those that only stand for others. */
function closureOf(nfa: Nfa, budget: Budget): (states: readonly number[]) => readonly number[] {
  const visited = new Uint32Array(nfa.states.length);
  let round = 0;
  return (states) => {
    round++;
    const found: number[] = [];
    const pending = [...states];
    for (let state = pending.pop(); state !== undefined && budget.steps > 0; state = pending.pop()) {
      if (visited[state] === round) continue;
      visited[state] = round;
      budget.steps--;
      const { edges = [], also = [] } = nfa.states[state] ?? {};
      if (edges.length > 0 || state === nfa.accept) found.push(state);
      for (const other of also) if (visited[other] !== round) pending.push(other);
    }
    return found.sort((a, b) => a - b);
  };
}

/** `table` as an `Automaton`: classes that lead everywhere to the same state become one. */
function packed({ next, accepting, start, classes_count }: Table, classes: Uint8Array): Automaton {
  const kept: number[] = [];
  const byColumn = new Map<string, number>();
  const newClass = Array.from({ length: classes_count }, (_, old) => {
    const column = next.map((row) => row[old]).join();
    const known = byColumn.get(column);
    if (known !== undefined) return known;
    byColumn.set(column, kept.length);
    return kept.push(old) - 1;
  });
  return {
    classes: classes.map((old) => newClass[old] ?? 0),
    classes_count: kept.length,
    states_count: next.length,
    start,
    next: Uint16Array.from(next.flatMap((row) => kept.map((old) => row[old] ?? 0))),
    accepting: Uint8Array.from(accepting, (accepts) => (accepts ? 1 : 0)),
  };
}

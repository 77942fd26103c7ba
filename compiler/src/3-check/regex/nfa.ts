import type { RegexNode } from "./regex-tree.js";
import { type ByteRange, utf8Sequences } from "./utf8-ranges.js";

/** A nondeterministic automaton over bytes. */
export interface Nfa {
  readonly states: readonly NfaState[];
  readonly start: number;
  /** The only state that accepts. Nothing leads on from it. */
  readonly accept: number;
}

export interface NfaState {
  /** On a byte of the range, to the state. */
  readonly edges: readonly { readonly bytes: ByteRange; readonly to: number }[];
  /** States that it is at the same time. */
  readonly also: readonly number[];
}

/**
 * The automaton of `tree`, built from its end to its start: each part is told which state follows it. Counted repetitions
 * are written out, so that nested ones multiply: null beyond `states_max`, before much more than that is built.
 */
export function nfaOf(tree: RegexNode, states_max: number): Nfa | null {
  const states: NfaState[] = [{ edges: [], also: [] }];
  const start = build(tree, 0, states, states_max);
  return start === null || states.length > states_max ? null : { states, start, accept: 0 };
}

type States = NfaState[];

const add = (state: NfaState, states: States): number => states.push(state) - 1;

/** The state from which `node`, and then what `next` stands for, matches. */
function build(node: RegexNode, next: number, states: States, states_max: number): number | null {
  if (states.length > states_max) return null;
  switch (node.kind) {
    case "set":
      return buildSet(utf8Sequences(node.set), next, states);
    case "sequence":
      return node.parts.reduceRight<number | null>(
        (after, part) => (after === null ? null : build(part, after, states, states_max)),
        next,
      );
    case "either": {
      const also = node.options.map((option) => build(option, next, states, states_max));
      return also.includes(null) ? null : add({ edges: [], also: also.filter((state) => state !== null) }, states);
    }
    case "repeat":
      return buildRepeat(node, next, states, states_max);
  }
}

/** Sequences with one end share the states of that end, as most of a negated set's do. */
function buildSet(sequences: readonly (readonly ByteRange[])[], next: number, states: States): number {
  const known = new Map<string, number>();
  const edges = sequences.map(([first = [0, 0], ...rest]) => {
    const to = rest.reduceRight((after, bytes) => {
      const key = `${bytes[0]} ${bytes[1]} ${after}`;
      const state = known.get(key) ?? add({ edges: [{ bytes, to: after }], also: [] }, states);
      known.set(key, state);
      return state;
    }, next);
    return { bytes: first, to };
  });
  return add({ edges, also: [] }, states);
}

function buildRepeat(
  { of, min, max }: Extract<RegexNode, { kind: "repeat" }>,
  next: number,
  states: States,
  states_max: number,
): number | null {
  let start: number | null = max === null ? buildLoop(of, next, states, states_max) : next;
  for (let i = min; i < (max ?? min) && start !== null; i++) {
    // One more that may be left out, with all after it.
    const once = build(of, start, states, states_max);
    start = once === null ? null : add({ edges: [], also: [once, next] }, states);
  }
  for (let i = 0; i < min && start !== null; i++) start = build(of, start, states, states_max);
  return start;
}

function buildLoop(of: RegexNode, next: number, states: States, states_max: number): number | null {
  const also: number[] = [next];
  const loop = add({ edges: [], also }, states);
  const once = build(of, loop, states, states_max);
  if (once !== null) also.push(once);
  return once === null ? null : loop;
}

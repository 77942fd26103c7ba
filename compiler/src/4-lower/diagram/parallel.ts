import { childOf, type DiagramNode, type DiagramStore, FALSE, type NodeId, TRUE } from "./store.js";

/** A rule and where its own diagram goes on: what is left to ask of it, or how it ended. */
export interface Thread {
  readonly rule: number;
  readonly node: NodeId;
}

/** One node of a diagram that walks many at once. `cases` as in a diagram; children are indices into `nodes`. */
export type ParallelNode =
  | ({ readonly kind: "ask" } & DiagramNode)
  /** The rules that may still fire. The others are definitely false. */
  | { readonly kind: "leaf"; readonly threads: readonly Thread[] };

/**
 * Many diagrams walked at once: as long as one question tells many rules apart it is asked for all of them, and what is left at
 * a leaf is walked rule by rule. So the same structure is a decision table where rules differ in names and classes, and a list
 * of diagrams where they have nothing in common; nothing can explode, because asking stops where it does not help, or where
 * the budget is spent.
 */
export interface ParallelDiagram {
  readonly nodes: readonly ParallelNode[];
  readonly root: number;
  /** Whether it asks less than it wanted to. */
  readonly isCut: boolean;
}

/** So few rules are walked one by one: sharing a question among them costs more nodes than it saves steps. */
const threads_min = 6;

/**
 * How many threads all leaves of a parallel diagram may list: what is laid out stays in proportion to what was written. A rule
 * about a name stands at the leaves of the name, of those it may be and of none that is known.
 */
const listedMax = (rules_count: number): number => 256 + 6 * rules_count;

/** A node that is still to be made. */
interface Pending {
  readonly index: number;
  readonly threads: readonly Thread[];
}

/** Walks `rules` at once. Those near the root, which concern most rules, are asked first, while there is room. */
export function walkInParallel(store: DiagramStore, rules: readonly Thread[]): ParallelDiagram {
  const nodes: ParallelNode[] = [];
  const known = new Map<string, number>();
  const pending: Pending[] = [];
  const listed_max = listedMax(rules.length);
  let listed = 0;
  let isCut = false;

  const reserve = (threads: readonly Thread[]): number => {
    const key = keyOf(threads);
    const before = known.get(key);
    if (before !== undefined) return before;
    const index = nodes.push({ kind: "leaf", threads }) - 1;
    known.set(key, index);
    listed += threads.length;
    if (isWorthAsking(store, threads)) pending.push({ index, threads });
    return index;
  };
  const root = reserve(rules.filter(({ node }) => node !== FALSE));
  for (let next = 0; next < pending.length; next++) {
    const { index, threads } = pending[next] ?? { index: 0, threads: [] };
    const asked = ask(store, threads);
    if (listed + asked.listed > listed_max) {
      isCut = true;
      continue;
    }
    listed -= threads.length;
    const cases = asked.cases.flatMap(([kind, left]) => [kind, reserve(left)]);
    nodes[index] = { kind: "ask", variable: asked.variable, cases, other: reserve(asked.other) };
  }
  return { nodes, root, isCut };
}

const keyOf = (threads: readonly Thread[]): string => threads.map(({ rule, node }) => `${rule}:${node}`).join(" ");

/** Whether the next question concerns enough of the rules that are left. */
function isWorthAsking(store: DiagramStore, threads: readonly Thread[]): boolean {
  if (threads.length < threads_min) return false;
  const variable = firstVariable(store, threads);
  const concerned = threads.filter(({ node }) => node > TRUE && store.variableOf(node) === variable).length;
  return concerned >= threads_min && concerned * 16 >= threads.length;
}

const firstVariable = (store: DiagramStore, threads: readonly Thread[]): number =>
  threads.reduce((first, { node }) => Math.min(first, store.variableOf(node)), Number.MAX_SAFE_INTEGER);

interface Asked {
  readonly variable: number;
  /** Threads that are left, by class, ascending. */
  readonly cases: readonly (readonly [number, readonly Thread[]])[];
  readonly other: readonly Thread[];
  /** Number of threads in all of these lists. */
  readonly listed: number;
}

/** Asks the first question of all `threads`. */
function ask(store: DiagramStore, threads: readonly Thread[]): Asked {
  const variable = firstVariable(store, threads);
  const nodeOf = ({ node }: Thread): DiagramNode | undefined =>
    node > TRUE && store.variableOf(node) === variable ? store.nodes[node - 3] : undefined;
  const other = threads.flatMap((thread) => goOn(thread, nodeOf(thread)?.other ?? thread.node));
  const cases = [...threadsByClass(threads, nodeOf)]
    .toSorted(([a], [b]) => a - b)
    .map(([kind, concerned]): [number, readonly Thread[]] => {
      const moved = concerned.map((thread) => {
        const node = nodeOf(thread);
        return { rule: thread.rule, node: node === undefined ? thread.node : childOf(node, kind) };
      });
      return [kind, replace(other, moved)];
    });
  return { variable, cases, other, listed: cases.reduce((sum, [, list]) => sum + list.length, other.length) };
}

/** Threads that a class leads elsewhere than all others do, by class. */
function threadsByClass(
  threads: readonly Thread[],
  nodeOf: (thread: Thread) => DiagramNode | undefined,
): ReadonlyMap<number, readonly Thread[]> {
  const led = new Map<number, Thread[]>();
  for (const thread of threads) {
    const cases = nodeOf(thread)?.cases ?? [];
    for (let i = 0; i < cases.length; i += 2) {
      const kind = cases[i] ?? 0;
      const list = led.get(kind) ?? [];
      list.push(thread);
      led.set(kind, list);
    }
  }
  return led;
}

/** What is definitely false is not followed. */
const goOn = ({ rule }: Thread, node: NodeId): readonly Thread[] => (node === FALSE ? [] : [{ rule, node }]);

/** `threads` with those of `moved` in place of their rules', or out of it when they ended. Both ascend by rule. */
function replace(threads: readonly Thread[], moved: readonly Thread[]): readonly Thread[] {
  const merged: Thread[] = [];
  let next = 0;
  for (const thread of moved) {
    for (; (threads[next]?.rule ?? Number.MAX_SAFE_INTEGER) < thread.rule; next++) merged.push(threads[next] as Thread);
    if (threads[next]?.rule === thread.rule) next++;
    if (thread.node !== FALSE) merged.push(thread);
  }
  return merged.concat(threads.slice(next));
}

import type { Condition } from "../3-check/checked.js";
import {
  childOf,
  type DiagramStore,
  FALSE,
  type NodeId,
  TOO_LARGE,
  TRUE,
  UNKNOWN,
  variablesBelow,
} from "../4-lower/diagram/store.js";
import { evaluate } from "../reference/condition.js";
import type { Scope } from "../reference/read-fact.js";
import type { Atom, AtomTable } from "./atoms.js";
import { type Candidates, candidatesFor } from "./candidates.js";

/** Values of facts, by key. What is not named may be anything. */
export type Assignment = ReadonlyMap<string, unknown>;

/**
 * Whether some request makes a condition true. `none` is a proof: every fact that counts was told apart exactly. `cannot tell`
 * says why it is none.
 */
export type SearchResult =
  | { readonly kind: "found"; readonly assignment: Assignment }
  | { readonly kind: "none" }
  | { readonly kind: "cannot tell"; readonly reason: string };

/** Nodes visited and combinations tried in one search, unless who asks says less. */
const STEPS_MAX = 200_000;
/** Tests one below the other: behind it, the stack of JavaScript would end. */
const DEPTH_MAX = 2_000;
/** Combinations of values tried for tests of several facts. */
const COMBINATIONS_MAX = 2_000;

/** Facts of known values, told apart by the atoms of one table. */
export interface Universe {
  /** Looks for values that lead `root` to true. `fixed` are facts that have their value already. */
  search(root: NodeId, fixed?: Assignment, accept?: (found: Assignment) => boolean): SearchResult;
}

/** The values of one fact that some tests tell apart, and how these tests come out. */
interface Pool extends Candidates {
  /** By value; null where the value leaves the test unknown. */
  truthsOf(variable: number): readonly (boolean | null)[];
}

/** Pools are kept: most searches of a policy ask of a fact what others ask too. */
export function openUniverse(store: DiagramStore, table: AtomTable, steps_max = STEPS_MAX): Universe {
  const known = new Map<string, Pool>();
  const poolFor = (fact: string, variables: readonly number[]): Pool => {
    const asking = variables.filter((variable) => table.atoms[variable]?.facts.includes(fact));
    const key = `${fact} ${asking.join(" ")}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const path = table.facts.get(fact);
    if (path === undefined) throw new Error(`HPL9001: no fact ${fact}`);
    const atoms = asking.flatMap((variable) => table.atoms[variable] ?? []);
    const pool = poolOf(fact, candidatesFor(path, atoms), table);
    known.set(key, pool);
    return pool;
  };
  const leadsToTrue = reachOfTrue(store);
  const search: Universe["search"] = (root, fixed = new Map(), accept = () => true) => {
    if (root === TOO_LARGE) return { kind: "cannot tell", reason: "the condition is too large" };
    const variables = variablesBelow(store, root).toSorted((a, b) => a - b);
    const poolHere = (fact: string): Pool =>
      fixed.has(fact) ? poolOf(fact, { values: [fixed.get(fact)], isExact: true }, table) : poolFor(fact, variables);
    if (!leadsToTrue(root)) return { kind: "none" };
    const walk = walkDown({ leadsToTrue, store, table, root, poolAt: onceEach(poolHere), accept, steps_max });
    if (walk.found !== null) return { kind: "found", assignment: new Map([...fixed, ...walk.found]) };
    if (walk.steps_count > steps_max) return { kind: "cannot tell", reason: "there are too many cases" };
    return walk.isExact ? { kind: "none" } : { kind: "cannot tell", reason: "some facts cannot be told apart exactly" };
  };
  return { search };
}

/**
 * Whether a path leads from a node to true. In Kleene's logic `a and not a` may be unknown, and is never true: below such a node
 * no value needs to be looked for. Children are older than their parents, so that one pass over the nodes tells it of all.
 */
function reachOfTrue({ nodes }: DiagramStore): (id: NodeId) => boolean {
  const reaches: boolean[] = [];
  const leadsToTrue = (id: NodeId): boolean => id === TRUE || reaches[id - 3] === true;
  return (id) => {
    for (let i = reaches.length; i <= id - 3; i++) {
      const { cases = [], other = FALSE } = nodes[i] ?? {};
      reaches.push(leadsToTrue(other) || cases.some((child, at) => at % 2 === 1 && leadsToTrue(child)));
    }
    return leadsToTrue(id);
  };
}

function poolOf(fact: string, candidates: Candidates, table: AtomTable): Pool {
  const truthsOf = onceEach((variable: number) => {
    const condition = table.atoms[variable]?.condition;
    if (condition === undefined) throw new Error("HPL9001: a node asks no atom");
    return candidates.values.map((value) => holds(condition, new Map([[fact, value]]), table));
  });
  return { ...candidates, truthsOf };
}

function onceEach<K, V>(make: (key: K) => V): (key: K) => V {
  const made = new Map<K, V>();
  return (key) => {
    const before = made.get(key);
    if (before !== undefined) return before;
    const value = make(key);
    made.set(key, value);
    return value;
  };
}

interface WalkInput {
  readonly leadsToTrue: (id: NodeId) => boolean;
  readonly store: DiagramStore;
  readonly table: AtomTable;
  readonly root: NodeId;
  readonly poolAt: (fact: string) => Pool;
  readonly accept: (found: Assignment) => boolean;
  readonly steps_max: number;
}

interface Walk {
  readonly found: Assignment | null;
  readonly isExact: boolean;
  readonly steps_count: number;
}

/** Depth first, keeping for each fact the values that are still possible, as indices into its pool. */
function walkDown({ leadsToTrue, store, table, root, poolAt, accept, steps_max }: WalkInput): Walk {
  const left = new Map<string, readonly number[]>();
  let steps_count = 0;
  let isExact = true;
  let found: Assignment | null = null;
  const arrive = (open: readonly Open[]): boolean => {
    const settled = settle(left, open, poolAt, table, () => ++steps_count <= steps_max);
    if (settled === null) isExact = false;
    else if (accept(settled)) found = settled;
    return found !== null;
  };
  /** Whether to stop. */
  const visit = (id: NodeId, open: readonly Open[], depth: number): boolean => {
    if (depth > DEPTH_MAX) steps_count = steps_max;
    if (++steps_count > steps_max) return true;
    if (id === TRUE) return arrive(open);
    const node = store.nodes[id - 3];
    if (node === undefined) return false;
    const atom = table.atoms[node.variable];
    if (atom === undefined) throw new Error("HPL9001: a node asks no atom");
    // Of a text that is no address nobody knows whether it lies in a range: known values have unknown tests.
    for (const wanted of [true, false, null]) {
      const child = childOf(node, wanted === null ? UNKNOWN : wanted ? TRUE : FALSE);
      if (leadsToTrue(child) && follow(child, { atom, wanted }, node.variable, open, depth)) return true;
    }
    return false;
  };
  const follow = (child: NodeId, test: Open, variable: number, open: readonly Open[], depth: number): boolean => {
    const [fact, ...more] = test.atom.facts;
    if (fact === undefined || more.length > 0) return visit(child, [...open, test], depth + 1);
    const pool = poolAt(fact);
    const truths = pool.truthsOf(variable);
    const before = left.get(fact);
    const fitting = (before ?? pool.values.map((_, i) => i)).filter((i) => truths[i] === test.wanted);
    if (fitting.length === 0) {
      if (!pool.isExact) isExact = false;
      return false;
    }
    left.set(fact, fitting);
    const isDone = visit(child, open, depth + 1);
    if (before === undefined) left.delete(fact);
    else left.set(fact, before);
    return isDone;
  };
  visit(root, [], 0);
  return { found, isExact, steps_count };
}

/** One value of each fact, so that the tests of several facts come out as they should too. */
function settle(
  left: ReadonlyMap<string, readonly number[]>,
  open: readonly Open[],
  poolAt: (fact: string) => Pool,
  table: AtomTable,
  mayGoOn: () => boolean,
): Assignment | null {
  const valuesLeft = (fact: string): readonly unknown[] => {
    const { values } = poolAt(fact);
    return left.get(fact)?.map((i) => values[i]) ?? values;
  };
  const first = new Map([...left.keys()].map((fact) => [fact, valuesLeft(fact)[0]]));
  if (open.length === 0) return first;
  const shared = [...new Set(open.flatMap(({ atom }) => atom.facts))].filter((fact) => table.facts.has(fact));
  const pools = shared.map(valuesLeft);
  const all = pools.flat();
  const wide = pools.map((values, i) => (left.has(shared[i] ?? "") ? values : [...values, ...all]));
  for (const combination of combinations(wide, COMBINATIONS_MAX)) {
    if (!mayGoOn()) return null;
    const tried = new Map([...first, ...shared.map((fact, i): [string, unknown] => [fact, combination[i]])]);
    if (open.every(({ atom, wanted }) => holds(atom.condition, tried, table) === wanted)) return tried;
  }
  return null;
}

/** A test of several facts, and how it must come out. */
interface Open {
  readonly atom: Atom;
  readonly wanted: boolean | null;
}

function* combinations(pools: readonly (readonly unknown[])[], count_max: number): Generator<readonly unknown[]> {
  const total = pools.reduce((product, { length }) => product * length, 1);
  for (let i = 0; i < Math.min(total, count_max); i++) {
    let rest = i;
    yield pools.map((pool) => {
      const value = pool[rest % pool.length];
      rest = Math.floor(rest / pool.length);
      return value;
    });
  }
}

/** The truth of `condition` where only `assignment` is known; null when that does not settle it. */
export function holds(condition: Condition, assignment: Assignment, { facts }: AtomTable): boolean | null {
  const truth = evaluate(condition, scopeOf(assignment, facts));
  return truth === "unknown" ? null : truth === "true";
}

function scopeOf(assignment: Assignment, facts: AtomTable["facts"]): Scope {
  const roots: Record<string, unknown> = {};
  for (const [key, value] of assignment) {
    const path = facts.get(key);
    if (path !== undefined && typeof path.root === "string") setAt(roots, [path.root, ...path.steps], value);
  }
  return { roots, zones: {}, items: [] };
}

/** Puts `value` at `steps` below `record`; nothing for an absent one. */
export function setAt(record: Record<string, unknown>, steps: readonly string[], value: unknown): void {
  const [step, ...rest] = steps;
  if (step === undefined || (value === undefined && rest.length === 0)) return;
  if (rest.length === 0) {
    record[step] = value;
    return;
  }
  const below = record[step];
  const next = typeof below === "object" && below !== null ? (below as Record<string, unknown>) : {};
  record[step] = next;
  setAt(next, rest, value);
}

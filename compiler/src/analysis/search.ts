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

/** Nodes visited in one search. */
const STEPS_MAX = 200_000;
/** Combinations of values tried for tests of several facts. */
const COMBINATIONS_MAX = 2_000;

/** Facts of known values, told apart by the atoms of one table. */
export interface Universe {
  /** Looks for values that lead `root` to true. `fixed` are facts that have their value already. */
  search(root: NodeId, fixed?: Assignment, accept?: (found: Assignment) => boolean): SearchResult;
}

/** `extra` are values worth trying of a fact, before all others. Make it when all diagrams are built. */
export function openUniverse(
  store: DiagramStore,
  table: AtomTable,
  extra: ReadonlyMap<string, readonly unknown[]>,
): Universe {
  const truths = new Map<string, boolean | null>();
  /** Null when it is unknown on this value. */
  const truthOf = (number: number, atom: Atom, fact: string, value: unknown): boolean | null => {
    const key = `${number} ${JSON.stringify(value) ?? "absent"}`;
    const known = truths.get(key);
    if (known !== undefined) return known;
    const truth = holds(atom.condition, new Map([[fact, value]]), table);
    truths.set(key, truth);
    return truth;
  };

  /** One value of each fact, so that the tests of several facts come out as they should too. */
  const settle = (
    left: ReadonlyMap<string, readonly unknown[]>,
    open: readonly Open[],
    poolOf: (fact: string) => Candidates,
  ): Assignment | null => {
    const shared = [...new Set(open.flatMap(({ atom }) => atom.facts))].filter((fact) => table.facts.has(fact));
    const first = new Map([...left].map(([fact, values]) => [fact, values[0]]));
    if (open.length === 0) return first;
    const pools_ = shared.map((fact) => left.get(fact) ?? poolOf(fact).values);
    const all = pools_.flat();
    const wide = pools_.map((values, i) => (left.has(shared[i] ?? "") ? values : [...values, ...all]));
    for (const combination of combinations(wide, COMBINATIONS_MAX)) {
      const tried = new Map([...first, ...shared.map((fact, i): [string, unknown] => [fact, combination[i]])]);
      if (open.every(({ atom, wanted }) => holds(atom.condition, tried, table) === wanted)) return tried;
    }
    return null;
  };
  const search: Universe["search"] = (root, fixed = new Map(), accept = () => true) => {
    if (root === TOO_LARGE) return { kind: "cannot tell", reason: "the condition is too large" };
    const poolOf = poolsFor(
      variablesBelow(store, root).flatMap((variable) => table.atoms[variable] ?? []),
      table,
      extra,
    );
    let steps = 0;
    let isExact = true;
    let found: Assignment | null = null;
    const visit = (id: NodeId, left: ReadonlyMap<string, readonly unknown[]>, open: readonly Open[]): boolean => {
      if (++steps > STEPS_MAX) return true;
      if (id === TRUE) {
        found = settle(left, open, poolOf);
        if (found === null) isExact = false;
        else if (!accept(found)) found = null;
        return found !== null;
      }
      const node = store.nodes[id - 3];
      if (node === undefined) return false;
      const atom = table.atoms[node.variable];
      if (atom === undefined) throw new Error("HPL9001: a node asks no atom");
      // Of a text that is no address nobody knows whether it lies in a range: known values have unknown tests.
      for (const wanted of [true, false, null]) {
        const child = childOf(node, wanted === null ? UNKNOWN : wanted ? TRUE : FALSE);
        if (child === FALSE) continue;
        const [fact, ...more] = atom.facts;
        if (fact === undefined || more.length > 0) {
          if (visit(child, left, [...open, { atom, wanted }])) return true;
          continue;
        }
        const pool = left.get(fact) ?? (fixed.has(fact) ? [fixed.get(fact)] : poolOf(fact).values);
        const fitting = pool.filter((value) => truthOf(node.variable, atom, fact, value) === wanted);
        if (fitting.length === 0) {
          if (!fixed.has(fact) && !poolOf(fact).isExact) isExact = false;
          continue;
        }
        if (visit(child, new Map([...left, [fact, fitting]]), open)) return true;
      }
      return false;
    };
    visit(root, new Map(), []);
    if (found !== null) return { kind: "found", assignment: new Map([...fixed, ...(found as Assignment)]) };
    if (steps > STEPS_MAX) return { kind: "cannot tell", reason: "there are too many cases" };
    return isExact ? { kind: "none" } : { kind: "cannot tell", reason: "some facts cannot be told apart exactly" };
  };

  return { search };
}

/** Values of the facts that `atoms` read, told apart by these atoms alone. */
function poolsFor(
  atoms: readonly Atom[],
  { facts }: AtomTable,
  extra: ReadonlyMap<string, readonly unknown[]>,
): (fact: string) => Candidates {
  const pools = new Map<string, Candidates>();
  return (fact) => {
    const known = pools.get(fact);
    if (known !== undefined) return known;
    const path = facts.get(fact);
    if (path === undefined) throw new Error(`HPL9001: no fact ${fact}`);
    const pool = candidatesFor(
      path,
      atoms.filter((atom) => atom.facts.includes(fact)),
      extra.get(fact),
    );
    pools.set(fact, pool);
    return pool;
  };
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

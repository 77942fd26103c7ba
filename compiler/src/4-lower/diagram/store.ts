/** Index of a node. The first three are the leaves, in Kleene's order. */
export type NodeId = number;
export const FALSE: NodeId = 0;
export const UNKNOWN: NodeId = 1;
export const TRUE: NodeId = 2;
/** What would have grown past the budget. Everything made of it is too. */
export const TOO_LARGE: NodeId = -1;

/** Asks for the class of one variable's value and goes on; a class that is not listed goes on at `other`. */
export interface DiagramNode {
  readonly variable: number;
  /** `class, child, class, child ..`, ascending by class; no child is `other`. */
  readonly cases: readonly number[];
  readonly other: NodeId;
}

/**
 * Decision diagrams over classes of values with the three truth values as leaves: variables ascend from root to leaf, equal
 * nodes are one node, and no node has one child only. Two conditions that say the same of every class are therefore the same
 * node. Nothing holds across variables that does not hold in Kleene's logic. Bryant, "Graph-Based Algorithms for Boolean
 * Function Manipulation" (1986); Srinivasan et al., "Algorithms for discrete function manipulation" (1990) for many values.
 */
export interface DiagramStore {
  /** Those behind the leaves: the node `id` stands at `id - 3`. */
  readonly nodes: readonly DiagramNode[];
  /** The variable that `id` asks first; a leaf, which asks none, stands behind all. */
  variableOf(id: NodeId): number;
  /** `cases` must ascend; a class may stand for `other`. */
  node(variable: number, cases: readonly number[], other: NodeId): NodeId;
  not(a: NodeId): NodeId;
  and(a: NodeId, b: NodeId): NodeId;
  or(a: NodeId, b: NodeId): NodeId;
  /** From now on, at most `count` more nodes are made; then everything is TOO_LARGE until it is called again. */
  allow(count: number): void;
}

export function openDiagrams(): DiagramStore {
  const nodes: DiagramNode[] = [];
  const known = new Map<string, NodeId>();
  const results = new Map<string, NodeId>();
  let nodes_max = Number.POSITIVE_INFINITY;

  const node = (variable: number, cases: readonly number[], other: NodeId): NodeId => {
    if (other === TOO_LARGE || cases.some((value, i) => i % 2 === 1 && value === TOO_LARGE)) return TOO_LARGE;
    const kept = withoutOther(cases, other);
    if (kept.length === 0) return other;
    const key = `${variable} ${other} ${kept.join(" ")}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    if (nodes.length >= nodes_max) return TOO_LARGE;
    const id = nodes.push({ variable, cases: kept, other }) + 2;
    known.set(key, id);
    return id;
  };
  const at = (id: NodeId): DiagramNode => {
    const found = nodes[id - 3];
    if (found === undefined) throw new Error(`HPL9001: no node ${id}`);
    return found;
  };
  const variableOf = (id: NodeId): number => (id <= TRUE ? Number.MAX_SAFE_INTEGER : at(id).variable);
  const once = (key: string, make: () => NodeId): NodeId => {
    const before = results.get(key);
    if (before !== undefined) return before;
    const made = make();
    if (made !== TOO_LARGE) results.set(key, made);
    return made;
  };

  const not = (a: NodeId): NodeId => {
    if (a <= TRUE) return a === TOO_LARGE ? a : TRUE - a;
    return once(`not ${a}`, () => {
      const { variable, cases, other } = at(a);
      return node(
        variable,
        cases.map((value, i) => (i % 2 === 0 ? value : not(value))),
        not(other),
      );
    });
  };

  /** What `id` does with `variable`, which stands no lower than its own: nothing, when it is another one. */
  const branchesAt = (id: NodeId, variable: number): Branches =>
    variableOf(id) === variable ? at(id) : { cases: [], other: id };

  /** The minimum (`and`) or maximum (`or`) of both, class by class. */
  const join = (operation: "and" | "or", a: NodeId, b: NodeId): NodeId => {
    if (a > b) return join(operation, b, a);
    if (a === b) return a;
    if (a === TOO_LARGE) return a;
    const [zero, one] = operation === "and" ? [FALSE, TRUE] : [TRUE, FALSE];
    if (a === zero || b === zero) return zero;
    if (a === one) return b;
    if (b === one) return a;
    return once(`${operation} ${a} ${b}`, () => {
      const top = Math.min(variableOf(a), variableOf(b));
      const left = branchesAt(a, top);
      const right = branchesAt(b, top);
      const cases = mergeCases(left, right, (x, y) => join(operation, x, y));
      return node(top, cases, join(operation, left.other, right.other));
    });
  };

  return {
    nodes,
    variableOf,
    node,
    not,
    and: (a, b) => join("and", a, b),
    or: (a, b) => join("or", a, b),
    allow: (count) => {
      nodes_max = nodes.length + count;
    },
  };
}

function withoutOther(cases: readonly number[], other: NodeId): readonly number[] {
  const kept: number[] = [];
  for (let i = 0; i < cases.length; i += 2) {
    const [kind = 0, child = FALSE] = [cases[i], cases[i + 1]];
    if (child !== other) kept.push(kind, child);
  }
  return kept;
}

/** What part of a node merging looks at. */
type Branches = Pick<DiagramNode, "cases" | "other">;

/** Every class that either lists, with what `join` makes of both children. */
function mergeCases(left: Branches, right: Branches, join: (a: NodeId, b: NodeId) => NodeId): readonly number[] {
  const merged: number[] = [];
  let [l, r] = [0, 0];
  while (l < left.cases.length || r < right.cases.length) {
    const a = left.cases[l] ?? Number.POSITIVE_INFINITY;
    const b = right.cases[r] ?? Number.POSITIVE_INFINITY;
    const x = a <= b ? (left.cases[l + 1] ?? FALSE) : left.other;
    const y = b <= a ? (right.cases[r + 1] ?? FALSE) : right.other;
    merged.push(Math.min(a, b), join(x, y));
    if (a <= b) l += 2;
    if (b <= a) r += 2;
  }
  return merged;
}

/** The child of `node` for a value of class `kind`. O(log cases). */
export function childOf({ cases, other }: Branches, kind: number): NodeId {
  let [low, high] = [0, cases.length / 2];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((cases[middle * 2] ?? 0) < kind) low = middle + 1;
    else high = middle;
  }
  return cases[low * 2] === kind ? (cases[low * 2 + 1] ?? other) : other;
}

/** The variables that the diagram at `root` asks, in no order. O(nodes below). */
export function variablesBelow({ nodes }: Pick<DiagramStore, "nodes">, root: NodeId): readonly number[] {
  const variables = new Set<number>();
  const seen = new Set([root]);
  for (const id of seen) {
    const node = nodes[id - 3];
    if (node === undefined) continue;
    variables.add(node.variable);
    for (let i = 1; i < node.cases.length; i += 2) seen.add(node.cases[i] ?? FALSE);
    seen.add(node.other);
  }
  return [...variables];
}

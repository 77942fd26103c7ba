import fc from "fast-check";
import { expect, test } from "vitest";
import { childOf, type DiagramStore, FALSE, type NodeId, openDiagrams, TOO_LARGE, TRUE, UNKNOWN } from "./store.js";

// Diagrams against tables: a condition over four variables of five classes each, as a tree, and as what it says of every
// combination of classes.
type Tree =
  | { readonly kind: "atom"; readonly variable: number; readonly truths: readonly number[] }
  | { readonly kind: "not"; readonly operand: Tree }
  | { readonly kind: "and" | "or"; readonly left: Tree; readonly right: Tree };

const variables_count = 4;
const classes_count = 5;

const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.record({
      kind: fc.constant("atom" as const),
      variable: fc.nat(variables_count - 1),
      truths: fc.array(fc.nat(2), { minLength: classes_count, maxLength: classes_count }),
    }),
    fc.record({ kind: fc.constant("not" as const), operand: tie("tree") }),
    fc.record({ kind: fc.constantFrom("and" as const, "or" as const), left: tie("tree"), right: tie("tree") }),
  ),
}));

const classes = fc.array(fc.nat(classes_count - 1), { minLength: variables_count, maxLength: variables_count });

function evaluate(of: Tree, at: readonly number[]): number {
  if (of.kind === "atom") return of.truths[at[of.variable] ?? 0] ?? FALSE;
  if (of.kind === "not") return TRUE - evaluate(of.operand, at);
  const [left, right] = [evaluate(of.left, at), evaluate(of.right, at)];
  return of.kind === "and" ? Math.min(left, right) : Math.max(left, right);
}

function build(store: DiagramStore, of: Tree): NodeId {
  if (of.kind === "not") return store.not(build(store, of.operand));
  if (of.kind !== "atom") return store[of.kind](build(store, of.left), build(store, of.right));
  const cases = of.truths.slice(0, -1).flatMap((truth, i) => [i, truth]);
  return store.node(of.variable, cases, of.truths.at(-1) ?? FALSE);
}

function walk(store: DiagramStore, root: NodeId, at: readonly number[]): number {
  let id = root;
  for (let node = store.nodes[id - 3]; node !== undefined; node = store.nodes[id - 3])
    id = childOf(node, at[node.variable] ?? 0);
  return id;
}

test("a diagram says what its condition says, of every combination of classes", () => {
  fc.assert(
    fc.property(tree, fc.array(classes, { minLength: 20, maxLength: 20 }), (of, places) => {
      const store = openDiagrams();
      const root = build(store, of);
      for (const at of places) expect(walk(store, root, at)).toBe(evaluate(of, at));
    }),
  );
});

test("conditions that say the same are the same node", () => {
  fc.assert(
    fc.property(tree, tree, tree, (a, b, c) => {
      const store = openDiagrams();
      const [x, y, z] = [a, b, c].map((each) => build(store, each)) as [NodeId, NodeId, NodeId];
      expect(store.not(store.not(x))).toBe(x);
      expect(store.and(x, y)).toBe(store.and(y, x));
      expect(store.and(store.and(x, y), z)).toBe(store.and(x, store.and(y, z)));
      expect(store.not(store.and(x, y))).toBe(store.or(store.not(x), store.not(y)));
      expect(store.or(x, store.and(y, z))).toBe(store.and(store.or(x, y), store.or(x, z)));
    }),
  );
});

test("variables ascend, and no node leads to one place only", () => {
  fc.assert(
    fc.property(tree, (of) => {
      const store = openDiagrams();
      build(store, of);
      for (const { variable, cases, other } of store.nodes) {
        const children = cases.filter((_, i) => i % 2 === 1);
        expect(children.length).toBeGreaterThan(0);
        expect(children).not.toContain(other);
        for (const child of [...children, other]) expect(store.variableOf(child)).toBeGreaterThan(variable);
      }
    }),
  );
});

test("of an unknown, nothing follows that holds of every value it can have", () => {
  const store = openDiagrams();
  const isA = store.node(0, [0, UNKNOWN, 1, TRUE], FALSE);
  const either = store.or(isA, store.not(isA));
  expect(walk(store, either, [0])).toBe(UNKNOWN);
  expect(walk(store, either, [1])).toBe(TRUE);
});

test("past its budget a condition is too large, and so is all that is made of it", () => {
  const store = openDiagrams();
  store.allow(2);
  const [a, b, c] = [0, 1, 2].map((variable) => store.node(variable, [0, TRUE], FALSE)) as [NodeId, NodeId, NodeId];
  expect([a, b]).not.toContain(TOO_LARGE);
  expect(c).toBe(TOO_LARGE);
  expect([store.not(c), store.and(a, c), store.or(c, b)]).toEqual([TOO_LARGE, TOO_LARGE, TOO_LARGE]);
  store.allow(1);
  expect(store.node(2, [0, TRUE], FALSE)).not.toBe(TOO_LARGE);
});

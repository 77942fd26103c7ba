import * as abi from "@hpl/runtime/abi";
import type { ParallelDiagram, ParallelNode } from "../4-lower/diagram/parallel.js";
import type { DecisionPlan } from "../4-lower/diagram/plan.js";
import { type DiagramNode, FALSE, type NodeId, TRUE, UNKNOWN } from "../4-lower/diagram/store.js";
import type { TableWriter } from "./table-writer.js";
import { writePath } from "./write-program.js";

/** Where the kernel finds the diagrams of a plan. */
export interface WrittenDiagrams {
  /** A leaf, or the address of a node. */
  addressOf(node: NodeId): number;
  readonly groups: number;
}

/** Lays out the nodes of `plan` and its groups. O(nodes). */
export function writeDiagrams(writer: TableWriter, plan: DecisionPlan): WrittenDiagrams {
  const addresses = new Map<NodeId, number>([FALSE, UNKNOWN, TRUE].map((leaf) => [leaf, leaf]));
  const addressOf = (node: NodeId): number => addresses.get(node) ?? missing(node);
  // A node stands behind those it leads to.
  for (const id of nodesInUse(plan)) {
    const node = plan.nodes[id - 3] ?? missing(id);
    addresses.set(id, writer.words(wordsOfNode(node, addressOf)));
  }
  const rootOf = ({ nodes, root }: ParallelDiagram): number =>
    writeParallel(writer, nodes, addressOf)[root] ?? missing(root);
  const rootsOf = (diagrams: readonly ParallelDiagram[]): readonly number[] => [
    diagrams.length,
    writer.words(diagrams.map(rootOf)),
  ];
  const groups = plan.groups.map(({ list, any, every }) => [
    list === null ? 0 : writePath(writer, list),
    ...rootsOf(any),
    ...rootsOf(every),
  ]);
  return { addressOf, groups: writer.words(groups.flat()) };
}

/** What the kernel can come to, ascending: of a rule's own diagram, that behind the leaves of the parallel ones. */
function nodesInUse({ nodes, scopes, exceptions, tiers, groups }: DecisionPlan): readonly NodeId[] {
  const threads = groups
    .flatMap(({ any, every }) => [...any, ...every])
    .flatMap((diagram) => diagram.nodes)
    .flatMap((node) => (node.kind === "leaf" ? node.threads : []));
  const seen = new Set([...scopes, ...exceptions, ...tiers.flat(), ...threads.map(({ node }) => node)]);
  for (const id of seen) {
    const node = nodes[id - 3];
    if (node === undefined) continue;
    for (let i = 1; i < node.cases.length; i += 2) seen.add(node.cases[i] ?? FALSE);
    seen.add(node.other);
  }
  return [...seen].filter((id) => id > TRUE).toSorted((a, b) => a - b);
}

const missing = (node: number): never => {
  throw new Error(`HPL9001: node ${node} is not laid out`);
};

/** These may lead to each other in any order: first the places, then what stands there. */
function writeParallel(
  writer: TableWriter,
  nodes: readonly ParallelNode[],
  addressOf: (node: NodeId) => number,
): readonly number[] {
  const places = nodes.map((node) => {
    const size = node.kind === "leaf" ? 2 + 2 * node.threads.length : sizeOfNode(node);
    return writer.reserve(size);
  });
  const placeOf = (index: number): number => places[index] ?? missing(index);
  nodes.forEach((node, i) => {
    const words =
      node.kind === "leaf"
        ? [abi.NODE_IS_LEAF, node.threads.length, ...node.threads.flatMap((each) => [each.rule, addressOf(each.node)])]
        : wordsOfNode(node, placeOf);
    words.forEach((word, w) => {
      writer.set(placeOf(i) + w * 4, word);
    });
  });
  return places;
}

/** Number of classes of which each has a word of its own; 0 when pairs are smaller. */
function denseCount({ cases }: DiagramNode): number {
  const last = cases.at(-2) ?? 0;
  return last + 1 <= cases.length + 1 ? last + 1 : 0;
}

const sizeOfNode = (node: DiagramNode): number => 3 + (denseCount(node) || node.cases.length);

function wordsOfNode(node: DiagramNode, addressOf: (node: number) => number): readonly number[] {
  const { variable, cases } = node;
  const other = addressOf(node.other);
  const count = denseCount(node);
  if (count === 0) {
    const pairs = cases.map((value, i) => (i % 2 === 0 ? value : addressOf(value)));
    return [variable, other, cases.length / 2, ...pairs];
  }
  const dense = new Array<number>(count).fill(other);
  for (let i = 0; i < cases.length; i += 2) dense[cases[i] ?? 0] = addressOf(cases[i + 1] ?? 0);
  return [variable, other, count | abi.NODE_IS_DENSE, ...dense];
}

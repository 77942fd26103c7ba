import { CLASS_UNKNOWN, ITEM_BEYOND } from "@hpl/runtime/abi";
import type { ParallelDiagram } from "./parallel.js";
import type { DecisionPlan, RuleGroup } from "./plan.js";
import { classesCount, type Variable } from "./variables.js";

/** What the compiler chose for a policy, and how large it came out. */
export interface PlanStats {
  /** By kind, in the order in which most are asked. */
  readonly variables: readonly { readonly kind: Variable["kind"]; readonly count: number; readonly classes: number }[];
  /** Nodes of the rules' own diagrams, and of scopes, exceptions and tiers; equal ones counted once. */
  readonly nodes: number;
  readonly groups: readonly GroupStats[];
}

export interface GroupStats {
  /** The list for each item of which its rules are asked; null for those that are asked once. */
  readonly list: string | null;
  readonly rules: number;
  readonly diagrams: number;
  readonly nodes: number;
  /** The most rules that are left to be walked one by one where everything asked is known. */
  readonly rules_left_max: number;
  /** Whether a diagram asks less than it wanted to, because it would have outgrown its budget. */
  readonly is_cut: boolean;
}

/** O(plan). */
export function statsOfPlan({ variables, nodes, groups }: DecisionPlan): PlanStats {
  const kinds = [...new Set(variables.map(({ kind }) => kind))];
  return {
    variables: kinds.map((kind) => {
      const own = variables.filter((variable) => variable.kind === kind);
      return { kind, count: own.length, classes: own.reduce((sum, variable) => sum + classesCount(variable), 0) };
    }),
    nodes: nodes.length,
    groups: groups.map((group) => statsOfGroup(group, variables)),
  };
}

function statsOfGroup({ name, any, every }: RuleGroup, variables: readonly Variable[]): GroupStats {
  const diagrams = [...any, ...every].filter(({ nodes }) => nodes.length > 1 || rulesOf(nodes).length > 0);
  return {
    list: name,
    rules: new Set(diagrams.flatMap(({ nodes }) => rulesOf(nodes))).size,
    diagrams: diagrams.length,
    nodes: diagrams.reduce((sum, diagram) => sum + diagram.nodes.length, 0),
    rules_left_max: diagrams.reduce((sum, diagram) => sum + rulesLeft(diagram, variables), 0),
    is_cut: diagrams.some((diagram) => diagram.isCut),
  };
}

const rulesOf = (nodes: ParallelDiagram["nodes"]): readonly number[] =>
  nodes.flatMap((node) => (node.kind === "leaf" ? node.threads.map(({ rule }) => rule) : []));

/** At the leaves to which no unknown value leads: then every rule is left whose name it may be. */
function rulesLeft({ nodes, root }: ParallelDiagram, variables: readonly Variable[]): number {
  const isUnknown = (variable: number, kind: number): boolean =>
    isFact(variables[variable]) ? kind === CLASS_UNKNOWN : isItem(variables[variable]) && kind === ITEM_BEYOND;
  const seen = new Set([root]);
  let most = 0;
  for (const index of seen) {
    const node = nodes[index];
    if (node === undefined) continue;
    if (node.kind === "leaf") {
      most = Math.max(most, node.threads.length);
      continue;
    }
    seen.add(node.other);
    for (let i = 0; i < node.cases.length; i += 2)
      if (!isUnknown(node.variable, node.cases[i] ?? 0)) seen.add(node.cases[i + 1] ?? node.other);
  }
  return most;
}

const isItem = (variable: Variable | undefined): boolean => variable?.kind === "item";
const isFact = (variable: Variable | undefined): boolean => variable !== undefined && "path" in variable;

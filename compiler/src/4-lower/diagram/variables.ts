import { CLASS_OWN } from "@hpl/runtime/abi";
import { families } from "@hpl/runtime/facts";
import { unreachable } from "../../diagnostics/unreachable.js";
import { comparisons } from "../lower-condition.js";
import type { LoweredPath, Program } from "../lowered.js";
import { type Atom, atomsOf, type Formula, type Reach, reachOfPath } from "./formula.js";
import { type GlobStep, type Lookups, lookupsOf, type PartKind } from "./lookups.js";

/**
 * A question with few answers, its classes: values of one fact that no rule tells apart are one class. How a value is found to
 * be of a class says `kind`:
 *
 * - `family`: the class is the family's index.
 * - `item`: a listed item; what may stand beyond the end of an open list, or in one of which nothing is known; or no item.
 * - `constants`: one of `values`, or another.
 * - `order`: the number lies between two of `bounds`, or is one of them.
 * - `prefix`, `suffix`: the longest of `texts` that the text begins or ends with.
 * - `infix`: the one of `texts` that the text holds; behind those, one class for texts that hold several.
 * - `test`: the class is the truth value that `program` gives.
 */
export type Variable = { readonly reach: Reach } & (
  | { readonly kind: "family" | "item" }
  | { readonly kind: "constants"; readonly path: LoweredPath; readonly values: readonly (string | boolean)[] }
  | { readonly kind: "order"; readonly path: LoweredPath; readonly bounds: readonly number[] }
  | { readonly kind: PartKind; readonly path: LoweredPath; readonly texts: readonly string[] }
  | { readonly kind: "test"; readonly program: Program }
);

/** A condition, and the list for each item of which it is asked; empty for none. */
export interface Placed {
  readonly formula: Formula;
  readonly list: string;
}

/** All variables of a policy, in the order in which diagrams ask them. */
export interface Variables {
  readonly all: readonly Variable[];
  /** Position of the variable that `question` asks. */
  indexOf(question: Question, list: string): number;
  readonly lookups: Lookups;
}

/** What an atom asks: a variable, as far as one atom knows it, and the values it tells apart. */
export interface Question {
  readonly variable: Variable;
  readonly values: readonly (string | number | boolean)[];
}

/**
 * The variables of `conditions`, those that most of them ask first, so that a diagram of all of them tells most of them apart
 * early. O(atoms).
 */
export function variablesOf(conditions: readonly Placed[]): Variables {
  const lookups = lookupsOf(conditions);
  const drafts = new Map<string, Draft>();
  for (const { formula, list } of conditions) {
    const asked = new Set(
      atomsOf(formula).flatMap((each) =>
        questionsOf(each, list, lookups).map((question) => note(drafts, question, list)),
      ),
    );
    for (const draft of asked) draft.conditions_count++;
  }
  const ordered = [...drafts.values()].map(fill).toSorted(byUse);
  const positions = new Map(ordered.map(({ key }, i) => [key, i]));
  return {
    all: ordered.map(({ variable }) => variable),
    lookups,
    indexOf: ({ variable }, list) => positions.get(keyOf(variable, list)) ?? missing(variable),
  };
}

const missing = ({ kind }: Variable): never => {
  throw new Error(`HPL9001: no variable for this ${kind}`);
};

/** A variable that is being collected. */
interface Draft {
  readonly key: string;
  readonly variable: Variable;
  readonly values: Set<string | number | boolean>;
  /** How many conditions ask it. */
  conditions_count: number;
}

function note(drafts: Map<string, Draft>, { variable, values }: Question, list: string): Draft {
  const key = keyOf(variable, list);
  const draft = drafts.get(key) ?? { key, variable, values: new Set(), conditions_count: 0 };
  for (const value of values) draft.values.add(value);
  drafts.set(key, draft);
  return draft;
}

/** Equal for two variables that ask the same. What is asked of items is asked of those of one list. */
function keyOf(variable: Variable, list: string): string {
  const place = variable.reach === "item" ? list : "";
  switch (variable.kind) {
    case "family":
    case "item":
      return `${variable.kind} ${place}`;
    case "test":
      return `test ${place} ${JSON.stringify(variable.program, withNumbers)}`;
    default:
      return `${variable.kind} ${place} ${variable.path.root} ${JSON.stringify(variable.path.steps)}`;
  }
}

/** The tables of automata as lists of numbers. */
const withNumbers = (_: string, value: unknown): unknown =>
  value instanceof Uint8Array || value instanceof Uint16Array ? Array.from(value) : value;

function fill({ variable, values, ...draft }: Draft): Draft {
  const known = [...values];
  if (variable.kind === "constants") {
    const names = known.filter((value) => typeof value !== "number");
    return { ...draft, values, variable: { ...variable, values: names } };
  }
  if (variable.kind !== "order") return { ...draft, values, variable };
  const bounds = known.filter((value) => typeof value === "number").toSorted((a, b) => a - b);
  return { ...draft, values, variable: { ...variable, bounds } };
}

/** Those that more conditions ask stand first; of two, the one that tells more values apart. */
function byUse(a: Draft, b: Draft): number {
  const difference = weightOf(b) - weightOf(a);
  if (difference !== 0 && !Number.isNaN(difference)) return difference;
  return a.key < b.key ? -1 : 1;
}

function weightOf({ variable, conditions_count }: Draft): number {
  if (variable.kind === "family") return Number.POSITIVE_INFINITY;
  // Whether there is an item comes before what it is.
  if (variable.kind === "item") return conditions_count;
  return conditions_count * (1 - 1 / classesCount(variable));
}

/** Number of classes of a variable. The order of n numbers has n of them, and n + 1 intervals between and around them. */
export function classesCount(variable: Variable): number {
  switch (variable.kind) {
    case "family":
      return families.length;
    case "item":
    case "test":
      return 3;
    case "constants":
      return CLASS_OWN + variable.values.length;
    case "order":
      return CLASS_OWN + 2 * variable.bounds.length + 1;
    case "prefix":
    case "suffix":
      return CLASS_OWN + variable.texts.length;
    case "infix":
      return CLASS_OWN + variable.texts.length + 1;
    default:
      return unreachable(variable);
  }
}

type NumberAtom = Atom & { kind: "number" };

/** What `of` asks, in no order; several for a glob that is looked up by its ends first. */
export function questionsOf(of: Atom, list: string, lookups: Lookups): readonly Question[] {
  switch (of.kind) {
    case "family":
      return [{ variable: { kind: "family", reach: "action" }, values: [] }];
    case "item":
      return [{ variable: { kind: "item", reach: "item" }, values: [] }];
    case "test":
      return [{ variable: { kind: "test", reach: of.reach, program: of.program }, values: [] }];
    case "equals":
      return [{ variable: constantsAt(of.path), values: of.values }];
    case "present":
      return [{ variable: constantsAt(of.path), values: [] }];
    case "number":
      return [lookups.isScaled(of.path, list) ? scaleOf(of) : testOf(of)];
    case "like":
      return lookups.stepsOf(of, list).map((step) => ({ variable: variableOfStep(step, of), values: [] }));
    default:
      return unreachable(of);
  }
}

const scaleOf = ({ path, value }: NumberAtom): Question => ({
  variable: { kind: "order", path, bounds: [], reach: reachOfPath(path) },
  values: [value],
});

const testOf = ({ path, comparison, value }: NumberAtom): Question => ({
  variable: {
    kind: "test",
    reach: reachOfPath(path),
    program: [{ op: "compare", comparison: comparisons[comparison], path, value }],
  },
  values: [],
});

const constantsAt = (path: LoweredPath): Variable => ({
  kind: "constants",
  path,
  values: [],
  reach: reachOfPath(path),
});

function variableOfStep(step: GlobStep, { path, glob }: Atom & { kind: "like" }): Variable {
  const reach = reachOfPath(path);
  if (step.kind === "test") return { kind: "test", reach, program: [{ op: "like", path, globs: [glob] }] };
  return { kind: step.kind, path, texts: step.texts, reach };
}

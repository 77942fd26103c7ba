import type { Expr, Path } from "../../1-parse/ast.js";
import { decisionRoots, type FactType } from "../../2-resolve/fact-types.js";
import type { ResolvedModule } from "../../2-resolve/resolve.js";
import { claimReadsFact, decisionOutsideClaim, unknownName } from "../../diagnostics/catalog.js";
import type { Span } from "../../source/source-file.js";
import type { CidrRange, Condition, Constant, FactPath, Window } from "../checked.js";
import { grantedCondition } from "../items/grants.js";
import { type Place, report, suggest } from "../site.js";
import { bindingAt, boundOperand } from "./bindings.js";
import { callOperand } from "./calls.js";
import { cidrOperand } from "./cidr-operand.js";
import { counterOperand, declaredOperand } from "./declared-operand.js";
import { factOperand } from "./fact-operand.js";

/** What an expression turns out to be, before anything is done with it. */
export type Operand =
  | FactOperand
  /** `isData` for one from a data file, where names of all kinds are text. */
  | { readonly kind: "Constant"; readonly value: Constant; readonly isData: boolean; readonly span: Span }
  | SetOperand
  /** A time span or a size, in milliseconds or bytes. */
  | { readonly kind: "Measure"; readonly unit: "Duration" | "Bytes"; readonly value: number; readonly span: Span }
  | { readonly kind: "Instant"; readonly value: number; readonly span: Span }
  | { readonly kind: "Cidr"; readonly ranges: readonly CidrRange[]; readonly span: Span }
  | { readonly kind: "Window"; readonly window: Window; readonly span: Span }
  /** A group by the identity provider's name. */
  | { readonly kind: "Group"; readonly provider: string; readonly span: Span }
  /** By id, `module.name`. */
  | { readonly kind: "Grant" | "Detector"; readonly id: string; readonly span: Span }
  | { readonly kind: "Condition"; readonly condition: Condition; readonly span: Span }
  /** A single word that names nothing: a member of an enum, or a mistake. */
  | { readonly kind: "Word"; readonly text: string; readonly span: Span }
  /** Reported already. */
  | { readonly kind: "Broken"; readonly span: Span };

export interface FactOperand {
  readonly kind: "Fact";
  readonly path: FactPath;
  readonly type: FactType;
  /** As written. */
  readonly text: string;
  /** The part of the path that may be absent here, as written; null when nothing may. */
  readonly mayBeAbsent: string | null;
  /** Stands for whatever a parameter of its type will be: a constant too. */
  readonly isSample: boolean;
  readonly span: Span;
}

export interface SetOperand {
  readonly kind: "Set";
  readonly members: readonly SetMember[];
  readonly span: Span;
}

/** A member as it is written, to be read at its place, or one that comes from elsewhere. */
export type SetMember =
  | { readonly kind: "written"; readonly expr: Expr; readonly place: Place; readonly span: Span }
  | { readonly kind: "operand"; readonly operand: Operand; readonly span: Span };

/** Names, literals and sets; null for every other expression, which is a condition. */
export function operandOf(expr: Expr, place: Place): Operand | null {
  const { span } = expr;
  switch (expr.kind) {
    case "Text":
    case "Number":
    case "Bool":
      return { kind: "Constant", value: expr.value, isData: false, span };
    case "Measure":
      return { kind: "Measure", unit: expr.unit, value: expr.value, span };
    case "Instant":
      return { kind: "Instant", value: expr.value, span };
    case "Set":
      return { kind: "Set", members: expr.members.map((member) => written(member, place)), span };
    case "Cidr":
      return cidrOperand(expr, place);
    case "Granted":
      return grantedCondition(expr, place);
    case "Call":
      return callOperand(expr, place);
    case "Name":
      return nameOperand(expr.path, place);
    case "Broken":
      return { kind: "Broken", span };
    default:
      return null;
  }
}

const written = (expr: Expr, place: Place): SetMember => ({ kind: "written", expr, place, span: expr.span });

/** Like `operandOf`, but a word that names nothing is an error. */
export function namedOperandOf(expr: Expr, place: Place): Operand | null {
  const operand = operandOf(expr, place);
  return operand?.kind === "Word" ? reportUnknown(operand.text, operand.span, place) : operand;
}

/** What a member of a set is, where a word that names nothing is an error. */
export const memberOperand = (member: SetMember): Operand | null =>
  member.kind === "operand" ? member.operand : namedOperandOf(member.expr, member.place);

export function nameOperand(path: Path, place: Place): Operand {
  const [head, ...rest] = path.words;
  const { span } = path;
  if (head === undefined) return { kind: "Broken", span };
  const index = place.variables.findLastIndex((variable) => variable.name === head.text);
  const variable = place.variables[index];
  if (variable !== undefined) {
    const start = { type: variable.type, optional: false, knowledge: false };
    return factOperand(path, start, { root: { item: place.variables.length - 1 - index }, steps: [] }, null, place);
  }
  const binding = bindingAt(head.text, place);
  if (binding !== null) return boundOperand(binding, path, place);
  const root = rootAt(head.text, span, place);
  if (root === "wrong") return { kind: "Broken", span };
  if (root !== null) return factOperand(path, root, root.at ?? { root: root.name, steps: [] }, root, place);
  const declaration = place.module.scope.get(head.text);
  if (declaration !== undefined) return declaredOperand(declaration, path, place);
  if (head.text === "counter") return counterOperand(path, place);
  if (head.text === "always" && rest.length === 0)
    return { kind: "Condition", condition: { kind: "Constant", value: true, span }, span };
  return rest.length === 0 ? { kind: "Word", text: head.text, span } : reportUnknown(head.text, head.span, place);
}

/** The root called `name`: of a decision in a claim, of facts everywhere else. The other way round it is an error. */
function rootAt(name: string, span: Span, place: Place) {
  const ofFacts = place.site.checker.roots.get(name) ?? null;
  const ofDecisions = decisionRoots.get(name) ?? null;
  if (place.isClaim && ofFacts !== null) report(place.site, claimReadsFact(span, { root: name }));
  else if (place.isClaim) return ofDecisions;
  else if (ofDecisions === null) return ofFacts;
  else report(place.site, decisionOutsideClaim(span, { root: name }));
  return "wrong" as const;
}

export function reportUnknown(name: string, span: Span, place: Place): Operand {
  const nearest = suggest(place.site, name, namesAt(place));
  report(place.site, unknownName(span, { name, nearest, module: moduleCalled(name, place) }));
  return { kind: "Broken", span };
}

/** The module that `use` would bind to the first word of `name`; null without one. */
export function moduleCalled(name: string, { site, module }: Place): string | null {
  const [head] = name.split(".");
  const isCalled = (other: string): boolean => other !== module.name && other.split(".").at(-1) === head;
  return site.checker.policy.moduleNames.find(isCalled) ?? null;
}

/** Every name that means something at `place`. Lazy: a policy may have as many mistakes as names. */
function* namesAt({ site, variables, bindings, module, isClaim }: Place): Generator<string> {
  yield* variables.map((variable) => variable.name);
  yield* bindings.keys();
  yield* (isClaim ? decisionRoots : site.checker.roots).keys();
  yield* module.scope.keys();
}

/** Names of `module` that others may use. */
export function* exportsOf(module: ResolvedModule): Generator<string> {
  for (const [name, { kind }] of module.scope) if (kind !== "Module") yield name;
}

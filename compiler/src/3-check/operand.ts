import type { Expr, Path } from "../1-parse/ast.js";
import { type FactField, type FactRoot, type FactType, factRoots } from "../2-resolve/fact-types.js";
import { pathText } from "../2-resolve/label-tree.js";
import type { Declaration, ResolvedModule } from "../2-resolve/resolve.js";
import { notInThisVersion, unknownFact, unknownName, wrongKindOfName } from "../diagnostics/catalog.js";
import type { Span } from "../source/source-file.js";
import type { Condition, Constant, FactPath } from "./checked.js";
import { meaningOf } from "./lets.js";
import { isGuarded } from "./presence.js";
import { deeper, type Place, report, suggest } from "./site.js";

/** What an expression turns out to be, before anything is done with it. */
export type Operand =
  | FactOperand
  | { readonly kind: "Constant"; readonly value: Constant; readonly span: Span }
  | { readonly kind: "Set"; readonly members: readonly Expr[]; readonly module: ResolvedModule; readonly span: Span }
  /** A group by the identity provider's name. */
  | { readonly kind: "Group"; readonly provider: string; readonly span: Span }
  | { readonly kind: "Condition"; readonly condition: Condition; readonly span: Span }
  /** A single word that names nothing: a member of an enum, or a mistake. */
  | { readonly kind: "Word"; readonly text: string; readonly span: Span }
  | { readonly kind: "Measure"; readonly span: Span }
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
  readonly span: Span;
}

/** Names, literals and sets; null for every other expression, which is a condition. */
function operandOf(expr: Expr, place: Place): Operand | null {
  const { span } = expr;
  switch (expr.kind) {
    case "Text":
    case "Number":
    case "Bool":
      return { kind: "Constant", value: expr.value, span };
    case "Measure":
      return { kind: "Measure", span };
    case "Set":
      return { kind: "Set", members: expr.members, module: place.module, span };
    case "Name":
      return nameOperand(expr.path, place);
    case "Broken":
      return { kind: "Broken", span };
    default:
      return null;
  }
}

/** Like `operandOf`, but a word that names nothing is an error. */
export function namedOperandOf(expr: Expr, place: Place): Operand | null {
  const operand = operandOf(expr, place);
  return operand?.kind === "Word" ? reportUnknown(operand.text, operand.span, place) : operand;
}

function nameOperand(path: Path, place: Place): Operand {
  const [head, ...rest] = path.words;
  const { span } = path;
  if (head === undefined) return { kind: "Broken", span };
  const index = place.variables.findLastIndex((variable) => variable.name === head.text);
  const variable = place.variables[index];
  if (variable !== undefined) {
    const item = place.variables.length - 1 - index;
    return factOperand(path, { type: variable.type, optional: false, knowledge: false }, { item }, null, place);
  }
  const root = factRoots.get(head.text);
  if (root !== undefined) return factOperand(path, root, root.name, root, place);
  const declaration = place.module.scope.get(head.text);
  if (declaration !== undefined) return declaredOperand(declaration, path, place);
  if (head.text === "counter") return laterOperand("counter", span, place);
  if (head.text === "always" && rest.length === 0)
    return { kind: "Condition", condition: { kind: "Constant", value: true, span }, span };
  return rest.length === 0 ? { kind: "Word", text: head.text, span } : reportUnknown(head.text, head.span, place);
}

function laterOperand(what: string, span: Span, place: Place): Operand {
  report(place.site, notInThisVersion(span, { what, instead: null }));
  return { kind: "Broken", span };
}

function reportUnknown(name: string, span: Span, place: Place): Operand {
  report(place.site, unknownName(span, { name, nearest: suggest(place.site, name, namesAt(place)) }));
  return { kind: "Broken", span };
}

/** Every name that means something at `place`. Lazy: a policy may have as many mistakes as names. */
function* namesAt({ variables, module }: Place): Generator<string> {
  yield* variables.map((variable) => variable.name);
  yield* factRoots.keys();
  yield* module.scope.keys();
}

/** Names of `module` that others may use. */
function* exportsOf(module: ResolvedModule): Generator<string> {
  for (const [name, { kind }] of module.scope) if (kind !== "Module") yield name;
}

/** Walks the words after the first through the fields of `start`. */
function factOperand(
  path: Path,
  start: FactField,
  root: FactPath["root"],
  factRoot: FactRoot | null,
  place: Place,
): Operand {
  const steps: string[] = [];
  let field = start;
  let mayBeAbsent: string | null = null;
  const [head, ...rest] = path.words;
  for (const word of rest) {
    const next = fieldOf(field.type, word.text);
    if (next === null) return reportUnknownFact(path, steps, field.type, place);
    steps.push(word.text);
    const knowledge = field.knowledge || next.knowledge;
    if (next.optional && !isGuarded({ root, steps }, place.present))
      mayBeAbsent ??= [head?.text ?? "", ...steps].join(".");
    field = { ...next, knowledge };
  }
  const text = pathText(path);
  place.site.reads.push({
    root: head?.text ?? "",
    family: factRoot?.family ?? null,
    text,
    knowledge: field.knowledge,
    span: path.span,
  });
  return { kind: "Fact", path: { root, steps }, type: field.type, text, mayBeAbsent, span: path.span };
}

function fieldOf(type: FactType, name: string): FactField | null {
  if (type.kind === "Map") return { type: type.value, optional: false, knowledge: false };
  return type.kind === "Record" ? (type.fields.get(name) ?? null) : null;
}

function reportUnknownFact(path: Path, found: readonly string[], type: FactType, place: Place): Operand {
  const words = path.words.slice(0, found.length + 2).map((word) => word.text);
  const prefix = words.slice(0, -1);
  const known = type.kind === "Record" ? [...type.fields.keys()] : [];
  const nearest = suggest(place.site, words.at(-1) ?? "", known);
  const span = { ...path.span, end: path.words[words.length - 1]?.span.end ?? path.span.end };
  const suggestion = nearest === null ? null : [...prefix, nearest].join(".");
  report(place.site, unknownFact(span, { path: words.join("."), nearest: suggestion }));
  return { kind: "Broken", span: path.span };
}

function declaredOperand(declaration: Declaration, path: Path, place: Place): Operand {
  const found = lookUp(declaration, path, place);
  const { span } = path;
  if (found === null || found.declaration.kind === "Broken") return { kind: "Broken", span };
  place.site.checker.usedNames.add(found.declaration);
  const name = pathText(path);
  if (found.rest > 0) return reportUnknown(name, span, place);
  switch (found.declaration.kind) {
    case "Group":
      return {
        kind: "Group",
        provider: found.declaration.item.provider?.value ?? found.declaration.item.name.text,
        span,
      };
    case "Let":
      return letOperand(found.declaration.item, found.module, span, place);
    case "Module":
    case "Fixture": {
      const foundKind = found.declaration.kind === "Module" ? "a module" : "a fixture";
      report(place.site, wrongKindOfName(span, { name, expected: "a value", found: foundKind }));
      return { kind: "Broken", span };
    }
  }
}

interface Found {
  readonly declaration: Declaration;
  readonly module: ResolvedModule;
  /** Words of the path that follow the name. */
  readonly rest: number;
}

/** What `path` names: `declaration`, which its first word stands for, or a name of the module that is. */
export function lookUp(declaration: Declaration, path: Path, place: Place): Found | null {
  const [, second] = path.words;
  if (declaration.kind !== "Module" || second === undefined)
    return { declaration, module: place.module, rest: path.words.length - 1 };
  place.site.checker.usedNames.add(declaration);
  const module = place.site.checker.policy.modules[declaration.module];
  const inner = module?.scope.get(second.text);
  if (module === undefined) return null;
  if (inner !== undefined && inner.kind !== "Module")
    return { declaration: inner, module, rest: path.words.length - 2 };
  const nearest = suggest(place.site, second.text, exportsOf(module));
  const prefix = path.words[0]?.text ?? "";
  const suggestion = nearest === null ? null : `${prefix}.${nearest}`;
  report(place.site, unknownName(path.span, { name: pathText(path), nearest: suggestion }));
  return null;
}

/** A `let` where it is used: its condition, or its value as if it were written here. */
function letOperand(
  item: Extract<Declaration, { kind: "Let" }>["item"],
  module: ResolvedModule,
  span: Span,
  place: Place,
): Operand {
  const meaning = meaningOf(item, module, place, span);
  switch (meaning.kind) {
    case "Broken":
      return { kind: "Broken", span };
    case "Condition":
      place.site.reads.push(...meaning.reads.map((read) => ({ ...read, span })));
      place.site.tests += meaning.tests;
      if (deeper(place, span, meaning.height) === null) return { kind: "Broken", span };
      return { kind: "Condition", condition: meaning.condition, span };
    case "Value": {
      const inside = deeper(place, span);
      const value = inside && operandOf(item.value, { ...inside, module, variables: [] });
      return value === null ? { kind: "Broken", span } : { ...value, span };
    }
  }
}

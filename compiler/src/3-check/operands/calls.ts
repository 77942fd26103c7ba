import type { DefineItem, Expr, ExprOf, Parameter, TypeClause } from "../../1-parse/ast.js";
import type { FactType } from "../../2-resolve/fact-types.js";
import { pathText } from "../../2-resolve/label-tree.js";
import type { ResolvedModule } from "../../2-resolve/resolve.js";
import {
  conditionTooLarge,
  duplicateName,
  recursiveLet,
  reservedName,
  typeMismatch,
  unknownChoice,
  unknownFact,
  wrongArguments,
} from "../../diagnostics/catalog.js";
import { limits } from "../../source/limits.js";
import type { Span } from "../../source/source-file.js";
import { checkCondition } from "../conditions/condition.js";
import { reportLibraryReads } from "../items/families.js";
import {
  type Binding,
  deeper,
  newSite,
  type ParameterType,
  type Place,
  placeIn,
  report,
  suggest,
  type Variable,
} from "../site.js";
import { argumentConstants, argumentSetConstants, isSameType } from "./constants.js";
import { declarationNamed } from "./declared-operand.js";
import { describeOperand, describeType } from "./describe.js";
import { fieldOf } from "./fact-operand.js";
import { namedOperandOf, type Operand } from "./operand.js";

/**
 * `define` is a macro: its body stands where its name does, with what the caller wrote for each parameter. It is checked once
 * at its own place, where each parameter is something of its type, and again wherever it is used.
 */

/** Checks `item` whether it is used or not. */
export function checkDefine(item: DefineItem, module: ResolvedModule, place: Place): void {
  reportParameters(item, module, place);
  const bindings = new Map<string, Binding>();
  for (const { name, type: clause } of item.parameters) {
    const type = parameterType(clause, place);
    if (type !== null) bindings.set(name.text, { kind: "sample", type });
  }
  if (bindings.size < item.parameters.length) return;
  const { checker } = place.site;
  const inside = placeIn(newSite(checker, module, null, place.site.restricts));
  checker.expanding.add(item);
  checkCondition(item.value, { ...inside, bindings });
  checker.expanding.delete(item);
  if (inside.site.tests > limits.condition_tests_max) report(place.site, conditionTooLarge(item.name.span, {}));
  reportLibraryReads(inside);
}

/** A parameter with the name of something else would silently change what the body reads. */
function reportParameters({ parameters }: DefineItem, module: ResolvedModule, { site }: Place): void {
  const seen = new Set<string>();
  for (const { name } of parameters) {
    const { text, span } = name;
    if (site.checker.roots.has(text) || text === "always" || text === "counter")
      report(site, reservedName(span, { name: text }));
    else if (seen.has(text) || module.scope.has(text)) report(site, duplicateName(span, { name: text }));
    seen.add(text);
  }
}

/** `touches("pay")`: the condition of the `define`, with its arguments in it. */
export function callOperand({ name, arguments: given, span }: ExprOf<"Call">, place: Place): Operand {
  const broken: Operand = { kind: "Broken", span };
  const { site } = place;
  const { checker } = site;
  const found = declarationNamed(name, "Define", place, "only what `define` declares takes arguments");
  const inside = deeper(place, span);
  if (found === null || inside === null) return broken;
  const { item } = found.declaration;
  if (checker.expanding.has(item)) {
    report(site, recursiveLet(span, { name: pathText(name) }));
    return broken;
  }
  const bindings = bindArguments(item, found.module, given, span, place);
  if (bindings === null) return broken;
  // Each call counts, so that calls that double at every level meet the limit before they have all been written out.
  if (++site.tests > limits.condition_tests_max) {
    report(site, conditionTooLarge(span, {}));
    return broken;
  }
  const reads_count = site.reads.length;
  checker.expanding.add(item);
  const variables = place.variables.map(({ type }): Variable => ({ name: "", type }));
  const condition = checkCondition(item.value, { ...inside, module: found.module, variables, bindings });
  checker.expanding.delete(item);
  // What the body reads, the caller reads here.
  site.reads.push(...site.reads.splice(reads_count).map((read) => ({ ...read, span })));
  return { kind: "Condition", condition, span };
}

/** Each parameter with its argument; null, and reported, when they do not fit. */
function bindArguments(
  { name, parameters }: DefineItem,
  module: ResolvedModule,
  given: readonly Expr[],
  span: Span,
  place: Place,
): ReadonlyMap<string, Binding> | null {
  if (given.length !== parameters.length) {
    const signature = `${name.text}(${parameters.map(signatureOf).join(", ")})`;
    report(
      place.site,
      wrongArguments(span, { name: name.text, given: given.length, needed: parameters.length, signature }),
    );
    return null;
  }
  const own = { ...placeIn(place.site), module };
  const fit = parameters.map((parameter, i) => {
    const argument = given[i];
    const type = parameterType(parameter.type, own);
    return argument !== undefined && type !== null && fits(argument, type, parameter.name.text, place);
  });
  if (fit.includes(false)) return null;
  return new Map(
    parameters.flatMap((parameter, i): (readonly [string, Binding])[] => {
      const expr = given[i];
      return expr === undefined ? [] : [[parameter.name.text, { kind: "argument", expr, place }]];
    }),
  );
}

const signatureOf = ({ name, type }: Parameter): string => `${name.text}: ${clauseText(type)}`;

function clauseText(clause: TypeClause): string {
  if (clause.kind === "set") return `{${clauseText(clause.of)}}`;
  return clause.kind === "named" ? clause.name.text : pathText(clause.path);
}

/** Whether `argument` is of type `type`: a fact of it, or a constant. Reported when it is not. */
function fits(argument: Expr, type: ParameterType, name: string, place: Place): boolean {
  if (type.kind === "Set") {
    const set = namedOperandOf(argument, place);
    if (set?.kind === "Set") return argumentSetConstants(set, type.of, name, place) !== null;
    return mismatch(set, "a set", argument, name, place);
  }
  const isWord = argument.kind === "Name" && argument.path.words.length === 1 && type.kind === "Enum";
  const fact = isWord || type.kind === "Label" ? null : namedOperandOf(argument, place);
  if (fact?.kind === "Fact" && isSameType(fact.type, type)) return true;
  if (fact?.kind === "Fact" || type.kind === "Record" || type.kind === "List" || type.kind === "Map")
    return mismatch(fact, describeType(type), argument, name, place);
  return argumentConstants(argument, type, name, place) !== null;
}

function mismatch(operand: Operand | null, expected: string, { span }: Expr, subject: string, place: Place): false {
  if (operand?.kind === "Broken") return false;
  const found = operand === null ? "a condition" : describeOperand(operand);
  report(place.site, typeMismatch(span, { expected, found, subject }));
  return false;
}

const namedTypes: ReadonlyMap<string, FactType> = new Map<string, FactType>([
  ["String", { kind: "Text", format: null }],
  ["Number", { kind: "Number" }],
  ["Bool", { kind: "Bool" }],
  ["Group", { kind: "Group" }],
  ["Time", { kind: "Time" }],
  ["Label", { kind: "Label" }],
  ["Detector", { kind: "Detector" }],
]);

/** The type that `clause` writes; null, and reported, when there is none. */
function parameterType(clause: TypeClause, place: Place): ParameterType | null {
  if (clause.kind === "set") {
    const of = parameterType(clause.of, place);
    return of === null || of.kind === "Set" ? null : { kind: "Set", of };
  }
  if (clause.kind === "fact") return factTypeOf(clause, place);
  const { text, span } = clause.name;
  const type = namedTypes.get(text) ?? place.site.checker.roots.get(text)?.type;
  if (type !== undefined) return type;
  const choices = [...namedTypes.keys()];
  const nearest = suggest(place.site, text, choices);
  report(
    place.site,
    unknownChoice(span, { what: "a type", found: text, choices: [...choices, "statement.kind"], nearest }),
  );
  return null;
}

/** The type of a fact by its path; of an item, where a step or the whole is a list. */
function factTypeOf({ path, span }: Extract<TypeClause, { readonly kind: "fact" }>, place: Place): FactType | null {
  const [head, ...rest] = path.words.map((word) => word.text);
  const { roots } = place.site.checker;
  let type: FactType | null = roots.get(head ?? "")?.type ?? null;
  for (const word of rest) type = type === null ? null : (fieldOf(itemOf(type), word)?.type ?? null);
  if (type !== null) return itemOf(type);
  // What is no name has its error already.
  if (!/^[a-z0-9_]+$/.test(head ?? "")) return null;
  report(
    place.site,
    unknownFact(span, { path: pathText(path), nearest: suggest(place.site, head ?? "", roots.keys()) }),
  );
  return null;
}

const itemOf = (type: FactType): FactType => (type.kind === "List" ? type.item : type);

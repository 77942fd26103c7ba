import type { Expr } from "../1-parse/ast.js";
import type { FactType } from "../2-resolve/fact-types.js";
import { pathsOf, pathText, subtreeOf } from "../2-resolve/label-tree.js";
import {
  emptySet,
  notInThisVersion,
  patternInEquality,
  setTooLarge,
  typeMismatch,
  unknownLabel,
  unknownMember,
} from "../diagnostics/catalog.js";
import { limits } from "../source/limits.js";
import type { Span } from "../source/source-file.js";
import type { Constant } from "./checked.js";
import { namedOperandOf, type Operand } from "./operand.js";
import { type Place, report, suggest } from "./site.js";

/** A type, as a message names it. */
export function describeType(type: FactType): string {
  const names = {
    Bool: "true or false",
    Number: "a number",
    Time: "a point in time",
    Group: "a group",
    Label: "a label",
  };
  switch (type.kind) {
    case "Text":
      return "text";
    case "Enum":
      return "one of a fixed list of words";
    case "List":
      return "a list";
    case "Map":
    case "Record":
      return "a group of facts";
    default:
      return names[type.kind];
  }
}

/** What an operand is, as a message names it. */
export function describeOperand(operand: Operand): string {
  switch (operand.kind) {
    case "Fact":
      return describeType(operand.type);
    case "Constant":
      return { string: "text", number: "a number", boolean: "true or false" }[
        typeof operand.value as "string" | "number" | "boolean"
      ];
    case "Set":
      return "a set";
    case "Group":
      return "a group";
    case "Measure":
      return "a time or a size";
    default:
      return operand.kind === "Word" ? "a word" : "a condition";
  }
}

/**
 * The constants that `expr` stands for against a fact of `type`: one, for a label those of its subtree. Null, and reported,
 * when it could never equal such a fact. `subject` is the fact as written.
 */
export function constantsOf(expr: Expr, type: FactType, subject: string, place: Place): readonly Constant[] | null {
  if (type.kind === "Enum" && expr.kind === "Name" && expr.path.words.length === 1)
    return memberOf(pathText(expr.path), type.members, subject, expr.span, place);
  if (type.kind === "Label" && expr.kind === "Name") return labelsOf(pathText(expr.path), expr.span, place);
  const operand = namedOperandOf(expr, place);
  if (operand?.kind === "Broken") return null;
  if (operand?.kind === "Group" && type.kind === "Group") return [operand.provider];
  if (operand?.kind === "Constant" && holds(operand.value, type))
    return textProblem(operand.value, type, subject, expr.span, place) ? null : [operand.value];
  const found = operand === null ? "a condition" : describeOperand(operand);
  const expected = describeType(type);
  report(place.site, typeMismatch(expr.span, { expected, found, subject, hint: mismatchHint(operand, type) }));
  return null;
}

function holds(value: Constant, type: FactType): boolean {
  switch (type.kind) {
    case "Text":
    case "Group":
      return typeof value === "string";
    case "Number":
      return typeof value === "number";
    case "Bool":
      return typeof value === "boolean";
    default:
      return false;
  }
}

function mismatchHint(operand: Operand | null, type: FactType): string | null {
  if (operand?.kind === "Constant" && typeof operand.value === "string") {
    if (type.kind === "Enum" && type.members.includes(operand.value))
      return `write \`${operand.value}\` without quotes`;
    if (type.kind === "Label") return "a label is written without quotes";
  }
  if (operand?.kind === "Group") return "write `principal in GROUP` for membership";
  return null;
}

function memberOf(
  member: string,
  members: readonly string[],
  subject: string,
  span: Span,
  place: Place,
): readonly Constant[] | null {
  if (members.includes(member)) return [member];
  report(place.site, unknownMember(span, { member, subject, nearest: suggest(place.site, member, members), members }));
  return null;
}

function labelsOf(label: string, span: Span, place: Place): readonly Constant[] | null {
  const indices = labelIndices(label, span, place);
  const { labels } = place.site.checker.policy;
  return indices === null ? null : indices.flatMap((index) => labels[index]?.path ?? []);
}

/** Indices of the labels under `label`, which from now on count as used; null, and reported, when there is none. */
export function labelIndices(label: string, span: Span, place: Place): readonly number[] | null {
  const { policy, usedLabels } = place.site.checker;
  const indices = subtreeOf(policy.labels, label);
  for (const index of indices) usedLabels.add(index);
  if (indices.length > 0) return indices;
  const nearest = suggest(place.site, label, pathsOf(policy.labels));
  report(place.site, unknownLabel(span, { label, nearest }));
  return null;
}

/** Text that compares letter by letter with something the author meant as a pattern. True when reported. */
function textProblem(value: Constant, type: FactType, subject: string, span: Span, place: Place): boolean {
  if (type.kind !== "Text" || typeof value !== "string") return false;
  if (type.format === "ip" && value.includes("/")) {
    report(place.site, notInThisVersion(span, { what: "an address range", instead: "list the addresses" }));
    return true;
  }
  if (!value.includes("*")) return false;
  report(place.site, patternInEquality(span, { pattern: value, rewritten: `${subject} like "${value}"` }));
  return true;
}

/** Whether a set has members, and not too many. Reports HPL3007 and HPL6004. */
export function isRightSize({ members, span }: Extract<Operand, { kind: "Set" }>, place: Place): boolean {
  if (members.length === 0) report(place.site, emptySet(span, {}));
  if (members.length > limits.set_members_max) report(place.site, setTooLarge(span, { members: members.length }));
  return members.length > 0 && members.length <= limits.set_members_max;
}

/** The constants of each member of `set`; null, and reported, when one has none. */
export function setConstantsOf(
  set: Extract<Operand, { kind: "Set" }>,
  type: FactType,
  subject: string,
  place: Place,
): readonly (readonly Constant[])[] | null {
  if (!isRightSize(set, place)) return null;
  const inside = { ...place, module: set.module };
  const constants = set.members.map((member) => constantsOf(member, type, subject, inside));
  return constants.includes(null) ? null : constants.filter((found) => found !== null);
}

/** All of `constants` once, in order. */
export const distinct = (constants: readonly (readonly Constant[])[]): readonly Constant[] => [
  ...new Set(constants.flat()),
];

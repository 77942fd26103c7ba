import type { Expr } from "../../1-parse/ast.js";
import type { FactType } from "../../2-resolve/fact-types.js";
import { pathsOf, pathText, subtreeOf } from "../../2-resolve/label-tree.js";
import {
  emptySet,
  patternInEquality,
  setTooLarge,
  typeMismatch,
  unknownLabel,
  unknownMember,
} from "../../diagnostics/catalog.js";
import { limits } from "../../source/limits.js";
import type { Span } from "../../source/source-file.js";
import type { Constant } from "../checked.js";
import { type Place, report, suggest } from "../site.js";
import { blamedSpan, follow } from "./bindings.js";
import { describeOperand, describeType } from "./describe.js";
import { namedOperandOf, type Operand, type SetMember, type SetOperand } from "./operand.js";

/** What a constant is compared with, as an author reads it, and whether text in it is compared letter by letter. */
interface Against {
  readonly type: FactType;
  readonly subject: string;
  readonly isLiteral: boolean;
}

/**
 * The constants that `expr` stands for against a fact of `type`: one, for a label those of its subtree. Null, and reported,
 * when it could never equal such a fact. `subject` is the fact as written.
 */
export function constantsOf(expr: Expr, type: FactType, subject: string, place: Place): readonly Constant[] | null {
  return constantsAgainst(expr, { type, subject, isLiteral: true }, place);
}

/** Like `constantsOf`, for an argument of a `define`: whether its text is compared or is a pattern, the body says. */
export function argumentConstants(expr: Expr, type: FactType, name: string, place: Place): readonly Constant[] | null {
  return constantsAgainst(expr, { type, subject: name, isLiteral: false }, place);
}

function constantsAgainst(expr: Expr, against: Against, place: Place): readonly Constant[] | null {
  const { type, subject } = against;
  const followed = follow(expr, place);
  const span = blamedSpan(expr, place);
  if (followed.kind === "written" && followed.expr.kind === "Name") {
    const name = pathText(followed.expr.path);
    if (type.kind === "Enum" && followed.expr.path.words.length === 1)
      return memberOf(name, type.members, subject, span, place);
    if (type.kind === "Label") return labelsOf(name, span, place);
  }
  return operandConstants(namedOperandOf(expr, place), against, span, place);
}

function operandConstants(
  operand: Operand | null,
  against: Against,
  span: Span,
  place: Place,
): readonly Constant[] | null {
  const { type, subject } = against;
  switch (operand?.kind) {
    case "Broken":
      return null;
    case "Fact":
      // Any text will do; an address, where it has to be one.
      if (operand.isSample && isSameType(operand.type, type)) return ["::"];
      break;
    case "Group":
    case "Grant":
      if (operand.kind === type.kind) return [operand.kind === "Group" ? operand.provider : operand.id];
      break;
    case "Detector":
      if (type.kind !== "Detector") break;
      place.site.checker.usedDetectors.add(operand.id);
      return [operand.id];
    case "Measure":
      if (operand.unit === type.kind) return [operand.value];
      break;
    case "Instant":
      if (type.kind === "Time") return [operand.value];
      break;
    case "Constant":
      if (operand.isData && typeof operand.value === "string") {
        if (type.kind === "Enum") return memberOf(operand.value, type.members, subject, span, place);
        if (type.kind === "Label") return labelsOf(operand.value, span, place);
      }
      if (!holds(operand.value, type)) break;
      return against.isLiteral && textProblem(operand.value, type, subject, span, place) ? null : [operand.value];
    default:
  }
  const found = operand === null ? "a condition" : describeOperand(operand);
  const expected = describeType(type);
  report(place.site, typeMismatch(span, { expected, found, subject, hint: mismatchHint(operand, type) }));
  return null;
}

/** Whether a fact of one type may be compared with one of the other. */
export function isSameType(a: FactType, b: FactType): boolean {
  if (a.kind === "Enum" && b.kind === "Enum") return a.members.join() === b.members.join();
  if (a.kind === "List" && b.kind === "List") return isSameType(a.item, b.item);
  return a.kind === b.kind && (a.kind !== "Record" || a === b);
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
  if (type.kind === "Bytes") return "a size has a unit: `10 MB`, `64 KiB`";
  if (type.kind === "Duration") return "a span of time has a unit: `10s`, `30m`";
  if (type.kind === "Time") return "a point in time is written `2026-12-01T00:00Z`";
  if (operand?.kind === "Constant" && typeof operand.value === "string") {
    if (type.kind === "Enum" && type.members.includes(operand.value))
      return `write \`${operand.value}\` without quotes`;
    if (type.kind === "Label") return "a label is written without quotes";
  }
  if (operand?.kind === "Measure") return "it is a plain number: write it without a unit";
  return operand?.kind === "Group" ? "write `principal in GROUP` for membership" : null;
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
  const isRange = type.format === "ip" && value.includes("/");
  if (isRange)
    report(
      place.site,
      patternInEquality(span, { pattern: value, rewritten: `${subject} in cidr {"${value}"}`, isRange }),
    );
  if (isRange) return true;
  if (!value.includes("*")) return false;
  report(place.site, patternInEquality(span, { pattern: value, rewritten: `${subject} like "${value}"`, isRange }));
  return true;
}

/** Whether a set has members, and not too many. Reports HPL3007 and HPL6004. */
export function isRightSize({ members, span }: SetOperand, place: Place): boolean {
  if (members.length === 0) report(place.site, emptySet(span, {}));
  if (members.length > limits.set_members_max) report(place.site, setTooLarge(span, { members: members.length }));
  return members.length > 0 && members.length <= limits.set_members_max;
}

/** The constants of each member of `set`; null, and reported, when one has none. */
export function setConstantsOf(
  set: SetOperand,
  type: FactType,
  subject: string,
  place: Place,
): readonly (readonly Constant[])[] | null {
  return setConstantsAgainst(set, { type, subject, isLiteral: true }, place);
}

/** Like `setConstantsOf`, for an argument of a `define`. */
export function argumentSetConstants(set: SetOperand, type: FactType, name: string, place: Place) {
  return setConstantsAgainst(set, { type, subject: name, isLiteral: false }, place);
}

function setConstantsAgainst(set: SetOperand, against: Against, place: Place): readonly (readonly Constant[])[] | null {
  if (!isRightSize(set, place)) return null;
  const constants = set.members.map((member) => memberConstants(member, against, place));
  return constants.includes(null) ? null : constants.filter((found) => found !== null);
}

const memberConstants = (member: SetMember, against: Against, place: Place): readonly Constant[] | null =>
  member.kind === "written"
    ? constantsAgainst(member.expr, against, { ...member.place, site: place.site })
    : operandConstants(member.operand, against, member.span, place);

/** All of `constants` once, in order. */
export const distinct = (constants: readonly (readonly Constant[])[]): readonly Constant[] => [
  ...new Set(constants.flat()),
];

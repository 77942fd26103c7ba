import type { ExprOf } from "../../1-parse/ast.js";
import { badAddress, emptySet, setTooLarge, typeMismatch } from "../../diagnostics/catalog.js";
import { limits } from "../../source/limits.js";
import type { Span } from "../../source/source-file.js";
import type { CidrRange } from "../checked.js";
import { type Place, report } from "../site.js";
import { cidrRange } from "./cidr.js";
import { describeOperand } from "./describe.js";
import { memberOperand, namedOperandOf, type Operand } from "./operand.js";

/** `cidr {"10.0.0.0/8", people.networks}`: the ranges of all members. Reports HPL3015, and what is not text. */
export function cidrOperand(expr: ExprOf<"Cidr">, place: Place): Operand {
  const { members, span } = expr;
  if (members.length === 0) report(place.site, emptySet(span, {}));
  const operands = members.flatMap((member) => textsOf(namedOperandOf(member, place), member.span));
  if (operands.length > limits.set_members_max) report(place.site, setTooLarge(span, { members: operands.length }));
  const ranges = operands.map(({ operand, at }) => rangeOf(operand, at, place));
  if (members.length === 0 || ranges.includes(null)) return { kind: "Broken", span };
  return { kind: "Cidr", ranges: ranges.filter((range) => range !== null), span };
}

interface Member {
  readonly operand: Operand | null;
  readonly at: Span;
}

/** A set among the members stands for its own. */
function textsOf(operand: Operand | null, at: Span): readonly Member[] {
  if (operand?.kind !== "Set") return [{ operand, at }];
  return operand.members.map((member) => ({ operand: memberOperand(member), at: member.span }));
}

function rangeOf(operand: Operand | null, at: Span, place: Place): CidrRange | null {
  if (operand?.kind === "Broken") return null;
  if (operand?.kind === "Constant" && typeof operand.value === "string") {
    const output = cidrRange(operand.value);
    if (output.kind === "range") return output.range;
    report(
      place.site,
      badAddress(at, { text: operand.value.slice(0, 64), problem: output.problem, help: output.help }),
    );
    return null;
  }
  const found = operand === null ? "a condition" : describeOperand(operand);
  report(place.site, typeMismatch(at, { expected: "`cidr` takes text", found, subject: null }));
  return null;
}

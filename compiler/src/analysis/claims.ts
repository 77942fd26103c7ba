import type { Decision } from "@hpl/runtime/abi";
import type { CheckedLabel, Condition, Constant, FactPath } from "../3-check/checked.js";
import { holds } from "../4-lower/comparison.js";
import { matchesAny } from "../reference/condition.js";
import type { ApprovalClaims } from "./approval-claims.js";
import { allOf, anyOf, not, type Verdicts } from "./verdicts.js";

const span = { file: 0, start: 0, end: 0 };

/** What a claim about the verdict and the approvals says of the facts; null for one that speaks of masks. */
export function verdictClaim(claim: Condition, verdicts: Verdicts, approvals: ApprovalClaims): Condition | null {
  switch (claim.kind) {
    case "Constant":
      return claim;
    case "Not": {
      const operand = verdictClaim(claim.operand, verdicts, approvals);
      return operand && not(operand);
    }
    case "And":
    case "Or": {
      const operands = claim.operands.map((each) => verdictClaim(each, verdicts, approvals));
      const known = operands.filter((each) => each !== null);
      if (known.length < operands.length) return null;
      return { kind: claim.kind, operands: known, span };
    }
    case "Compare": {
      if (isQuorum(claim.path)) return approvals.quorum(claim.operator, Number(claim.value));
      if (claim.path.root !== "decision") return null;
      const is = decisionIs(claim.value, verdicts);
      return claim.operator === "!=" ? not(is) : is;
    }
    case "In":
      return claim.path.root === "decision" ? anyOf(claim.values.map((value) => decisionIs(value, verdicts))) : null;
    case "Has": {
      if (claim.list.root !== "approvals") return null;
      const asked = claim.values.map((group) => approvals.asks(String(group)));
      return claim.quantifier === "any" ? anyOf(asked) : allOf(asked);
    }
    default:
      return null;
  }
}

const isQuorum = ({ root, steps }: FactPath): boolean => root === "approvals" && steps[0] === "quorum";

function decisionIs(value: Constant, { isBlocked, isHeld }: Verdicts): Condition {
  if (value === "block") return isBlocked;
  return value === "allow" ? not(isHeld) : allOf([isHeld, not(isBlocked)]);
}

/** What a claim reads of a decision. */
type Claimed = Pick<Decision, "verdict" | "obligations" | "rules">;

/** Whether `claim` holds of `decision`; null where it reads what a decision does not say. */
export function claimHolds(claim: Condition, decision: Claimed, labels: readonly CheckedLabel[]): boolean | null {
  switch (claim.kind) {
    case "Constant":
      return claim.value;
    case "Not": {
      const operand = claimHolds(claim.operand, decision, labels);
      return operand === null ? null : !operand;
    }
    case "And":
    case "Or": {
      const operands = claim.operands.map((each) => claimHolds(each, decision, labels));
      const decisive = claim.kind === "Or";
      if (operands.includes(decisive)) return decisive;
      return operands.includes(null) ? null : !decisive;
    }
    case "Compare": {
      const value = scalarOf(claim.path.root, claim.path.steps, decision);
      return value === null ? null : holds(claim.operator, value, claim.value);
    }
    case "In": {
      const value = scalarOf(claim.path.root, claim.path.steps, decision);
      return value === null ? null : claim.values.includes(value);
    }
    case "Has": {
      const list = listOf(claim.list, decision, labels);
      const each = list && claim.values.map((value) => list.includes(String(value)));
      return each && (claim.quantifier === "any" ? each.some(Boolean) : each.every(Boolean));
    }
    default:
      return null;
  }
}

function scalarOf(root: unknown, steps: readonly string[], { verdict, obligations }: Claimed): Constant | null {
  if (root === "decision") return verdict;
  if (root !== "approvals" || steps[0] !== "quorum") return null;
  return obligations
    .flatMap((each) => (each.type === "approval" ? each.all : []))
    .reduce((sum, { count }) => sum + count, 0);
}

/** Who must approve, or the labels of the columns that are masked; null for what no claim reads. */
function listOf(
  { root, steps }: FactPath,
  { obligations }: Claimed,
  labels: readonly CheckedLabel[],
): readonly string[] | null {
  if (root === "approvals" && steps[0] === "groups")
    return obligations.flatMap((each) => (each.type === "approval" ? each.all.map(({ group }) => group) : []));
  if (root !== "masks") return null;
  const masked = obligations.flatMap((each) => (each.type === "mask" ? each.source : []));
  return labels.filter(({ columns }) => masked.some((source) => matchesAny(columns, source))).map(({ path }) => path);
}

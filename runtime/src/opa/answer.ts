import type { ApprovalObligation, ApproverCount, LimitObligation, Verdict } from "../abi/decision.js";
import { verdicts } from "../abi/decision.js";

/** What a Rego policy says of a request. */
export interface RegoAnswer {
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
  /** Present exactly when the verdict is approve. */
  readonly approval: Pick<ApprovalObligation, "all" | "within_s"> | null;
  readonly limits: readonly LimitObligation[];
  /** Whether an allow counts where facts are not certain. */
  readonly even_if_incomplete: boolean;
}

/** An answer, or why there is none. */
export type RegoResult =
  | { readonly kind: "answer"; readonly answer: RegoAnswer }
  | { readonly kind: "failure"; readonly why: string };

/** A decision is read by people: what is longer is a policy that prints its data. */
const REASONS_MAX = 100;
const REASON_LENGTH_MAX = 1_000;
/** The limits that the language puts on an approval. */
const APPROVERS_MAX = 100;
const WITHIN_S_MAX = 7 * 24 * 60 * 60;

/** Why a result cannot be read; thrown and caught in this file alone, so that no reader below can be forgotten. */
class Unreadable extends Error {}

type Json = Readonly<Record<string, unknown>>;

/** Reads what an evaluation returned: a result set, `[{"result": ..}]`. `actionsCount` is that of the request. Never throws. */
export function readRegoResult(resultSet: unknown, actionsCount: number): RegoResult {
  try {
    return { kind: "answer", answer: readAnswer(onlyResult(resultSet), actionsCount) };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { kind: "failure", why: error.message };
  }
}

function onlyResult(resultSet: unknown): unknown {
  if (!Array.isArray(resultSet)) throw new Unreadable("it returned no result set");
  if (resultSet.length === 0) throw new Unreadable("its result is undefined");
  if (resultSet.length > 1) throw new Unreadable("it has several results");
  return fieldsOf(resultSet[0], "the result set", ["result"]).result;
}

const plain = { reasons: [], approval: null, limits: [], even_if_incomplete: false };

function readAnswer(result: unknown, actionsCount: number): RegoAnswer {
  if (typeof result === "boolean") return { ...plain, verdict: result ? "allow" : "block" };
  const fields = fieldsOf(result, "result", ["verdict", "reasons", "approval", "obligations", "even_if_incomplete"]);
  const verdict = verdicts.find((each) => each === fields.verdict);
  if (verdict === undefined) throw new Unreadable("`verdict` is not allow, approve or block");
  const { even_if_incomplete = false } = fields;
  if (typeof even_if_incomplete !== "boolean") throw new Unreadable("`even_if_incomplete` is not true or false");
  const approval = fields.approval === undefined ? null : readApproval(fields.approval);
  if ((approval !== null) !== (verdict === "approve"))
    throw new Unreadable("`approval` goes with the verdict approve, and the verdict with it");
  return {
    verdict,
    reasons: fields.reasons === undefined ? [] : readReasons(fields.reasons),
    approval,
    limits: listOf(fields.obligations ?? [], "obligations").map((each) => readLimit(each, actionsCount)),
    even_if_incomplete,
  };
}

function readReasons(value: unknown): readonly string[] {
  const reasons = listOf(value, "reasons");
  if (reasons.length > REASONS_MAX) throw new Unreadable(`there are more than ${REASONS_MAX} reasons`);
  return reasons.map((reason) => {
    if (typeof reason === "string" && reason !== "" && reason.length <= REASON_LENGTH_MAX) return reason;
    throw new Unreadable(`a reason is not a text of 1 to ${REASON_LENGTH_MAX} characters`);
  });
}

function readApproval(value: unknown): RegoAnswer["approval"] {
  const { all, within_s } = fieldsOf(value, "approval", ["all", "within_s"]);
  const approvers = listOf(all, "approval.all").map(readApprovers);
  if (approvers.length === 0) throw new Unreadable("`approval.all` is empty");
  return { all: approvers, within_s: integerOf(within_s, "approval.within_s", 1, WITHIN_S_MAX) };
}

function readApprovers(value: unknown): ApproverCount {
  const { group, count } = fieldsOf(value, "approval.all", ["group", "count"]);
  if (typeof group !== "string" || group === "") throw new Unreadable("`approval.all` has no group");
  return { group, count: integerOf(count, "approval.all.count", 1, APPROVERS_MAX) };
}

const amounts = ["rows", "time_ms", "bytes"] as const;

function readLimit(value: unknown, actionsCount: number): LimitObligation {
  const fields = fieldsOf(value, "obligations", ["type", "action", ...amounts]);
  if (fields.type !== "limit") throw new Unreadable("an obligation is not of the type limit");
  const action = integerOf(fields.action, "obligations.action", 0, actionsCount - 1);
  const given = amounts.filter((name) => fields[name] !== undefined);
  if (given.length === 0) throw new Unreadable("a limit has no amount");
  const limited = given.map((name) => [
    name,
    integerOf(fields[name], `obligations.${name}`, 0, Number.MAX_SAFE_INTEGER),
  ]);
  return { type: "limit", action, ...Object.fromEntries(limited) };
}

function integerOf(value: unknown, name: string, min: number, max: number): number {
  if (Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max) return Number(value);
  throw new Unreadable(`\`${name}\` is not a whole number from ${min} to ${max}`);
}

function listOf(value: unknown, name: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new Unreadable(`\`${name}\` is not a list`);
}

/** The fields of an object. One that is not among `known` may be a misspelt restriction. */
function fieldsOf(value: unknown, name: string, known: readonly string[]): Json {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Unreadable(`\`${name}\` is not an object`);
  const stray = Object.keys(value).find((field) => !known.includes(field));
  if (stray !== undefined) throw new Unreadable(`\`${name}\` has the field \`${stray.slice(0, 100)}\``);
  return value as Json;
}

/**
 * Approvals: the life of one request for consent, as a pure state machine.
 *
 * In: a request bound to exactly one statement, then what people and time do. Out: the next state, or why a step is not
 * allowed. Rules that hold whatever the caller does: only people decide; nobody on their own request, nor on one an agent
 * made for them, whatever name they come under; one person counts once, for one group; a rationale is required; the first
 * rejection ends it; a time that has passed ends it as not run; an approval is used once, unless everybody who gave it gave it
 * for more: for statements of one shape, or for one session. Absent: clocks (`now` is given), storage, channels.
 */
import { isDeepStrictEqual } from "node:util";
import type { ApproverCount } from "@hpl/runtime";

export type ApprovalState = "pending" | "approved" | "rejected" | "expired" | "cancelled" | "used" | "revoked";

/**
 * What an approval is good for, within its time: the one run that was asked for; statements that differ from it in literals
 * alone, where these change no fact; or whatever the same rules ask for in the same session.
 */
export const approvalScopes = ["statement", "shape", "session"] as const;
export type ApprovalScope = (typeof approvalScopes)[number];

/** What an approval is for: nothing else may use it (DESIGN section 7). */
export interface ApprovalBinding {
  readonly principal: string;
  /** Who vouches for the principal: two issuers may know different people by one id. */
  readonly issuer: string;
  readonly on_behalf_of: string | null;
  readonly connection: string;
  readonly session: string;
  /** Rules that ask. */
  readonly rules: readonly string[];
  /** Hex SHA-256 of the exact bytes that are forwarded. */
  readonly statement_sha256: string;
  /** Hex SHA-256 of the parameters; the digest of none for a plain statement. */
  readonly parameters_sha256: string;
  /** Hex SHA-256 of the statement with its literals replaced and all its facts; of the exact one where facts are not certain. */
  readonly shape_sha256: string;
  /** Semantic digest of the policy that asked. */
  readonly policy_digest: string;
}

export interface ApprovalDecision {
  readonly user: string;
  readonly decision: "approve" | "reject";
  readonly reason: string;
  /** RFC 3339. */
  readonly at: string;
  /** Needed groups the person belongs to. */
  readonly groups: readonly string[];
  /** What the person agreed to; means nothing in a rejection. */
  readonly scope: ApprovalScope;
}

/** What a statement does, in short, for whoever decides on it. */
export interface FactsSummary {
  readonly kind: string;
  readonly effects: readonly string[];
  /** `schema.name` */
  readonly relations: readonly string[];
  readonly complete: boolean;
}

/** Where a rule stands. */
export interface RulePlace {
  readonly rule: string;
  readonly file: string;
  readonly line: number;
}

export interface Approval {
  readonly id: string;
  readonly state: ApprovalState;
  readonly binding: ApprovalBinding;
  /** The statement as the approver must see it. */
  readonly statement: string;
  readonly facts: readonly FactsSummary[];
  readonly places: readonly RulePlace[];
  readonly message: string;
  readonly needs: readonly ApproverCount[];
  readonly requested_at: string;
  readonly expires_at: string;
  readonly decisions: readonly ApprovalDecision[];
  /** What it is good for once it is approved. */
  readonly scope: ApprovalScope;
  /** How often it was used. */
  readonly uses: number;
}

/** Somebody who wants to decide. */
export interface Approver {
  /** Principal id: the one name under which a person is counted. */
  readonly user: string;
  /** Every other name of the same person, and of whoever they act for: logins, e-mail addresses. */
  readonly names: readonly string[];
  readonly kind: "human" | "agent" | "service";
  readonly groups: readonly string[];
}

/** Longest rationale, in characters: enough for a paragraph and a link. */
export const reasonLengthMax = 2_000;

/** A rationale is shown in terminals and sent in protocol messages: line breaks and tabs are its only controls. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused.
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/;

export type Step = { readonly ok: true; readonly approval: Approval } | { readonly ok: false; readonly why: string };

const refuse = (why: string): Step => ({ ok: false, why });

/** Adds one person's decision. */
export function decideApproval(
  approval: Approval,
  approver: Approver,
  decision: "approve" | "reject",
  reason: string,
  now: Date,
  scope: ApprovalScope = "statement",
): Step {
  const current = expireApproval(approval, now);
  if (current.state !== "pending") return refuse(`approval ${approval.id} is ${current.state}`);
  const objection = objectionTo(approval, approver, reason);
  if (objection !== null) return refuse(objection);
  const groups = neededGroupsOf(approval, approver);
  const made = { user: approver.user, decision, reason, at: now.toISOString(), groups, scope };
  const decisions = [...approval.decisions, made];
  const isDone = decision === "reject" || isSatisfied(approval.needs, decisions);
  const state = isDone ? (decision === "reject" ? "rejected" : "approved") : "pending";
  return { ok: true, approval: { ...approval, decisions, state, scope: scopeOf(decisions) } };
}

/** More than the one run counts only where everybody agreed to it. */
function scopeOf(decisions: readonly ApprovalDecision[]): ApprovalScope {
  const scopes = new Set(decisions.map(({ scope }) => scope));
  const [only = "statement"] = scopes;
  return scopes.size === 1 ? only : "statement";
}

function objectionTo(approval: Approval, approver: Approver, reason: string): string | null {
  if (isRequester(approval, approver)) return "nobody decides on a request of their own, or one made on their behalf";
  if (approver.kind !== "human") return "only people decide, not agents or services";
  if (neededGroupsOf(approval, approver).length === 0) return `only ${wordsOf(approval.needs)} may decide on this`;
  const objection = objectionToReason(reason);
  if (objection !== null) return objection;
  return approval.decisions.some(({ user }) => isNamed(approver, user)) ? "a person decides once" : null;
}

/** What is wrong with a rationale; null when nothing is. */
export function objectionToReason(reason: string): string | null {
  if (reason.trim() === "") return "a reason is required";
  if (reason.length > reasonLengthMax) return `the reason is longer than ${reasonLengthMax} characters`;
  return controls.test(reason) ? "the reason holds control characters" : null;
}

/** Whether somebody asked for this, or it was asked on their behalf, under any name of theirs. */
export function isRequester({ binding }: Approval, approver: Approver): boolean {
  const { principal, on_behalf_of } = binding;
  return isNamed(approver, principal) || (on_behalf_of !== null && isNamed(approver, on_behalf_of));
}

/** Names that people might take for one another are taken for the same: that only ever refuses. */
function isNamed(approver: Approver, name: string): boolean {
  const wanted = plainName(name);
  return [approver.user, ...approver.names].some((own) => plainName(own) === wanted);
}

const plainName = (name: string): string => name.normalize("NFKC").trim().toLowerCase();

/** Groups that are needed and that the person belongs to. */
export const neededGroupsOf = ({ needs }: Approval, { groups }: Approver): readonly string[] =>
  needs.map(({ group }) => group).filter((group) => groups.includes(group));

/** The approval as time leaves it. An approval that was given lapses too, when it is not used in time. */
export function expireApproval(approval: Approval, now: Date): Approval {
  const isOpen = approval.state === "pending" || approval.state === "approved";
  return isOpen && now.getTime() >= Date.parse(approval.expires_at) ? { ...approval, state: "expired" } : approval;
}

/** Uses an approval for a run. */
export function useApproval(approval: Approval, binding: ApprovalBinding, now: Date): Step {
  const current = expireApproval(approval, now);
  if (current.state !== "approved") return refuse(`approval ${approval.id} is ${current.state}`);
  if (!covers(current, binding)) return refuse(`approval ${approval.id} is for something else`);
  const state = current.scope === "statement" ? "used" : "approved";
  return { ok: true, approval: { ...current, state, uses: current.uses + 1 } };
}

/** Takes back what was given: by whoever may decide on it, or asked for it. */
export function revokeApproval(approval: Approval, by: Approver, reason: string, now: Date): Step {
  const current = expireApproval(approval, now);
  if (current.state !== "approved") return refuse(`approval ${approval.id} is ${current.state}`);
  const mayDecide = by.kind === "human" && neededGroupsOf(approval, by).length > 0;
  if (!mayDecide && !isRequester(approval, by)) return refuse(`only ${wordsOf(approval.needs)} may revoke this`);
  const objection = objectionToReason(reason);
  return objection === null ? { ok: true, approval: { ...current, state: "revoked" } } : refuse(objection);
}

/** The requester is gone, or does not want it any more. */
export const cancelApproval = (approval: Approval): Approval =>
  approval.state === "pending" ? { ...approval, state: "cancelled" } : approval;

export const sameBinding = (a: ApprovalBinding, b: ApprovalBinding): boolean =>
  a.principal === b.principal &&
  a.issuer === b.issuer &&
  a.on_behalf_of === b.on_behalf_of &&
  a.connection === b.connection &&
  a.statement_sha256 === b.statement_sha256 &&
  a.parameters_sha256 === b.parameters_sha256 &&
  a.policy_digest === b.policy_digest;

/** Whether an approval, by its scope, is for what `wanted` says. */
export function covers({ scope, binding }: Approval, wanted: ApprovalBinding): boolean {
  if (scope === "statement") return sameBinding(binding, wanted);
  const isSameAsker =
    binding.principal === wanted.principal &&
    binding.issuer === wanted.issuer &&
    binding.on_behalf_of === wanted.on_behalf_of &&
    binding.connection === wanted.connection &&
    binding.policy_digest === wanted.policy_digest &&
    isDeepStrictEqual(binding.rules, wanted.rules);
  if (!isSameAsker) return false;
  return scope === "shape" ? binding.shape_sha256 === wanted.shape_sha256 : binding.session === wanted.session;
}

/**
 * Whether the people who approved fill every seat, each of them one: a matching of seats to people (Kuhn's algorithm).
 * O(seats x people x groups).
 */
export function isSatisfied(needs: readonly ApproverCount[], decisions: readonly ApprovalDecision[]): boolean {
  const people = decisions.filter(({ decision }) => decision === "approve");
  const seats = needs.flatMap(({ group, count }) => Array.from({ length: count }, () => group));
  const seatOf = new Map<number, number>();
  const seat = (index: number, tried: Set<number>): boolean =>
    people.some((person, i) => {
      if (tried.has(i) || !person.groups.includes(seats[index] ?? "")) return false;
      tried.add(i);
      const taken = seatOf.get(i);
      if (taken !== undefined && !seat(taken, tried)) return false;
      seatOf.set(i, index);
      return true;
    });
  return seats.every((_, index) => seat(index, new Set()));
}

/** `2 of dba and 1 of security`. */
export const wordsOf = (needs: readonly ApproverCount[]): string =>
  needs.map(({ group, count }) => `${count} of ${group}`).join(" and ");

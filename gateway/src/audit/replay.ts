/**
 * Decides again what was decided, from the log alone.
 *
 * In: a log with its blobs. Out: for each decision whether the recorded module, asked again with the recorded facts, gives the
 * recorded decision byte for byte; or why it cannot be asked. The same engine decides as in the gateway. Nothing else is
 * looked at: no policy folder, no database, no clock. Absent: text; the facts are those that were read from it then.
 */
import { type Action, loadPolicy, type Policy } from "@hpl/runtime";
import { decisionDetail } from "../session/decision-event.js";
import { honour } from "../session/honour.js";
import { readBlob } from "./blobs.js";
import type { DecisionInputs, DecisionSubject } from "./decision-inputs.js";
import { type LoggedEvent, readEvent } from "./query.js";
import { linesOf } from "./segments.js";

export type Replayed =
  | { readonly kind: "same" }
  | { readonly kind: "different"; readonly recorded: string; readonly now: string }
  /** There was no policy: nothing was asked. */
  | { readonly kind: "no_policy" }
  | { readonly kind: "not_recorded"; readonly reason: string };

export interface ReplayedDecision {
  readonly event: LoggedEvent;
  readonly result: Replayed;
}

/** Decides every decision in the log again, in order. Memory: the facts in the log. Never throws for what is in the log. */
export async function* replayAuditLog(folder: string): AsyncGenerator<ReplayedDecision> {
  const known: Known = { facts: new Map(), modules: new Map(), policies: new Map() };
  for await (const { bytes, isWhole } of linesOf(folder)) {
    const event = isWhole ? readEvent(bytes) : null;
    if (event?.kind === "facts.seen") known.facts.set(event.detail.digest, event.detail.facts);
    if (event?.kind === "policy.loaded") known.modules.set(event.detail.digest, event.detail.module_sha256);
    if (event?.kind === "decision") yield { event, result: replay(folder, event, known) };
  }
}

/** What the log has told so far. */
interface Known {
  /** Facts by digest. */
  readonly facts: Map<string, unknown>;
  /** Digests of modules by the digest of what they mean. */
  readonly modules: Map<string, unknown>;
  /** Loaded policies by the digest of their module; null for one that cannot be loaded. */
  readonly policies: Map<string, Policy | null>;
}

/** What a client called itself is not in the log: rules on it are undecided. */
const unrecorded = { "?": "not_recorded" } as const;

function replay(folder: string, { detail }: LoggedEvent, known: Known): Replayed {
  if (detail.policy_digest === null) return { kind: "no_policy" };
  const inputs: DecisionInputs | undefined = detail.inputs ?? undefined;
  if (inputs === undefined) return missing("the event has no inputs");
  const policy = policyOf(folder, known.modules.get(detail.policy_digest), known);
  if (policy === null) return missing("the module is not beside the log");
  const subject = known.facts.get(inputs.subject ?? "") as DecisionSubject | undefined;
  const actions = known.facts.get(inputs.actions ?? "") as readonly Action[] | undefined;
  if (subject === undefined || actions === undefined) return missing("the facts are not in the log");
  const { in_transaction, grants, counters, now, zones } = inputs;
  const session = { ...subject.session, client: unrecorded, in_transaction, grants, counters };
  const { principal, connection } = subject;
  const request = {
    principal,
    connection,
    session,
    actions,
    ...(now === undefined ? {} : { now }),
    ...(zones === undefined ? {} : { zones }),
  };
  const [recorded, again] = [detail.decision, decisionDetail(honour(policy.decide(request), actions))].map((each) =>
    JSON.stringify(each),
  );
  if (recorded === undefined || again === undefined) return missing("the event has no decision");
  return recorded === again ? { kind: "same" } : { kind: "different", recorded, now: again };
}

const missing = (reason: string): Replayed => ({ kind: "not_recorded", reason });

function policyOf(folder: string, module: unknown, { policies }: Known): Policy | null {
  if (typeof module !== "string") return null;
  const before = policies.get(module);
  if (before !== undefined) return before;
  const bytes = readBlob(folder, module);
  const loaded = bytes === null ? null : loadPolicy(bytes);
  const policy = loaded?.ok ? loaded.policy : null;
  policies.set(module, policy);
  return policy;
}

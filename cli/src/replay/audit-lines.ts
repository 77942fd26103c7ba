import type { Action, Request } from "@hpl/runtime";
import type { Entry, Recorded, Skipped } from "./entry.js";

type Json = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What a client calls itself is not in the log: rules on it are undecided. */
const unrecorded = { "?": "not_recorded" } as const;

/**
 * Reads the lines of a gateway's audit log, one after the other: facts that decisions share stand in `facts.seen` events before
 * them. Gives an entry for a decision, why there is none, or null for an event of another kind.
 */
export function auditReader(): (json: unknown, line: number) => Entry | Skipped | null {
  const facts = new Map<unknown, unknown>();
  return (json, line) => {
    if (!isObject(json) || !isObject(json.detail)) return { line, reason: "no audit event" };
    const { kind, detail } = json;
    if (kind === "facts.seen") facts.set(detail.digest, detail.facts);
    return kind === "decision" ? readDecision(detail, line, facts) : null;
  };
}

function readDecision(detail: Json, line: number, facts: ReadonlyMap<unknown, unknown>): Entry | Skipped {
  const { inputs, statement } = detail;
  if (!isObject(inputs)) return { line, reason: "the event has no facts" };
  const { subject, actions, in_transaction, grants, counters, now, zones } = inputs;
  const [who, what] = [facts.get(subject), facts.get(actions)];
  if (!isObject(who) || !Array.isArray(what)) return { line, reason: "the facts are not in the file" };
  const recorded = readRecorded(detail.decision);
  if (recorded === null) return { line, reason: "the event has no decision" };
  const constants = isObject(who.session) ? who.session : {};
  const request = {
    principal: who.principal,
    connection: who.connection,
    session: { ...constants, client: unrecorded, in_transaction, grants, counters },
    ...(typeof now === "number" ? { now } : {}),
    ...(isObject(zones) ? { zones } : {}),
    actions: what as readonly Action[],
  } as unknown as Request;
  const text = isObject(statement) && typeof statement.text === "string" ? statement.text : null;
  const key = JSON.stringify([subject, actions, in_transaction, grants, counters, now, zones, recorded]);
  return { line, key, count: 1, text, question: { kind: "facts", request, actions: request.actions }, recorded };
}

function readRecorded(decision: unknown): Recorded | null {
  if (!isObject(decision)) return null;
  const { verdict, rules, masks } = decision;
  if (verdict !== "allow" && verdict !== "approve" && verdict !== "block") return null;
  return {
    verdict,
    rules: listOf(rules).flatMap(({ id }) => (typeof id === "string" ? [id] : [])),
    masks: listOf(masks).map(({ index, transform }) => ({ index: Number(index), transform: String(transform) })),
  };
}

const listOf = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.filter(isObject) : []);

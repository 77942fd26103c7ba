import { type Action, type Decision, isUnknown, itemsOf, type SqlFacts } from "@hpl/runtime";
import type { FactsSummary } from "../approvals/approval.js";
import type { DecisionInputs } from "../audit/decision-inputs.js";
import type { AuditEvent, Json } from "../audit/event.js";
import type { StatementDigests } from "./digests.js";
import type { SessionInfo } from "./enforcement.js";
import { connectionDetail, textOf } from "./session-events.js";

/** What is known of a decision when it is written down. */
export interface DecidedStatement {
  readonly decision_id: string;
  readonly session: SessionInfo;
  readonly digests: StatementDigests;
  /** The statement with its literals replaced; null when that could not be done. */
  readonly text: string | null;
  readonly actions: readonly Action[];
  readonly decision: Decision;
  /** Null without a policy. */
  readonly policy_digest: string | null;
  /** What it was decided from; null without a policy. */
  readonly inputs: DecisionInputs | null;
}

/** The audit event of a decision: who, on what, by which rules of which policy. Names and digests, never values. */
export function decisionEvent(decided: DecidedStatement): AuditEvent {
  const { decision_id, session, digests, text, actions, decision, policy_digest, inputs } = decided;
  return {
    kind: "decision",
    detail: {
      decision_id,
      session: session.id,
      principal: principalDetail(session),
      connection: connectionDetail(session),
      statement: { ...digests, text },
      facts: actions.map(factsDetail),
      decision: decisionDetail(decision),
      policy_digest,
      // Facts are JSON by their own schema.
      inputs: inputs as unknown as Json,
    },
  };
}

function principalDetail({ identity: { principal } }: SessionInfo) {
  const { id, kind, groups, on_behalf_of } = principal;
  const known = itemsOf(groups).flatMap((group) => (isUnknown(group) ? [] : [group]));
  return {
    id: textOf(id),
    kind: textOf(kind),
    groups: known,
    on_behalf_of: on_behalf_of === undefined ? null : textOf(on_behalf_of),
  };
}

/** The facts in short: enough to search and to count by. */
function factsDetail(action: Action) {
  if (action.opaque || action.family !== "sql") {
    return { family: action.family, complete: false, reasons: action.opaque ? action.reasons : [] };
  }
  const { kind, effects, complete, reasons } = action.facts;
  return {
    family: action.family,
    kind: textOf(kind),
    effects: textsOf(effects),
    relations: relationsOf(action.facts),
    complete: complete === true,
    reasons: textsOf(reasons),
  };
}

/** The facts as an approver reads them. */
export function summaryOf(action: Action): FactsSummary {
  if (action.opaque || action.family !== "sql") return { kind: "unknown", effects: [], relations: [], complete: false };
  const { kind, effects, complete } = action.facts;
  const relations = relationsOf(action.facts).map(({ schema, name }) => `${schema}.${name}`);
  return { kind: textOf(kind), effects: textsOf(effects), relations, complete: complete === true };
}

const textsOf = (list: Parameters<typeof itemsOf>[0]): readonly string[] => itemsOf(list).map(textOf);

function relationsOf({ relations }: SqlFacts) {
  return itemsOf(relations).flatMap((relation) =>
    isUnknown(relation)
      ? []
      : [{ schema: textOf(relation.schema), name: textOf(relation.name), access: textOf(relation.access) }],
  );
}

/** Obligations that are names and numbers, beside masks, which have their own list. A rewritten text has values in it. */
const logged: ReadonlySet<string> = new Set(["approval", "limit", "detect"]);

/** A decision as the log has it. The same decision gives the same JSON, byte for byte. */
export function decisionDetail(decision: Decision) {
  const { verdict, rules, obligations, complete, reasons, message, code } = decision;
  return {
    verdict,
    rules: rules.map(({ id, effect, certainty, span }) => ({
      id,
      effect,
      certainty,
      file: span.file,
      line: span.line,
    })),
    masks: obligations.flatMap((obligation) =>
      obligation.type === "mask"
        ? [
            {
              index: obligation.index,
              column: obligation.name,
              source: obligation.source,
              transform: obligation.transform,
              rule: obligation.rule,
            },
          ]
        : [],
    ),
    obligations: obligations.filter(({ type }) => logged.has(type)) as unknown as Json,
    complete,
    reasons,
    message,
    code: code ?? null,
  };
}

import { type Action, type Decision, isUnknown, itemsOf, type SqlFacts } from "@hpl/runtime";
import type { AuditEvent } from "../audit/event.js";
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
}

/** The audit event of a decision: who, on what, by which rules of which policy. Names and digests, never values. */
export function decisionEvent(decided: DecidedStatement): AuditEvent {
  const { decision_id, session, digests, text, actions, decision, policy_digest } = decided;
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

const textsOf = (list: Parameters<typeof itemsOf>[0]): readonly string[] => itemsOf(list).map(textOf);

function relationsOf({ relations }: SqlFacts) {
  return itemsOf(relations).flatMap((relation) =>
    isUnknown(relation)
      ? []
      : [{ schema: textOf(relation.schema), name: textOf(relation.name), access: textOf(relation.access) }],
  );
}

function decisionDetail(decision: Decision) {
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
    complete,
    reasons,
    message,
    code: code ?? null,
  };
}

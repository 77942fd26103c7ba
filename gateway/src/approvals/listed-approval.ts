import type { Approval } from "./approval.js";

/** An approval as the API and the command line list it, with what an approver wants to see beside. */
export function listEntry(approval: Approval) {
  const { id, state, binding, statement, facts, places, message, requested_at, expires_at, needs, decisions } =
    approval;
  const { principal, on_behalf_of, connection, rules } = binding;
  return {
    id,
    state,
    principal,
    on_behalf_of,
    connection,
    statement,
    facts,
    rule: rules[0] ?? "",
    rules,
    places,
    message,
    requested_at,
    expires_at,
    needs,
    decisions,
    scope: approval.scope,
    uses: approval.uses,
  };
}

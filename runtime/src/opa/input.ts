import type { Action, Family, Request } from "../facts/action.js";

/** What a Rego policy is asked: plain JSON, the same that a module of the OPA target takes. */
export interface RegoInput extends Omit<Request, "actions" | "assumed_catalog"> {
  readonly actions: readonly Readonly<Partial<Record<Family, object>>>[];
}

/** The input for `request`. Facts stay as they are: unknown ones are `{"?": reason}`, open lists `{"items", "open": true}`. */
export function regoInputOf(request: Request): RegoInput {
  const { principal, connection, session, now, zones, actions } = request;
  return {
    principal,
    connection,
    session,
    ...(now === undefined ? {} : { now }),
    ...(zones === undefined ? {} : { zones }),
    actions: actions.map((action) => ({ [action.family]: factsOf(action) })),
  };
}

const factsOf = (action: Action): object =>
  action.opaque ? { complete: false, reasons: action.reasons } : action.facts;

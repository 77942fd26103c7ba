import type { Decision, Obligation } from "../../src/abi/decision.js";
import type { Action, Request } from "../../src/facts/action.js";

const facts = {
  dialect: "postgres",
  kind: "select",
  effects: ["read"],
  relations: [{ schema: "public", name: "orders", access: "read", via: "from", resolved: true }],
  targets: [],
  columns: [{ name: "id", sources: ["public.orders.id"], exact: true }],
  columns_complete: true,
  predicate_columns: [],
  functions: [],
  complete: true,
  reasons: [],
} as const;

export const selectAction: Action = { family: "sql", opaque: false, facts };
export const incompleteAction: Action = { ...selectAction, facts: { ...facts, complete: false, reasons: ["dynamic"] } };
export const opaqueAction: Action = { family: "sql", opaque: true, reasons: ["parse_error"] };

export const requestOf = (...actions: readonly Action[]): Request => ({
  principal: { id: "ada", issuer: "static", kind: "human", groups: ["dba"], mfa: true },
  session: {
    id: "s1",
    ip: "127.0.0.1",
    client: "test",
    origin: "native",
    in_transaction: false,
    sandboxed: false,
    grants: [],
    counters: {},
  },
  connection: { name: "orders", kind: "postgres", database: "orders", env: "prod" },
  now: 1_795_000_000_000,
  actions,
});

/** A decision as HPL would have made it. */
export const decisionOf = (
  verdict: Decision["verdict"],
  obligations: readonly Obligation[] = [],
  more: Partial<Decision> = {},
): Decision => ({
  verdict,
  rules: [],
  obligations,
  complete: true,
  reasons: [],
  message: `HPL says ${verdict}`,
  fix: "HPL's fix",
  ...more,
});

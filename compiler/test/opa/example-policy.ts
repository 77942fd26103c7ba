import { loadPolicy, type Policy } from "@hpl/runtime";
import { compile, type Target } from "../../src/index.js";
import { type OpaPolicy, sdk } from "./decide-opa.js";

/** A policy with something of everything that a decision may hold. */
const text = `policy prod.databases governs sql for connection.env == prod
default block
group eng = "engineers"
group dba = "okta-dba-team"
label pii.email on column "**.email"
label pii.ssn on column "**.ssn"
window office = mon to fri 09:00 to 17:00 in "Europe/Berlin"

allow "engineers-read" when statement.effects only {read} and principal in eng
allow "engineers-change" after approval from 2 of dba within 30m
  when statement.effects only {read, write} and statement.effects has write and principal in eng
block "no-ddl" hard when statement.effects has any {create, drop, alter, truncate, grant} {
  why "Schema changes go through \\"the\\" pipeline.\\nÜber alles."
  fix "Open a pull request."
}
block "office-only" when not now in office
mask "personal-data" pii with redact
  but partial(keep_domain) on pii.email when principal.kind == human
limit "agents" when principal.kind == agent { rows 1_000 then stop  time 10s }
limit "all" { rows 2_000  time 5s  bytes 1 MB }
exception "INC-4312" to "office-only" when principal.id == "alice"
  until 2099-12-01T00:00Z reason "backfill" approved by "bob"
`;

export function compileExample(target: Target): Uint8Array<ArrayBuffer> {
  const { module, diagnostics } = compile({ sources: [{ path: "example.hpl", text }], libraries: [] }, target);
  if (module === null) throw new Error(JSON.stringify(diagnostics));
  return module;
}

export function openExample(): { readonly native: Policy; readonly opa: OpaPolicy } {
  const native = loadPolicy(compileExample("native"));
  if (!native.ok) throw new Error(native.failure.message);
  return { native: native.policy, opa: sdk.loadPolicySync(compileExample("opa")) };
}

/** A Wednesday noon in Berlin. */
const now = Date.UTC(2026, 10, 25, 11);

const select = {
  dialect: "postgres",
  kind: "select",
  effects: ["read"],
  relations: [{ schema: "public", name: "users", access: "read", via: "from", resolved: true }],
  targets: [],
  columns: [{ name: 'e\u00e9"\\', sources: ["public.users.email"], exact: true }],
  columns_complete: true,
  predicate_columns: [],
  functions: [],
  complete: true,
  reasons: [],
};

export const requestOf = (...actions: readonly object[]) => ({
  principal: { id: "svc", issuer: "static", kind: "agent", groups: ["engineers"], mfa: false },
  session: {
    id: "s1",
    ip: "10.1.2.3",
    client: "psql",
    origin: "cli",
    in_transaction: false,
    sandboxed: false,
    grants: [],
    counters: {},
  },
  connection: { name: "orders", kind: "postgres", env: "prod" },
  now,
  zones: { "Europe/Berlin": 60 },
  actions,
});

/** A statement that is allowed, with what it changes. */
export const selectWith = (changes: object): object => ({ sql: { ...select, ...changes } });
export const allowed = requestOf(selectWith({}));

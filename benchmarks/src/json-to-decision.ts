/** JSON to decision in a host of the Open Policy Agent: our module and, where one is named, a compiled Rego policy. */
import { readFileSync } from "node:fs";
import { compile } from "@hpl/compiler";
import { loadPolicy } from "@open-policy-agent/opa-wasm";
import { type Bench, expectSame, type Findings, type RunSize } from "./bench.js";
import { timeInTurns } from "./meter.js";
import { ratio } from "./report.js";

/** Names a compiled Rego policy: entrypoint `authz/allow`, data and input as `benchmarks/README.md` says. */
const OPA_WASM_VARIABLE = "HPL_OPA_WASM";

export const jsonToDecision: Bench = {
  name: "json-to-decision",
  question: "What does a decision cost in a host of OPA, JSON in and JSON out, with the SDK from npm?",
  goal: "700 bytes of input: no more than OPA takes for as many.",
  worst_case: "All of the input is looked at, whatever the rules ask of it.",
  run,
};

const policyText = `policy bench.databases governs sql for connection.env == prod
default block
group engineers
allow "engineers-read" when statement.effects only {read} and principal in engineers
block "no-ddl" hard when statement.effects has any {create, drop, alter, truncate, grant}
block "no-unbounded-change"
  when any t in statement.targets where (t.change in {update, delete} and not t.restricted)
limit "agents" when principal.kind == agent { rows 1_000 then stop  time 10s }
`;

/** A SELECT by an agent, 684 bytes of JSON. */
const request = {
  principal: {
    id: "svc-coder",
    issuer: "static",
    kind: "agent",
    groups: ["engineers", "backend", "oncall"],
    mfa: false,
  },
  session: {
    ...{ id: "s1", ip: "10.1.2.3", client: "psql", origin: "cli" },
    ...{ in_transaction: false, sandboxed: false, grants: [], counters: {} },
  },
  connection: { name: "orders", kind: "postgres", env: "prod" },
  now: 1_790_000_000_000,
  actions: [
    {
      sql: {
        ...{ dialect: "postgres", kind: "select", effects: ["read"] },
        relations: [{ schema: "public", name: "orders", access: "read", via: "from", resolved: true }],
        targets: [],
        columns: [{ name: "id", sources: ["public.orders.id"], exact: true }],
        ...{ columns_complete: true, predicate_columns: [], functions: [], complete: true, reasons: [] },
      },
    },
  ],
};

async function run(size: RunSize): Promise<Findings> {
  const calls = { ...(await hplCalls()), ...(await regoCalls()) };
  const times = await timeInTurns<string>(size, calls);
  const base_ns = times["hpl, object"]?.p50_ns ?? Number.NaN;
  const rows = Object.entries(times).map(([name, { p50_ns }]) => [name, p50_ns / 1_000, ratio(p50_ns, base_ns)]);
  const rego_ns = times["opa, object"]?.p50_ns;
  return {
    tables: [
      { title: `One request of ${JSON.stringify(request).length} bytes, p50`, columns: ["call", "µs", "to hpl"], rows },
    ],
    goals: [
      {
        what: "JSON to decision, beside a Rego policy",
        goal: "1 x",
        found: rego_ns === undefined ? "no Rego policy named" : ratio(base_ns, rego_ns),
        is_met: rego_ns === undefined ? null : base_ns <= rego_ns,
      },
    ],
    notes: [
      "`object`: the SDK writes the JSON. `bytes`: the JSON is at hand. The decision is read as JSON either way.",
      "The Rego policy is given the same request with its own three fields beside, looks at those alone, and returns true.",
    ],
  };
}

type Calls = Readonly<Record<string, () => unknown>>;

async function hplCalls(): Promise<Calls> {
  const { module } = compile({ sources: [{ path: "bench.hpl", text: policyText }], libraries: [] }, "opa");
  if (module === null) throw new Error("the policy has errors");
  const policy = await loadPolicy(module);
  const bytes = bytesOf(request);
  for (const input of [request, bytes]) {
    const [{ result }] = policy.evaluate(input);
    const rules: readonly string[] = result.rules.map(({ id }: { id: string }) => id);
    expectSame(
      "the decision",
      [result.verdict, rules],
      ["allow", ["bench.databases/agents", "bench.databases/engineers-read"]],
    );
  }
  return { "hpl, object": () => policy.evaluate(request), "hpl, bytes": () => policy.evaluate(bytes) };
}

/** None when no compiled policy is named: Rego cannot be compiled from npm. */
async function regoCalls(): Promise<Calls> {
  const path = process.env[OPA_WASM_VARIABLE];
  if (path === undefined || path === "") return {};
  const policy = await loadPolicy(readFileSync(path), { initial: 50, maximum: 1_000 });
  policy.setData(regoData);
  const input = { user: "u1", action: "read", object: "orders", ...request };
  const bytes = bytesOf(input);
  for (const each of [input, bytes]) expectSame("the Rego policy", policy.evaluate(each), [{ result: true }]);
  return {
    "opa, object": () => policy.evaluate(input),
    "opa, bytes": () => policy.evaluate(bytes),
  };
}

/** As in `grants/opa.ts`: one compiled policy serves both benchmarks. */
const regoData = {
  user_roles: { u1: ["engineers"] },
  role_permissions: { engineers: [{ action: "read", object: "orders" }] },
};

const bytesOf = (json: object): ArrayBuffer => new TextEncoder().encode(JSON.stringify(json)).buffer;

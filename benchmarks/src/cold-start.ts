import { loadPolicy, type SqlFacts } from "@hpl/runtime";
import { shopContext } from "./texts/shop.js";

/** Milliseconds from the bytes of a module to its first decision, and what that decision was. */
export interface ColdStart {
  readonly load_ms: number;
  readonly first_decision_ms: number;
  readonly verdict: string;
}

const facts: SqlFacts = {
  dialect: "postgres",
  kind: "select",
  effects: ["read"],
  relations: [{ schema: "public", name: "area0_parts", access: "read", via: "from", resolved: true }],
  targets: [],
  columns: [{ name: "id", sources: ["public.area0_parts.id"], exact: true }],
  columns_complete: true,
  predicate_columns: [],
  functions: [],
  identifiers: ["id", "area0_parts"],
  estimate: { rows: 1, bytes: 1 },
  complete: true,
  reasons: [],
};

/** Loads and decides once. In a process that has loaded the same bytes before, WebAssembly code is shared and this flatters. */
export function coldStart(bytes: Uint8Array<ArrayBuffer>): ColdStart {
  const principal = { ...shopContext.principal, groups: ["team0"] };
  const request = { ...shopContext, principal, actions: [{ family: "sql", opaque: false, facts }] } as const;
  const started = performance.now();
  const loaded = loadPolicy(bytes);
  const isLoaded = performance.now();
  if (!loaded.ok) throw new Error(loaded.failure.message);
  const { verdict } = loaded.policy.decide(request);
  return { load_ms: isLoaded - started, first_decision_ms: performance.now() - isLoaded, verdict };
}

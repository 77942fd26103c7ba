import type { EngineFile } from "./engine.js";
import type { Grants } from "./grants.js";

/** An engine of the comparison. Its file is imported when it is wanted: how long that takes is one of the figures. */
export interface EngineEntry {
  readonly name: string;
  readonly load: () => Promise<EngineFile>;
  /** More rules than this take too long to wait for. */
  readonly rules_max: number;
  readonly sorts: readonly Grants["sort"][];
}

/** Names the compiled policy: data and input as in `opa.ts`. `benchmarks/README.md` says how to make one. */
export const OPA_WASM_VARIABLE = "HPL_OPA_WASM";

const both = ["plain", "realistic"] as const;
const hasOpa = (process.env[OPA_WASM_VARIABLE] ?? "") !== "";

/** The row of facts that the session has decided on before. */
export const SEEN = "hpl, facts seen";

export const engines: readonly EngineEntry[] = [
  { name: "hpl", load: () => import("./hpl.js"), rules_max: Number.POSITIVE_INFINITY, sorts: both },
  { name: SEEN, load: () => import("./hpl-seen.js"), rules_max: Number.POSITIVE_INFINITY, sorts: both },
  { name: "closures", load: () => import("./closures.js"), rules_max: Number.POSITIVE_INFINITY, sorts: both },
  { name: "json-logic", load: () => import("./json-logic.js"), rules_max: Number.POSITIVE_INFINITY, sorts: both },
  { name: "casbin", load: () => import("./casbin.js"), rules_max: Number.POSITIVE_INFINITY, sorts: both },
  { name: "cedar, preparsed", load: () => import("./cedar.js"), rules_max: Number.POSITIVE_INFINITY, sorts: both },
  { name: "cedar, plain", load: () => import("./cedar-plain.js"), rules_max: 1_000, sorts: ["plain"] },
  // A compiled policy finds exact names in its data, and there is nothing at hand to compile another one with.
  { name: "opa", load: () => import("./opa.js"), rules_max: Number.POSITIVE_INFINITY, sorts: hasOpa ? ["plain"] : [] },
];

export const enginesFor = ({ sort, rules }: Grants): readonly EngineEntry[] =>
  engines.filter(({ sorts, rules_max }) => sorts.includes(sort) && rules.length <= rules_max);

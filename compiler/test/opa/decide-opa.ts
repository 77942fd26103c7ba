import { createRequire } from "node:module";
import type { Decision } from "@hpl/runtime/abi";

/** The part of the npm SDK that the tests use; its own types do not fit an ESM project. */
interface OpaSdk {
  loadPolicySync(module: Uint8Array, memory?: number | WebAssembly.MemoryDescriptor): OpaPolicy;
  loadPolicy(module: Uint8Array, memory?: number | WebAssembly.MemoryDescriptor): Promise<OpaPolicy>;
}

export interface OpaPolicy {
  readonly entrypoints: Readonly<Record<string, number>>;
  readonly mem: WebAssembly.Memory;
  readonly wasmInstance: WebAssembly.Instance;
  evaluate(input: unknown, entrypoint?: string | number): readonly { readonly result: Decision }[];
  setData(data: object | ArrayBuffer): void;
}

export const sdk = createRequire(import.meta.url)("@open-policy-agent/opa-wasm") as OpaSdk;

/** The decision on `input`, which is JSON already when it is text or bytes. */
export function decideOpa(policy: OpaPolicy, input: unknown): Decision {
  const text = typeof input === "string" ? new TextEncoder().encode(input) : input;
  const given = text instanceof Uint8Array ? text.slice().buffer : text;
  const results = policy.evaluate(given);
  if (results.length !== 1 || results[0] === undefined) throw new Error(`not one result: ${JSON.stringify(results)}`);
  return results[0].result;
}

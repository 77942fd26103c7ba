import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { Request } from "../facts/action.js";
import { type RegoResult, readRegoResult } from "./answer.js";
import { regoInputOf } from "./input.js";

export interface RegoOptions {
  /** Name of the rule that decides, as `opa build -e` was given it: `authz/allow`. */
  readonly entrypoint: string;
  /** The policy's `data`, plain JSON. */
  readonly data?: object;
  /** Most memory the module may take, in pages of 64 KiB. An input that needs more is block. */
  readonly pages_max?: number;
}

/** A Rego policy, loaded. Holds its own memory: ask it on one thread at a time. */
export interface RegoPolicy {
  readonly entrypoint: string;
  /** Hex SHA-256 of the module, the entrypoint and the data: all that its answers depend on. */
  readonly digest: string;
  /** Total: whatever goes wrong is a failure. */
  ask(request: Request): RegoResult;
}

/** Why a Rego policy was refused. */
export interface RegoFailure {
  readonly code: "HPL7030";
  readonly message: string;
}

export type RegoLoaded =
  | { readonly ok: true; readonly policy: RegoPolicy }
  | { readonly ok: false; readonly failure: RegoFailure };

/** The part of the library that is used. */
interface Library {
  loadPolicySync(
    module: WebAssembly.Module,
    memory: { readonly initial: number; readonly maximum: number },
  ): LibraryPolicy;
}
interface LibraryPolicy {
  readonly entrypoints: Readonly<Record<string, number>>;
  evaluate(input: object, entrypoint: string): unknown;
  setData(data: object): void;
}

/** Every module since ABI 1.1 says its version so; the library only warns of one that does not. */
const versions = ["opa_wasm_abi_version", "opa_wasm_abi_minor_version"];

/** Room for the data segments of the modules that `opa build` makes, which do not start with less than they need. */
const PAGES_INITIAL = 64;
const PAGES_MAX = 1_024;

/**
 * Loads a Rego policy compiled to WebAssembly; never throws. Cost: a few milliseconds, for a module of OPA's holds OPA's whole
 * runtime.
 */
export async function loadRego(bytes: Uint8Array<ArrayBuffer>, options: RegoOptions): Promise<RegoLoaded> {
  const { entrypoint, data = {}, pages_max = PAGES_MAX } = options;
  try {
    const library = await importLibrary();
    const module = new WebAssembly.Module(bytes);
    const exported = new Set(WebAssembly.Module.exports(module).map(({ name }) => name));
    if (!versions.every((name) => exported.has(name)))
      return failed("this is not a Rego policy compiled to WebAssembly");
    // A copy: the digest stands for the data of now, and whoever gave it may change it.
    const dataText = JSON.stringify(data);
    const open = (): LibraryPolicy => {
      const policy = library.loadPolicySync(module, {
        initial: Math.min(PAGES_INITIAL, pages_max),
        maximum: pages_max,
      });
      policy.setData(JSON.parse(dataText));
      return policy;
    };
    const { entrypoints } = open();
    if (!Object.hasOwn(entrypoints, entrypoint)) return failed(missingEntrypoint(entrypoint, Object.keys(entrypoints)));
    return {
      ok: true,
      policy: { entrypoint, digest: digestOf(bytes, entrypoint, dataText), ask: asker(open, entrypoint) },
    };
  } catch (error) {
    return failed(`the Rego policy cannot be loaded: ${textOf(error)}`);
  }
}

const failed = (message: string): RegoLoaded => ({ ok: false, failure: { code: "HPL7030", message } });

const missingEntrypoint = (entrypoint: string, known: readonly string[]): string =>
  `the Rego policy has no entrypoint \`${entrypoint}\`; it has ${known.map((name) => `\`${name}\``).join(", ") || "none"}`;

async function importLibrary(): Promise<Library> {
  try {
    // Its own types name those of a browser, which this package does not have.
    const imported: unknown = await import("@open-policy-agent/opa-wasm");
    return (imported as { readonly default: Library }).default;
  } catch {
    throw new Error("npm `@open-policy-agent/opa-wasm` is not installed");
  }
}

/**
 * One evaluation after the other on one instance. After a failure the next request gets a fresh one: a module that was
 * stopped half-way may have left its own memory in any state.
 */
function asker(open: () => LibraryPolicy, entrypoint: string): RegoPolicy["ask"] {
  let ready: LibraryPolicy | null = null;
  return (request) => {
    try {
      const policy = ready ?? open();
      ready = null;
      const resultSet = policy.evaluate(regoInputOf(request), entrypoint);
      ready = policy;
      return readRegoResult(resultSet, request.actions.length);
    } catch (error) {
      return { kind: "failure", why: textOf(error) };
    }
  };
}

function digestOf(bytes: Uint8Array, entrypoint: string, dataText: string): string {
  const rest = new TextEncoder().encode(JSON.stringify([entrypoint, dataText]));
  return bytesToHex(sha256(Uint8Array.from([...sha256(bytes), ...sha256(rest)])));
}

/** The library throws texts, objects with a message, and errors; the engine of JavaScript throws errors. */
function textOf(error: unknown): string {
  const message = typeof error === "object" && error !== null && "message" in error ? error.message : error;
  return String(message).slice(0, 200);
}

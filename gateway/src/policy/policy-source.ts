/**
 * The policy in force.
 *
 * In: a path, and a compiler handed in by the host. Out: the policy that decides now, or why there is none; then every
 * statement is blocked with that reason. A policy with errors never replaces a good one, nor does one whose coming could
 * not be written to the audit log. The path need not exist yet. Absent: bundles, signatures, versions.
 */
import { existsSync, readFileSync } from "node:fs";
import { type Detectors, loadPolicy, openDetectors, type Policy } from "@hpl/runtime";
import { followFiles } from "./follow-files.js";
import { missingKeys } from "./missing-keys.js";

/** Compiles a policy at a path. Given by the host: the gateway has no compiler. `findings` is text for a person. */
export type CompilePolicy = (path: string) => CompiledPolicy;

/** `data_paths`: files beside the sources that the policy reads, whether they are there or not. */
export type CompiledPolicy = { readonly data_paths: readonly string[] } & (
  | { readonly ok: true; readonly module: Uint8Array<ArrayBuffer> }
  | { readonly ok: false; readonly findings: string }
);

/** The policy in force, or why there is none; the reason is told to clients and quotes nothing. */
export type PolicyInForce =
  | { readonly kind: "loaded"; readonly policy: Policy; readonly detectors: Detectors }
  | { readonly kind: "none"; readonly reason: string };

export interface PolicySource {
  current(): PolicyInForce;
  /** Compiles again. When that fails, or `onReload` throws, what was in force stays, and the result says why. */
  reload(): ReloadResult;
  close(): void;
}

export type ReloadResult =
  | { readonly ok: true; readonly digest: string; readonly isNew: boolean }
  | { readonly ok: false; readonly reason: string; readonly findings: string };

export interface PolicySourceOptions {
  readonly path: string;
  readonly compile: CompilePolicy;
  /** Names of the keys that transforms may take; a policy that names another does not come into force. */
  readonly keys: ReadonlySet<string>;
  /** Told of every attempt to load, the first included, before it counts; null without a module. Throws to keep a policy from counting. */
  readonly onReload: (result: ReloadResult, module: Uint8Array | null) => void;
}

/**
 * Opens the policy at `path`, a `.hpl` file, a folder, or a `.wasm` module, and follows its changes. Throws only what
 * `onReload` throws at the first attempt.
 */
export function openPolicySource(options: PolicySourceOptions): PolicySource {
  const { path, keys, onReload } = options;
  let inForce: PolicyInForce = { kind: "none", reason: "no policy has been loaded" };
  let dataPaths: readonly string[] = [];
  const compile = (): CompiledPolicy => {
    const compiled = path.endsWith(".wasm") ? readModule(path) : options.compile(path);
    dataPaths = compiled.data_paths;
    return compiled;
  };
  const attempt = (): ReloadResult => {
    const loaded = loadFrom(path, compile, keys);
    if (!loaded.ok) {
      if (inForce.kind === "none") inForce = { kind: "none", reason: loaded.reason };
      onReload(loaded, null);
      return loaded;
    }
    const { policy, detectors, bytes } = loaded;
    const isNew = inForce.kind === "none" || inForce.policy.digest !== policy.digest;
    const result: ReloadResult = { ok: true, digest: policy.digest, isNew };
    onReload(result, bytes);
    inForce = { kind: "loaded", policy, detectors };
    return result;
  };
  let isRecorded = false;
  const reload = (): ReloadResult => {
    isRecorded = false;
    try {
      const result = attempt();
      isRecorded = true;
      return result;
    } catch (error) {
      return refused("the policy could not be loaded", error instanceof Error ? error.message : String(error));
    }
  };
  // Followed before it is read: a change in between is seen.
  const stopFollowing = followFiles(
    path,
    () => dataPaths,
    () => {
      reload();
      return isRecorded;
    },
  );
  try {
    attempt();
  } catch (error) {
    stopFollowing();
    throw error;
  }
  return { current: () => inForce, reload, close: stopFollowing };
}

type Refused = Extract<ReloadResult, { ok: false }>;
type Loaded =
  | { readonly ok: true; readonly policy: Policy; readonly detectors: Detectors; readonly bytes: Uint8Array }
  | Refused;

const refused = (reason: string, findings: string): Refused => ({ ok: false, reason, findings });

const unusable = ({ code, message }: { readonly code: string; readonly message: string }): Refused =>
  refused("the policy module cannot be used", `error[${code}]: ${message}`);

function loadFrom(path: string, compile: () => CompiledPolicy, keys: ReadonlySet<string>): Loaded {
  if (!existsSync(path)) return refused("the policy is missing", `there is no ${path}`);
  const module = compile();
  if (!module.ok) return refused("the policy has errors", module.findings);
  const loaded = loadPolicy(module.module);
  if (!loaded.ok) return unusable(loaded.failure);
  const missing = missingKeys(loaded.policy, keys);
  if (missing !== null) return refused("the policy needs a key that is not there", missing);
  const opened = openDetectors(module.module);
  if (!opened.ok) return unusable(opened.failure);
  return { ok: true, policy: loaded.policy, detectors: opened.detectors, bytes: module.module };
}

function readModule(path: string): CompiledPolicy {
  try {
    return { ok: true, module: new Uint8Array(readFileSync(path)), data_paths: [] };
  } catch (error) {
    return { ok: false, findings: error instanceof Error ? error.message : String(error), data_paths: [] };
  }
}

/**
 * A policy on disk.
 *
 * In: a path, and a compiler handed in by the host. Out: the policy there, put in force and followed. A policy with errors never
 * replaces a good one. The path need not exist yet. Absent: bundles and signatures, which have a folder of their own.
 */
import { existsSync, readFileSync } from "node:fs";
import { followFiles } from "./follow-files.js";
import { type OnReload, openPolicySlot, type PolicySource, type ReloadResult, refused } from "./in-force.js";

/** Compiles a policy at a path. Given by the host: the gateway has no compiler. `findings` is text for a person. */
export type CompilePolicy = (path: string) => CompiledPolicy;

/** `data_paths`: files beside the sources that the policy reads, whether they are there or not. */
export type CompiledPolicy = { readonly data_paths: readonly string[] } & (
  | { readonly ok: true; readonly module: Uint8Array<ArrayBuffer> }
  | { readonly ok: false; readonly findings: string }
);

/** A source that is read at once. */
export interface FilePolicySource extends PolicySource {
  /** Compiles again. When that fails, or `onReload` throws, what was in force stays, and the result says why. */
  reload(): ReloadResult;
}

export interface PolicySourceOptions {
  readonly path: string;
  readonly compile: CompilePolicy;
  /** Names of the keys that transforms may take; a policy that names another does not come into force. */
  readonly keys: ReadonlySet<string>;
  readonly onReload: OnReload;
}

/**
 * Opens the policy at `path`, a `.hpl` file, a folder, or a `.wasm` module, and follows its changes. Throws only what
 * `onReload` throws at the first attempt.
 */
export function openPolicySource(options: PolicySourceOptions): FilePolicySource {
  const { path } = options;
  const slot = openPolicySlot(options);
  let dataPaths: readonly string[] = [];
  const attempt = (): ReloadResult => {
    if (!existsSync(path)) return slot.refuse(refused("the policy is missing", `there is no ${path}`));
    const compiled = path.endsWith(".wasm") ? readModule(path) : options.compile(path);
    dataPaths = compiled.data_paths;
    if (!compiled.ok) return slot.refuse(refused("the policy has errors", compiled.findings));
    return slot.offer({ module: compiled.module, sources: null, bundle: null });
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
  return { current: slot.current, reload, bundle: () => null, close: stopFollowing };
}

function readModule(path: string): CompiledPolicy {
  try {
    return { ok: true, module: new Uint8Array(readFileSync(path)), data_paths: [] };
  } catch (error) {
    return { ok: false, findings: error instanceof Error ? error.message : String(error), data_paths: [] };
  }
}

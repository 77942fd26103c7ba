import { readFileSync, statSync, watch } from "node:fs";
import { loadPolicy, type Policy } from "@hpl/runtime";

/** Compiles a policy at a path. Given by the host: the gateway has no compiler. `findings` is text for a person. */
export type CompilePolicy = (
  path: string,
) =>
  | { readonly ok: true; readonly module: Uint8Array<ArrayBuffer> }
  | { readonly ok: false; readonly findings: string };

/** The policy in force, or why there is none; then every statement is blocked with that reason. */
export type PolicyInForce =
  | { readonly kind: "loaded"; readonly policy: Policy }
  | { readonly kind: "none"; readonly reason: string };

export interface PolicySource {
  current(): PolicyInForce;
  /** Compiles again. A policy with errors never replaces a good one: then the old one stays, and the result says why. */
  reload(): ReloadResult;
  close(): void;
}

export type ReloadResult =
  | { readonly ok: true; readonly digest: string; readonly isNew: boolean }
  | { readonly ok: false; readonly findings: string };

export interface PolicySourceOptions {
  readonly path: string;
  readonly compile: CompilePolicy;
  /** Told of every attempt to load, the first included. */
  readonly onReload: (result: ReloadResult) => void;
}

/** Quiet time after the last change of a file before the policy is compiled again: editors write in several steps. */
const settle_ms = 200;

/** Opens the policy at `path`, a `.hpl` file, a folder, or a `.wasm` module, and follows its changes. */
export function openPolicySource(options: PolicySourceOptions): PolicySource {
  let inForce: PolicyInForce = { kind: "none", reason: "no policy has been loaded" };
  const reload = (): ReloadResult => {
    const result = loadFrom(options.path, options.compile);
    if (!result.ok) {
      if (inForce.kind === "none") inForce = { kind: "none", reason: `the policy at ${options.path} cannot be loaded` };
      options.onReload(result);
      return result;
    }
    const isNew = inForce.kind === "none" || inForce.policy.digest !== result.policy.digest;
    inForce = { kind: "loaded", policy: result.policy };
    const loaded: ReloadResult = { ok: true, digest: result.policy.digest, isNew };
    options.onReload(loaded);
    return loaded;
  };
  reload();
  const stopWatching = watchPolicy(options.path, reload);
  return { current: () => inForce, reload, close: stopWatching };
}

type Loaded = { readonly ok: true; readonly policy: Policy } | { readonly ok: false; readonly findings: string };

function loadFrom(path: string, compile: CompilePolicy): Loaded {
  const module = path.endsWith(".wasm") ? readModule(path) : compile(path);
  if (!module.ok) return module;
  const loaded = loadPolicy(module.module);
  if (loaded.ok) return loaded;
  return { ok: false, findings: `error[${loaded.failure.code}]: ${loaded.failure.message}` };
}

function readModule(path: string): ReturnType<CompilePolicy> {
  try {
    return { ok: true, module: new Uint8Array(readFileSync(path)) };
  } catch (error) {
    return { ok: false, findings: error instanceof Error ? error.message : String(error) };
  }
}

/** Calls `reload` a little after each change below `path`. A path that cannot be watched is read only when asked. */
function watchPolicy(path: string, reload: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const changed = (_event: string, name: string | null): void => {
    if (name !== null && !/\.(hpl|wasm|json)$/.test(name)) return;
    clearTimeout(timer);
    timer = setTimeout(reload, settle_ms);
    timer.unref();
  };
  try {
    const watcher = watch(path, { recursive: statSync(path).isDirectory(), persistent: false }, changed);
    watcher.on("error", () => watcher.close());
    return () => {
      clearTimeout(timer);
      watcher.close();
    };
  } catch {
    return () => clearTimeout(timer);
  }
}

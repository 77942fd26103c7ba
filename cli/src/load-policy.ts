import { readFileSync } from "node:fs";
import { type CheckedPolicy, compile, renderDiagnostics, type Target } from "@hpl/compiler";
import { loadPolicy, type Policy } from "@hpl/runtime";
import { CommandFailure, exitCode } from "./exit-code.js";
import { readPolicyFiles } from "./policy-files.js";

/** A policy compiled from its sources, with the tree it was compiled from. */
export interface CompiledSources {
  readonly checked: CheckedPolicy;
  readonly module: Uint8Array<ArrayBuffer>;
}

/** Compiles the policy at `paths` for `target`; fails with its findings when it has errors. */
export function compileSources(paths: readonly string[], colors: boolean, target: Target = "native"): CompiledSources {
  const files = readPolicyFiles(paths);
  const { policy, module, diagnostics } = compile(files, target);
  if (policy !== null && module !== null) return { checked: policy, module };
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  throw new CommandFailure(
    renderDiagnostics(errors, [...files.sources, ...files.libraries], { colors }),
    exitCode.findings,
  );
}

export const compilePolicy = (paths: readonly string[], colors: boolean): Uint8Array<ArrayBuffer> =>
  compileSources(paths, colors).module;

/** The module at `path`: a `.wasm` as it is, anything else compiled. */
export function readModule(path: string, colors: boolean): Uint8Array<ArrayBuffer> {
  if (!path.endsWith(".wasm")) return compilePolicy([path], colors);
  try {
    return new Uint8Array(readFileSync(path));
  } catch {
    throw new CommandFailure(`there is no ${path}`);
  }
}

/** The policy at `path`, ready to decide. */
export function openPolicy(path: string, colors: boolean): Policy {
  const loaded = loadPolicy(readModule(path, colors));
  if (loaded.ok) return loaded.policy;
  throw new CommandFailure(`error[${loaded.failure.code}]: ${loaded.failure.message}`, exitCode.findings);
}

import { readFileSync } from "node:fs";
import { compile, renderDiagnostics } from "@hpl/compiler";
import { loadPolicy, type Policy } from "@hpl/runtime";
import { CommandFailure, exitCode } from "./exit-code.js";
import { readLibraries, readSources } from "./policy-files.js";

/** Compiles the policy at `paths`; fails with its findings when it has errors. */
export function compilePolicy(paths: readonly string[], colors: boolean): Uint8Array<ArrayBuffer> {
  const sources = readSources(paths);
  const libraries = readLibraries();
  const { module, diagnostics } = compile({ sources, libraries });
  if (module !== null) return module;
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  throw new CommandFailure(renderDiagnostics(errors, [...sources, ...libraries], { colors }), exitCode.findings);
}

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

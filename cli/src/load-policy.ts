import { readFileSync } from "node:fs";
import { type CheckedPolicy, compile, embedText, policyInModule, renderDiagnostics, type Target } from "@hpl/compiler";
import { loadPolicy, type Policy } from "@hpl/runtime";
import { CommandFailure, exitCode } from "./exit-code.js";
import { readPolicyFiles } from "./policy-files.js";

/** A policy compiled from its sources, with the tree it was compiled from. */
export interface CompiledSources {
  readonly checked: CheckedPolicy;
  readonly module: Uint8Array<ArrayBuffer>;
}

export interface BuildChoices {
  readonly target?: Target;
  /** Whether a native module holds the policy's own text. */
  readonly text?: boolean;
}

/** Compiles the policy at `paths`; fails with its findings when it has errors. */
export function compileSources(
  paths: readonly string[],
  colors: boolean,
  { target = "native", text = true }: BuildChoices = {},
): CompiledSources {
  const files = readPolicyFiles(paths);
  const { policy, module, diagnostics, libraries } = compile(files, target);
  if (policy !== null && module !== null) {
    return {
      checked: policy,
      module: text && target === "native" ? embedText(module, { ...files, libraries }) : module,
    };
  }
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

/** The tree of the policy at `path`, and its module: of a module, from the text it carries. */
export function openSources(path: string, colors: boolean): CompiledSources {
  if (!path.endsWith(".wasm")) return compileSources([path], colors);
  const module = readModule(path, colors);
  const found = policyInModule(module);
  if (found.ok) return { checked: found.policy, module };
  throw new CommandFailure(`${path} ${withoutText[found.reason]}`);
}

const withoutText = {
  no_text: "holds no text of its policy: name the folder it was built from",
  other_version: "was written in another version of the language: name the folder it was built from",
  other_meaning: "holds a text that does not mean what the module decides: build it again",
} as const;

/** The policy at `path`, ready to decide. */
export function openPolicy(path: string, colors: boolean): Policy {
  const loaded = loadPolicy(readModule(path, colors));
  if (loaded.ok) return loaded.policy;
  throw new CommandFailure(`error[${loaded.failure.code}]: ${loaded.failure.message}`, exitCode.findings);
}

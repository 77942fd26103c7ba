import { branchAndRemotes } from "./git-files.js";
import { currentContext } from "./kube-files.js";

/**
 * What is known of the machine that a command runs on. In: folders and an environment. Out: the context that the shell front
 * end takes. Files are read, never a program run: the command at hand may have written what that program would load.
 * What is not read with certainty is left out, and so unknown.
 */
export interface Machine {
  /** Absolute. Paths below it are inside the workspace. */
  readonly workspace: string;
  /** Absolute: where the command starts. */
  readonly folder: string;
  /** Variables that the command surely has, with these values. */
  readonly env: Readonly<Record<string, string>>;
  readonly git: { readonly branch?: string; readonly remotes?: readonly string[] };
  readonly kube: { readonly context?: string };
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the machine as a command sees it that starts in `folder` with `environment`, of which the values of `names` are told. */
export function readMachine(
  workspace: string,
  folder: string,
  environment: Environment,
  names: readonly string[],
): Machine {
  const told = names.flatMap((name) => {
    const value = environment[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    workspace,
    folder,
    env: Object.fromEntries(told),
    git: branchAndRemotes(folder, environment),
    kube: currentContext(environment),
  };
}

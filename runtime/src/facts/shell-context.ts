/** What the meaning of a shell text depends on beside itself. Whatever is missing is not known. */
export interface ShellContext {
  /** Absolute path of the working folder: the workspace. */
  readonly cwd?: string;
  /** Environment. A name that is not here is not known, not unset. */
  readonly env?: Readonly<Record<string, string>>;
  readonly git?: GitContext;
  readonly kube?: KubeContext;
  /** On which machine it runs: `local` unless it says otherwise. Elsewhere no folder is the workspace. */
  readonly place?: "local" | "remote" | "container";
}

export interface GitContext {
  /** The branch that is checked out. */
  readonly branch?: string;
  /** Names of remotes. */
  readonly remotes?: readonly string[];
}

export interface KubeContext {
  readonly context?: string;
  readonly namespace?: string;
}

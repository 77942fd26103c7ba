export type { GitContext, KubeContext, ShellContext } from "../facts/shell-context.js";

import { fork, type State } from "./state.js";
import type { Value } from "./value.js";
import type { Assigned } from "./walk.js";

/**
 * Variables by which an environment decides which program a name is, what it loads before its first line, or what it starts.
 * A command that runs under one is not the command its name says.
 */
const loaders =
  /^(?:PATH|BASH_CMDS|BASH_ALIASES|LD_.*|DYLD_.*|BASH_ENV|ENV|SHELLOPTS|BASHOPTS|PROMPT_COMMAND|PS4|PYTHONPATH|PYTHONSTARTUP|PYTHONHOME|PYTHONINSPECT|NODE_OPTIONS|NODE_PATH|PERL5OPT|PERL5LIB|PERLLIB|RUBYOPT|RUBYLIB|JAVA_TOOL_OPTIONS|_JAVA_OPTIONS|JDK_JAVA_OPTIONS|CLASSPATH|GCONV_PATH|PAGER|GIT_PAGER|MANPAGER|LESSOPEN|LESSCLOSE|EDITOR|VISUAL|BROWSER|GIT_EDITOR|GIT_SEQUENCE_EDITOR|GIT_SSH|GIT_SSH_COMMAND|GIT_PROXY_COMMAND|GIT_EXTERNAL_DIFF|GIT_ASKPASS|SSH_ASKPASS|SUDO_ASKPASS|GIT_EXEC_PATH|GIT_TEMPLATE_DIR|RSYNC_RSH|CVS_RSH|TAR_OPTIONS|MAKEFLAGS|MFLAGS|RUSTC_WRAPPER|RUSTC|CC|CXX|GOFLAGS|GLOBIGNORE|CDPATH|XDG_CONFIG_HOME|PIP_INDEX_URL|PIP_EXTRA_INDEX_URL|NPM_CONFIG_.*|npm_config_.*|CURL_HOME|WGETRC|MYSQL_HOME|PSQLRC|PSQL_PAGER|AWS_CONFIG_FILE|BUNDLE_GEMFILE|KUBE_EDITOR|DOCKER_HOST|DOCKER_CONFIG|HELM_PLUGINS|http_proxy|https_proxy|HTTP_PROXY|HTTPS_PROXY|ALL_PROXY|all_proxy)$/;

export const isLoader = (name: string): boolean => loaders.test(name);

/** Sets a variable in the shell itself. */
export function assign(state: State, [name, value]: Assigned, is_exported = false): void {
  const exported = is_exported || (state.variables.get(name)?.is_exported ?? false);
  state.variables.set(name, { value, is_exported: exported });
  noteLoader(state, name);
}

/** A variable is set, to whatever. */
export function noteLoader(state: State, name: string): void {
  if (isLoader(name) && !state.loaders.includes(name)) state.loaders = [...state.loaders, name];
}

/** The state of one command with variables of its own: `A=b command`. */
export function withEnvironment(state: State, assigned: readonly Assigned[]): State {
  if (assigned.length === 0) return state;
  const own = fork(state, { env: [...new Set([...state.env, ...assigned.map(([name]) => name)])] });
  for (const each of assigned) assign(own, each, true);
  return own;
}

/** The value a variable has for a program that is started; null when it is not set here, and so nobody knows. */
export const environmentValue = (state: State, name: string): Value | null => {
  const known = state.variables.get(name);
  return known?.is_exported ? known.value : null;
};

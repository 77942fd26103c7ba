/**
 * @hpl/runtime/shell: a command line to actions with facts.
 *
 * In: a text of bash, and what its meaning depends on: working folder, environment, Git and Kubernetes contexts. Out: one
 * action for each simple command, with the facts of `spec/facts/shell.schema.json`, and with it the actions it amounts to in
 * other families: files, ref updates, Kubernetes requests, cloud calls, HTTP requests. SQL inside a command is handed back as
 * text for the judge to give to its own front end. The parts, in the order a text meets them: parser (unbash, the only
 * library), expand (words with holes), walk (what runs, in what state), call (which program, started by what), arguments
 * (flags and operands by the specs in `specs/`), roles and tools (what it does), draft (facts). What is not certain is a hole
 * in a value, an open list or an unknown, never left out. Absent: decisions, any look at a disk or a repository.
 */
export type { GitContext, KubeContext, ShellContext } from "./context.js";
export { shellFrontEnd } from "./front-end.js";
export { limits } from "./limits.js";
export { flagsInFront, knownPrograms } from "./spec.js";

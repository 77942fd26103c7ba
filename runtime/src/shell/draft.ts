/**
 * Facts of one command, while they are being gathered: what its handler finds is added here, and `finish` turns it into the
 * shell action and the actions derived from it. Nothing here removes: what was found stays found.
 */
import type { Action, KnownAction } from "../facts/action.js";
import { type Fact, type FactList, type Unknown, unknown } from "../facts/fact.js";
import type { Estimate } from "../facts/front-end.js";
import type {
  CloudFacts,
  FsFacts,
  GitFacts,
  HttpFacts,
  KubernetesFacts,
  MongoFacts,
  RedisFacts,
  ShellFacts,
} from "../facts/generated.js";
import type { Stdin } from "./call.js";
import { LimitPassed, limits } from "./limits.js";
import { holdsSecrets, isDevice, type PathFacts, pathFacts } from "./paths.js";
import type { Code, Effect } from "./spec.js";
import type { State } from "./state.js";
import { prefixOf, textOf, type Value, type Word, whyOf } from "./value.js";
import type { Redirect } from "./walk.js";
import type { Walk } from "./walk-state.js";

export type FsOp = "read" | "write" | "append" | "delete" | "move" | "permissions" | "link" | "execute";

/** What a handler knows of an action derived from a command; `complete` and `reasons` are worked out. */
export type Derived =
  | { readonly family: "fs"; readonly facts: Omit<FsFacts, "reasons" | "complete"> }
  | { readonly family: "git"; readonly facts: Omit<GitFacts, "reasons" | "complete"> }
  | { readonly family: "k8s"; readonly facts: Omit<KubernetesFacts, "reasons" | "complete"> }
  | { readonly family: "cloud"; readonly facts: Omit<CloudFacts, "reasons" | "complete"> }
  | { readonly family: "http"; readonly facts: Omit<HttpFacts, "reasons" | "complete"> }
  // These say themselves what is not certain.
  | { readonly family: "redis"; readonly facts: RedisFacts }
  | { readonly family: "mongo"; readonly facts: MongoFacts };

export type SqlDialect = "postgres" | "mysql" | "bigquery" | "sqlite";

export interface Draft {
  readonly program: Value;
  readonly words: readonly Word[];
  readonly state: State;
  readonly stdin: Stdin;
  readonly redirects: readonly Redirect[];
  readonly subcommand: string[];
  readonly flags: Set<string>;
  flags_open: boolean;
  readonly effects: Set<Effect>;
  /** It may have effects that are not listed. */
  effects_open: boolean;
  readonly code: Set<Code>;
  readonly paths: Fact<string>[];
  /** Why something is not certain; a command with one is not complete. */
  readonly reasons: Set<string>;
  readonly derived: Derived[];
  readonly sql: { readonly dialect: SqlDialect; readonly text: Value | null; readonly estimate?: Estimate }[];
}

export function openDraft(
  state: State,
  words: readonly Word[],
  stdin: Stdin,
  redirects: readonly Redirect[],
  program: Value,
): Draft {
  return {
    program,
    words,
    state,
    stdin,
    redirects,
    subcommand: [],
    flags: new Set(),
    flags_open: false,
    effects: new Set(),
    effects_open: false,
    code: new Set(),
    paths: [],
    reasons: new Set(),
    derived: [],
    sql: [],
  };
}

/** Something of the command is not certain, and so are its effects. */
export function doubt(draft: Draft, reason: string): void {
  draft.reasons.add(reason);
  draft.effects_open = true;
}

export function addEffects(draft: Draft, ...effects: readonly Effect[]): void {
  for (const effect of effects) draft.effects.add(effect);
}

const runningCode: ReadonlySet<Code> = new Set(["fetched", "unknown"]);

/** Code of another sort than shell runs. All but a build of the project leaves open what it does. */
export function addCode(draft: Draft, code: Code): void {
  draft.code.add(code);
  draft.effects.add("exec");
  if (code !== "project") doubt(draft, `${code}_code`);
}

const effectsOfOp: { readonly [op in FsOp]: readonly Effect[] } = {
  read: ["read"],
  write: ["write"],
  append: ["write"],
  delete: ["delete"],
  move: ["write", "delete"],
  permissions: ["write"],
  link: ["write"],
  execute: ["exec"],
};

/** What a path is used for. `names_only`: its content is not read. */
export interface PathUse {
  readonly op: FsOp;
  readonly recursive?: boolean;
  readonly names_only?: boolean;
}

export function addPath(walk: Walk, draft: Draft, value: Value, use: PathUse): void {
  const { op, recursive = false, names_only = false } = use;
  addEffects(draft, ...effectsOfOp[op]);
  if (isDevice(value)) return;
  const found = pathFacts(value, draft.state, walk.workspace);
  const isFree = found.path === null && found.inside_workspace === null;
  if (isFree) draft.reasons.add(found.why ?? "path");
  const secret = names_only ? false : secretOf(found, recursive);
  if (op === "read" && secret === true) addEffects(draft, "secret_read");
  if (op === "read" && secret === null) doubt(draft, found.why ?? "path");
  addWorkEffects(draft, found, { op, is_all: isAll(value) }, walk.workspace);
  const path = found.path ?? unknown(found.why ?? "path");
  draft.paths.push(path);
  draft.derived.push({
    family: "fs",
    facts: {
      op,
      path,
      recursive,
      inside_workspace: found.inside_workspace ?? unknown(found.why ?? "workspace"),
      secret: secret ?? unknown(found.why ?? "path"),
      place: draft.state.place,
    },
  });
}

const secretOf = ({ path, secret }: PathFacts, recursive: boolean): boolean | null =>
  secret === false && recursive && holdsSecrets(path) ? null : secret;

/** The repository's own folder holds work that nothing else does, and settings that start programs. */
function addWorkEffects(
  draft: Draft,
  { path }: PathFacts,
  { op, is_all }: { readonly op: FsOp; readonly is_all: boolean },
  workspace: string,
): void {
  if (path === null || op === "read" || op === "execute") return;
  const isRoot = is_all && path === (workspace === "" ? "." : workspace);
  if ((op === "delete" || op === "move") && isRoot) addEffects(draft, "discard");
  if (/(?:^|\/)\.git(?:\/|$)/.test(path)) addEffects(draft, "discard", "config");
}

/** Whether a value means all of what its path names: `find .` without a test of names does. */
function isAll(value: Value): boolean {
  const last = value.kind === "pattern" ? value.parts.at(-1) : undefined;
  return typeof last === "object" ? last.may_be === "below" : value.kind !== "pattern";
}

/** A file that the shell opens; `/dev/tcp/HOST/PORT` is a connection. */
function addRedirect(walk: Walk, draft: Draft, target: Value, op: "read" | "write" | "append"): void {
  addPath(walk, draft, target, { op });
  if (!/^\/dev\/(?:tcp|udp)\//.test(prefixOf(target))) return;
  addEffects(draft, "network", ...(op === "read" ? [] : (["export"] as const)));
  doubt(draft, "connection");
}

/** Hands the draft over: the shell action, then what is derived from it. */
export function finish(walk: Walk, draft: Draft): void {
  const { state, redirects } = draft;
  for (const redirect of redirects)
    if (redirect.mode !== "text") addRedirect(walk, draft, redirect.target, redirect.mode);
  for (const name of state.loaders) doubt(draft, `environment:${name}`);
  if (state.privileged) addEffects(draft, "identity");
  // The least that a command does is to look and print, so that "does nothing but read" holds for `echo`, too.
  if (draft.effects.size === 0) addEffects(draft, "read");
  const parent = walk.actions.length;
  if (parent + 1 + draft.derived.length > limits.actions_count_max) throw new LimitPassed("too_many_actions");
  walk.actions.push({ family: "shell", opaque: false, facts: shellFacts(walk, draft) });
  for (const each of draft.derived) walk.actions.push(derivedAction(each, parent));
  for (const { dialect, text, estimate } of draft.sql) {
    const certain = text === null ? null : textOf(text);
    const holed = text === null || certain !== null ? null : textWithHoles(text);
    const known = certain ?? holed;
    const nested = { dialect, text: known ?? unknown("nested_text"), has_holes: certain === null, parent };
    walk.nested.push(estimate === undefined ? nested : { ...nested, estimate });
  }
}

/** SQL with a name for each hole; null when nothing certain is left. */
function textWithHoles(value: Value): string | null {
  if (value.kind !== "pattern" || !value.parts.some((part) => typeof part === "string" && /[A-Za-z]{2}/.test(part)))
    return null;
  return value.parts.map((part) => (typeof part === "string" ? part : "hpl_hole")).join("");
}

function shellFacts(walk: Walk, draft: Draft): ShellFacts {
  const { state, program, stdin, code } = draft;
  const name = textOf(program);
  const reasons = [...draft.reasons].toSorted();
  return {
    program: name ?? unknown(whyOf(program) ?? "program"),
    argv: listOf(draft.words),
    subcommand: draft.subcommand.join(" "),
    flags: draft.flags_open ? { items: [...draft.flags], open: true } : [...draft.flags],
    wrappers: state.wrappers,
    env: state.env,
    stdin: stdin.kind,
    redirects: draft.redirects.flatMap((redirect) => redirectFacts(walk, draft, redirect)),
    effects: draft.effects_open ? { items: [...draft.effects], open: true } : [...draft.effects],
    paths: draft.effects_open ? { items: draft.paths, open: true } : draft.paths,
    code: [...code],
    runs_unknown_code: [...code].some((each) => runningCode.has(each)),
    privileged: state.privileged,
    place: state.place,
    complete: reasons.length === 0,
    reasons,
  };
}

function redirectFacts(walk: Walk, { state }: Draft, { mode, target }: Redirect) {
  if (mode === "text") return [];
  const { path, why } = pathFacts(target, state, walk.workspace);
  return [{ mode, path: path ?? unknown(why ?? "path") }];
}

function listOf(words: readonly Word[]): FactList<string> {
  const items = words.map(({ value }): Fact<string> => textOf(value) ?? unknown(whyOf(value) ?? "argument"));
  return words.every(({ count }) => count === "one") ? items : { items, open: true };
}

/** A derived action is complete when nothing in it is unknown or open. */
function derivedAction(derived: Derived, parent: number): Action {
  if (derived.family === "redis" || derived.family === "mongo") return { ...derived, opaque: false, parent };
  const { family, facts } = derived;
  const reasons = new Set<string>();
  for (const value of Object.values(facts)) noteUnknown(value, reasons);
  const whole = { ...facts, complete: reasons.size === 0 || isGlobOnly(reasons), reasons: [...reasons].toSorted() };
  return { family, opaque: false, parent, facts: whole } as KnownAction;
}

/** That a name comes from a glob leaves open which file is meant, not what is done. */
const isGlobOnly = (reasons: ReadonlySet<string>): boolean => [...reasons].every((reason) => reason === "glob");

function noteUnknown(value: unknown, reasons: Set<string>): void {
  if (typeof value !== "object" || value === null) return;
  if ("?" in value) reasons.add((value as Unknown)["?"]);
  if ("open" in value) reasons.add("open");
}

/** A value as a fact: its text, or why it is not known. */
export const factOf = (value: Value): Fact<string> => textOf(value) ?? unknown(whyOf(value) ?? "argument");

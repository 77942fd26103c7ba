/**
 * Git: what a command does to refs, to the remote, and to work that exists nowhere else.
 *
 * Options before the verb, configuration given with `-c` and by the environment, and aliases defined there are read first:
 * each can turn one verb into another, or start a program. Aliases and settings of the repository itself are not seen.
 */
import { unknown } from "../../facts/fact.js";
import type { GitFacts } from "../../facts/generated.js";
import { readRefspec } from "../../git/index.js";
import { hasFlag, readArguments, valuesOf } from "../arguments.js";
import { enter, type Tool } from "../call.js";
import { addCode, addEffects, addPath, type Draft, doubt } from "../draft.js";
import { environmentValue } from "../environment.js";
import { isSecretName } from "../secrets.js";
import { specOf } from "../spec.js";
import { concatAll, literal, one, prefixOf, splitAt, textOf, textsOf, type Value, type Word, whyOf } from "../value.js";
import { walkText } from "../walk.js";
import { branchOf, noteVerb } from "./git-branch.js";
import { discards } from "./git-work.js";

type Verb = Extract<GitFacts["verb"], string>;

/** Verbs that are what another verb of the facts is. What is not here is `other`, but for those that have their own name. */
const verbs: ReadonlyMap<string, Verb> = new Map<string, Verb>([
  ...[
    "status",
    "log",
    "diff",
    "show",
    "blame",
    "grep",
    "ls-files",
    "ls-tree",
    "rev-parse",
    "rev-list",
    "describe",
    "shortlog",
    "cat-file",
    "name-rev",
    "merge-base",
    "show-ref",
    "for-each-ref",
    "whatchanged",
    "count-objects",
    "fsck",
    "check-ignore",
    "check-attr",
    "var",
    "version",
    "help",
    "diff-tree",
    "diff-index",
    "diff-files",
    "symbolic-ref",
    "show-branch",
    "cherry",
    "range-diff",
    "verify-commit",
    "verify-tag",
    "annotate",
  ].map((name) => [name, "read"] as const),
  ...["ls-remote", "fetch"].map((name) => [name, "fetch"] as const),
  ...["push", "send-pack", "http-push"].map((name) => [name, "push"] as const),
  ...[
    "clone",
    "pull",
    "commit",
    "merge",
    "rebase",
    "reset",
    "clean",
    "checkout",
    "restore",
    "stash",
    "branch",
    "tag",
    "reflog",
    "gc",
    "config",
    "worktree",
    "remote",
  ].map((name) => [name, name as Verb] as const),
  ["switch", "checkout"],
  ["prune", "gc"],
  ["repack", "gc"],
  ["filter-branch", "filter"],
  ["filter-repo", "filter"],
  ["apply", "apply"],
  ["am", "apply"],
  ["cherry-pick", "commit"],
  ["revert", "commit"],
]);

const networkVerbs: ReadonlySet<Verb> = new Set(["push", "fetch", "clone", "pull"]);

/** Settings that make Git start a program of whoever sets them. */
const executing =
  /^(?:core\.(?:fsmonitor|sshcommand|pager|editor|hookspath|gitproxy|askpass|alternaterefscommand)|pager\..*|diff\..*\.(?:command|textconv)|diff\.external|merge\..*\.driver|filter\..*\.(?:clean|smudge|process)|credential\.(?:.*\.)?helper|sequence\.editor|gpg\.(?:.*\.)?program|remote\..*\.(?:uploadpack|receivepack|proxy|vcs)|protocol\.(?:.*\.)?allow|interactive\.difffilter|include\.path|includeif\..*\.path|init\.templatedir|uploadpack\.packobjectshook|url\..*\.(?:insteadof|pushinsteadof)|browser\..*|man\..*\.cmd|mergetool\..*\.cmd|difftool\..*\.cmd|submodule\..*\.update|core\.worktree|receive\..*)$/i;

interface Setting {
  readonly name: string;
  readonly value: Value;
}

export function git(tool: Tool): null {
  const settings = settingsOf(tool);
  const { invocation } = tool;
  const [verb] = invocation.subcommand;
  const alias = settings.find(({ name }) => name.toLowerCase() === `alias.${verb}`);
  if (alias !== undefined) return runAlias(tool, alias.value);
  describe(tool, settings);
  return null;
}

/** `-c alias.x='push -f'`: the words of the alias, then those behind it. One that begins with `!` is a shell text. */
function runAlias(tool: Tool, alias: Value): null {
  const { draft, invocation } = tool;
  const text = textOf(alias);
  const rest = invocation.operands.slice(invocation.is_unlisted ? 1 : 0);
  draft.reasons.clear();
  draft.effects_open = false;
  if (text === null) {
    addCode(draft, "unknown");
    return null;
  }
  if (text.startsWith("!")) {
    const words = rest.flatMap(({ value }) => [literal(" "), value]);
    if (!walkText(tool.walk, concatAll([literal(text.slice(1)), ...words]), enter(tool))) addCode(draft, "unknown");
    return null;
  }
  const words: readonly Word[] = [
    ...text
      .split(/\s+/)
      .filter((word) => word !== "")
      .map((word) => one(literal(word))),
    ...rest,
  ];
  const spec = specOf("git");
  if (spec === null) throw new Error("HPL9001: no spec of git");
  describe({ ...tool, invocation: readArguments(spec, words) }, settingsOf(tool));
  return null;
}

function describe(tool: Tool, settings: readonly Setting[]): void {
  const { draft, invocation, state } = tool;
  const [written = ""] = invocation.subcommand;
  const verb = verbs.get(written) ?? "other";
  const executes = settings.some(({ name }) => executing.test(name)) || executesByFlag(tool, verb);
  if (executes) {
    addEffects(draft, "exec", "config");
    doubt(draft, "git_program");
  }
  if (networkVerbs.has(verb)) addEffects(draft, "network");
  addEffects(draft, verb === "read" ? "read" : "write");
  if (
    state.env.some((name) =>
      /^GIT_(?:DIR|WORK_TREE|CONFIG|CONFIG_GLOBAL|CONFIG_SYSTEM|OBJECT_DIRECTORY|ALTERNATE_.*)$/.test(name),
    )
  )
    doubt(draft, "git_environment");
  readRevisions(tool, verb);
  writeOutside(tool, written);
  const lost = discards(tool, written);
  if (lost === true) addEffects(draft, "discard");
  if (lost === null) draft.effects_open = true;
  const common = {
    executes,
    discards: lost ?? unknown("git_state"),
    ...(verb === "other" ? { verb: unknown(`git_verb:${written}`) } : { verb }),
  };
  const changes = verb === "push" ? pushed(tool, settings) : [local(tool, verb, written)];
  for (const each of changes) draft.derived.push({ family: "git", facts: { ...common, ...each } });
  noteVerb(tool, written, verb !== "other");
}

type RefFacts = Pick<GitFacts, "remote" | "ref" | "all_refs" | "force" | "delete">;

/** A command that is no push: the remote it names, and the branch it moves or removes. */
function local({ invocation }: Tool, verb: Verb, written: string): RefFacts {
  const [first] = invocation.operands;
  const remote = networkVerbs.has(verb) && first !== undefined ? textFact(first.value) : "";
  const removes = (verb === "branch" || verb === "tag") && hasFlag(invocation, "--delete", "-D");
  const names = verb === "branch" || verb === "tag" ? first : undefined;
  const folder = verb === "tag" ? "refs/tags/" : "refs/heads/";
  const name = names === undefined ? null : textOf(names.value);
  return {
    remote,
    ref: names === undefined ? "" : name === null ? unknown("ref") : `${folder}${name}`,
    all_refs: written === "ls-remote" ? false : hasFlag(invocation, "--all"),
    force: hasFlag(invocation, "--force", "-D"),
    delete: removes,
  };
}

const textFact = (value: Value) => textOf(value) ?? unknown(whyOf(value) ?? "argument");

/** Every ref that a push may change: by its refspecs, by settings, or by whatever the repository says. */
function pushed(tool: Tool, settings: readonly Setting[]): readonly RefFacts[] {
  const { invocation } = tool;
  const [target, ...specs] = invocation.operands;
  const remote = target === undefined ? unknown("git_remote") : textFact(target.value);
  const force = hasFlag(invocation, "--force", "--force-with-lease", "--mirror", "--force-if-includes");
  const isDelete = hasFlag(invocation, "--delete", "--prune");
  const every = hasFlag(invocation, "--mirror", "--all", "--branches");
  const configured = settings.filter(
    ({ name }) => /^remote\..*\.push$/i.test(name) || /^push\.default$|^remote\..*\.mirror$/i.test(name),
  );
  const refspecs = [
    ...refspecsOf(specs),
    ...(specs.length > 0 ? [] : configured.map(({ name, value }) => (/\.push$/i.test(name) ? value : null))),
    ...valuesOf(invocation, "--repo").map(() => null),
  ];
  const branch = branchOf(tool);
  const base = { remote, force, delete: isDelete, all_refs: every };
  if (every || refspecs.length === 0) return [{ ...base, ref: unknown("git_refspec") }];
  return refspecs.flatMap((value) => pushedBy(value, branch, base));
}

/** Refspecs as they are given; two words `tag v1` are one of a tag. */
function refspecsOf([first, ...rest]: readonly Word[]): readonly (Value | null)[] {
  if (first === undefined) return [];
  const [second, ...others] = rest;
  const isTag = first.count === "one" && textOf(first.value) === "tag" && second?.count === "one";
  if (isTag) return [concatAll([literal("refs/tags/"), second.value]), ...refspecsOf(others)];
  return [first.count === "any" ? null : first.value, ...refspecsOf(rest)];
}

function pushedBy(value: Value | null, branch: string | null, base: Omit<RefFacts, "ref">): readonly RefFacts[] {
  const texts = value === null ? null : textsOf(value);
  if (texts !== null) {
    return texts.map((text) => {
      const update = readRefspec(text, branch);
      return {
        remote: base.remote,
        ref: update.ref ?? unknown("git_refspec"),
        force: base.force === true || update.force,
        delete: base.delete === true || update.delete,
        all_refs: base.all_refs === true || update.all_refs,
      };
    });
  }
  // A hole may hold a plus sign at the start and a colon anywhere.
  const isForced = value !== null && prefixOf(value).startsWith("+");
  const mayForce = value === null || prefixOf(value) === "";
  return [
    {
      ...base,
      ref: unknown((value === null ? null : whyOf(value)) ?? "git_refspec"),
      force: base.force === true || isForced ? true : mayForce ? unknown("git_refspec") : false,
      all_refs: base.all_refs === true ? true : unknown("git_refspec"),
    },
  ];
}

/** Options by which a verb starts a program that is named in them. */
function executesByFlag(tool: Tool, verb: Verb): boolean {
  const { invocation } = tool;
  const given = valuesOf(
    invocation,
    "--upload-pack",
    "--receive-pack",
    "--exec",
    "--open-files-in-pager",
    "--extcmd",
    "--tool",
    "--exec-path",
    "--template",
  );
  if (given.length > 0 || hasFlag(invocation, "--ext-diff", "--open-files-in-pager")) return true;
  const isProgram = (value: Value) => /^(?:ext|fd)::/.test(prefixOf(value));
  const isBisect =
    invocation.subcommand[0] === "bisect" && textOf(invocation.operands[0]?.value ?? literal("")) === "run";
  const isEach =
    invocation.subcommand[0] === "submodule" && textOf(invocation.operands[0]?.value ?? literal("")) === "foreach";
  return isBisect || isEach || (networkVerbs.has(verb) && invocation.operands.some(({ value }) => isProgram(value)));
}

/** Verbs that write where their second operand says. */
function writeOutside({ invocation, walk, draft }: Tool, written: string): void {
  const [first, second] = invocation.operands.map(({ value }) => value);
  const verb = first === undefined ? null : textOf(first);
  if (second === undefined) return;
  if (written === "worktree" && verb === "add") addPath(walk, draft, second, { op: "append", recursive: true });
  if (written === "bundle" && verb === "create") addPath(walk, draft, second, { op: "write" });
}

/** `rev:path`: the content of a file is read, whatever the verb. */
function readRevisions({ invocation, walk, draft }: Tool, verb: Verb): void {
  if (verb !== "read") return;
  for (const { value } of invocation.operands) {
    const split = splitAt(value, ":");
    if (split !== null) addPath(walk, draft, split[1], { op: "read" });
    // Nobody knows which revision, and of which file.
    else if (textOf(value) === null && /^(?:show|cat-file)$/.test(invocation.subcommand[0] ?? ""))
      addPath(walk, draft, value, { op: "read" });
    // A revision or a file, which only the repository could tell: a secret's name is read as what it says.
    else if (isSecretName((textOf(value) ?? "").split("/").at(-1) ?? "")) addPath(walk, draft, value, { op: "read" });
  }
}

/** Configuration of one command: `-c name=value`, `--config-env`, and `GIT_CONFIG_*` in its environment. */
function settingsOf({ invocation, state, draft }: Tool): readonly Setting[] {
  const settings: Setting[] = [];
  for (const value of valuesOf(invocation, "-c", "--config")) {
    const split = splitAt(value, "=");
    if (split !== null) settings.push({ name: split[0], value: split[1] });
    else if (textOf(value) === null) doubtful(draft);
    else settings.push({ name: textOf(value) ?? "", value: literal("true") });
  }
  for (const value of valuesOf(invocation, "--config-env")) {
    const split = splitAt(value, "=");
    if (split === null) doubtful(draft);
    else settings.push({ name: split[0], value: { kind: "pattern", parts: [{ may_be: "any", why: "environment" }] } });
  }
  const count = environmentValue(state, "GIT_CONFIG_COUNT");
  const total = count === null ? 0 : Number(textOf(count) ?? Number.NaN);
  if (Number.isNaN(total) || total > 64 || environmentValue(state, "GIT_CONFIG_PARAMETERS") !== null) doubtful(draft);
  for (let i = 0; i < Math.min(total || 0, 64); i++) {
    const name = environmentValue(state, `GIT_CONFIG_KEY_${i}`);
    const value = environmentValue(state, `GIT_CONFIG_VALUE_${i}`);
    const text = name === null ? null : textOf(name);
    if (text === null || value === null) doubtful(draft);
    else settings.push({ name: text, value });
  }
  return settings;
}

function doubtful(draft: Draft): void {
  addEffects(draft, "config");
  doubt(draft, "git_configuration");
}

/**
 * The guard's decision. In: a policy, who runs a command line, and the machine it runs on. Out: the decision that can be kept
 * here: a guard starts a program or does not, so what asks for masks, limits or a search of the output is block. Nothing of the
 * command line is in it. Absent: people. Who must approve is told; a guard does not wait for them.
 */
import {
  type Action,
  actionsOf,
  type Decision,
  type FrontEnds,
  isOpenList,
  isUnknown,
  itemsOf,
  type JudgeRequest,
  judge,
  type Policy,
  readRequest,
  refuseBadRequest,
  zoneOffsets,
} from "@hpl/runtime";
import type { Machine } from "./machine.js";
import { quoteWord } from "./quote.js";

/** Who runs it, where and in what session: JSON as in a request. What is left out is unknown. */
export interface Circumstances {
  readonly principal: unknown;
  readonly connection: unknown;
  readonly session: unknown;
  readonly now_ms: number;
}

export interface Guard {
  readonly policy: Policy;
  readonly frontEnds: FrontEnds;
  readonly circumstances: Circumstances;
}

/** Decides on `line` as a shell would run it on `machine`. Total. */
export function decideLine(guard: Guard, line: string, machine: Machine): Decision {
  const read = readLine(guard, line, machine);
  if (!read.ok) return refuseBadRequest(read.bad);
  const { decision } = judge(guard.policy, guard.frontEnds, withBranch(read.request, guard.frontEnds, machine));
  return withoutWords(keepable(decision));
}

function readLine({ policy, circumstances }: Guard, line: string, machine: Machine) {
  const { now_ms, ...who } = circumstances;
  const { workspace, folder, env, git, kube } = machine;
  // Where the command starts elsewhere than in the workspace, the line says so: paths are then judged from there.
  const text = folder === workspace ? line : `cd -- ${quoteWord(folder)}\n${line}`;
  const { remotes } = git;
  const known = remotes === undefined ? {} : { remotes };
  const action = { shell: { text, cwd: workspace, env, git: known, kube } };
  return readRequest({ ...who, now: now_ms, zones: zoneOffsets(policy.meta.zones, now_ms), action }, null);
}

/** The branch is told only of a line that cannot be elsewhere, or on another branch, by the time it matters. */
function withBranch(request: JudgeRequest, frontEnds: FrontEnds, { git, folder, workspace }: Machine): JudgeRequest {
  const { subject } = request;
  if (subject.kind !== "shell" || git.branch === undefined) return request;
  const { actions } = actionsOf(request, frontEnds);
  const commands = actions.filter(({ family }) => family === "shell").slice(folder === workspace ? 0 : 1);
  if (!commands.every(staysOnBranch)) return request;
  return { ...request, subject: { ...subject, shell: { ...subject.shell, git } } };
}

const shells: ReadonlySet<unknown> = new Set(["sh", "bash", "dash", "zsh"]);
const staying: ReadonlySet<unknown> = new Set(["add", "commit", "status", "diff", "log", "show", "fetch", "push"]);

function staysOnBranch(action: Action): boolean {
  if (action.opaque || action.family !== "shell") return false;
  const { program, argv, env, wrappers, place } = action.facts;
  if (place !== "local" || [env, wrappers, argv].some((list) => isUnknown(list) || isOpenList(list))) return false;
  if (itemsOf(env).length > 0 || !itemsOf(wrappers).every((each) => shells.has(each))) return false;
  // `git -C elsewhere` has an option where the verb would stand.
  return shells.has(program) || (program === "git" && staying.has(itemsOf(argv)[1]));
}

function keepable(decision: Decision): Decision {
  const { obligations, rules } = decision;
  const unkept = obligations.find(({ type }) => type !== "approval");
  if (decision.verdict === "block" || unkept === undefined) return decision;
  const { fix: _, ...rest } = decision;
  const by = "rule" in unkept ? ` by \`${unkept.rule}\`` : (namesOf(rules, unkept.type) ?? "");
  const message = `a ${unkept.type}${by} is asked for, which cannot be kept for a command`;
  return { ...rest, verdict: "block", message, fix: "Run the statement through a gateway." };
}

const namesOf = (rules: Decision["rules"], effect: string): string | null => {
  const [first] = rules.filter((rule) => rule.effect === effect);
  return first === undefined ? null : ` by \`${first.id}\``;
};

/** A reason may hold a word of the command behind its colon, and the message names reasons; secrets stand in words. */
function withoutWords(decision: Decision): Decision {
  const worded = decision.reasons.filter((reason) => reason.includes(":"));
  // The longest first: a word may begin with another one.
  const message = worded
    .toSorted((a, b) => b.length - a.length)
    .reduce((text, reason) => text.replaceAll(reason, kindOf(reason)), decision.message);
  return { ...decision, message, reasons: [...new Set(decision.reasons.map(kindOf))] };
}

const kindOf = (reason: string): string => reason.replace(/:.*$/s, "");

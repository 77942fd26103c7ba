/** `kubectl` and `helm`: the requests they send, one for each resource that they name. */
import { type Fact, unknown } from "../../facts/fact.js";
import type { KubernetesFacts } from "../../facts/generated.js";
import { effectOf, type Resource, readApiPath, resourceOf } from "../../kubernetes/index.js";
import { hasFlag, type Invocation, operandOf, valuesOf } from "../arguments.js";
import { enter, runStarted, type Tool } from "../call.js";
import { addEffects, addPath, doubt } from "../draft.js";
import { environmentValue } from "../environment.js";
import { literal, textOf, type Value, whyOf } from "../value.js";
import { type Output, unknownOutput } from "../walk.js";
import { nameOf, type Target, targetsOf } from "./kubectl-targets.js";
import { type CommandVerb, clientOnly, commandVerbs, type Effect, type Verb } from "./kubectl-verbs.js";

/** What keeps data or other objects: with it, they are gone. */
const holding = /^(?:persistentvolumeclaims|persistentvolumes|namespaces|customresourcedefinitions|nodes)$/;
const subjects = /^(?:clusterroles|clusterrolebindings|roles|rolebindings)$/;

export function kubectl(tool: Tool): Output | null {
  const { invocation, draft } = tool;
  const [written = ""] = invocation.subcommand;
  addEffects(draft, "network");
  // `create token` prints a credential.
  if (written === "create" && textOf(operandOf(invocation, 0)) === "token") addEffects(draft, "secret_read");
  for (const file of valuesOf(invocation, "--filename", "--kustomize")) if (textOf(file) !== "-") addFile(tool, file);
  if (clientOnly.has(written)) return readClient(tool, written);
  const command = commandVerbs.get(written);
  if (command === undefined) {
    doubt(draft, `unknown_subcommand:${written}`);
    return null;
  }
  for (const target of targetsOf(tool, written, command)) addRequest(tool, written, command, target);
  return written === "exec" || written === "run" || written === "debug" ? runInside(tool) : null;
}

function addFile({ walk, draft }: Tool, file: Value): void {
  if (/^https?:/.test(textOf(file) ?? "")) doubt(draft, "remote_manifest");
  else addPath(walk, draft, file, { op: "read" });
}

function readClient({ draft, invocation }: Tool, written: string): null {
  const word = textOf(invocation.operands[0]?.value ?? { kind: "literal", text: "" });
  addEffects(draft, "read");
  if (written !== "config") return null;
  if (word === "view" && hasFlag(invocation, "--raw")) addEffects(draft, "secret_read");
  else if (!/^(?:view|current-context|get-contexts|get-clusters|get-users)$/.test(word ?? ""))
    addEffects(draft, "write", "config");
  return null;
}

function addRequest(tool: Tool, written: string, command: CommandVerb, target: Target): void {
  const { invocation, draft } = tool;
  if (target.resource === "--raw") {
    addRaw(tool, written);
    return;
  }
  const found = target.resource === null ? null : resourceOf(target.resource);
  const isDry =
    hasFlag(invocation, "--dry-run") && !valuesOf(invocation, "--dry-run").some((value) => textOf(value) === "none");
  const verb = verbOf(tool, written, command, target);
  const effect = isDry ? "read" : effectIn(tool, written, command, verb);
  const every = hasFlag(invocation, "--all-namespaces");
  const isNamespace = found?.resource === "namespaces";
  const isCluster = found?.namespaced === false;
  const scales_to_zero = scalesToZero(tool, written);
  draft.derived.push({
    family: "k8s",
    facts: {
      verb,
      effect,
      group: command.group ?? groupOf(found),
      resource: found?.resource ?? unknown("manifest"),
      subresource: target.subresource ?? command.subresource ?? "",
      name: target.name,
      scope: every ? "cluster" : scopeOf(tool, found),
      namespace: isNamespace
        ? target.name
        : isCluster
          ? clusterNamespace(written)
          : every
            ? ""
            : namespaceOf(tool, found === null),
      all_namespaces: every,
      context: contextOf(tool),
      impersonates: hasFlag(invocation, "--as", "--as-group", "--as-uid"),
      scales_to_zero,
    },
  });
  if (hasFlag(invocation, "--as", "--as-group", "--as-uid", "--token", "--server", "--username"))
    addEffects(draft, "identity");
  addRequestEffects(tool, effect, found?.resource ?? null);
}

/** A name that no cluster has from the start is of some group that only the cluster knows. */
function groupOf(found: Resource | null): Fact<string> {
  if (found === null) return unknown("manifest");
  return found.namespaced === null && found.group === "" ? unknown("custom_resource") : found.group;
}

/** Of a custom resource nobody knows whether it lives in namespaces, unless one is named. */
function scopeOf({ invocation }: Tool, found: Resource | null): KubernetesFacts["scope"] {
  if (found !== null && found.namespaced !== null) return found.namespaced ? "namespaced" : "cluster";
  return valuesOf(invocation, "--namespace").length > 0 ? "namespaced" : unknown("scope");
}

/** By `--replicas`, or by a patch that says so; what a file says is not known. */
function scalesToZero({ invocation }: Tool, written: string): Fact<boolean> {
  const counts = valuesOf(invocation, "--replicas", "--max").map((value) => textOf(value));
  if (counts.includes("0")) return true;
  if (counts.includes(null)) return unknown("replicas");
  if (written !== "patch") return false;
  const patches = valuesOf(invocation, "--patch").map((value) => textOf(value));
  if (patches.some((text) => text !== null && /replicas"?\s*:\s*0\b/.test(text))) return true;
  return patches.length > 0 && patches.every((text) => text !== null && !text.includes("replicas"))
    ? false
    : unknown("patch");
}

/** Whose pods a drained node runs is not known. */
const clusterNamespace = (written: string): Fact<string> => (written === "drain" ? unknown("pods_of_node") : "");

function addRequestEffects({ draft, invocation }: Tool, effect: Effect, resource: string | null): void {
  addEffects(draft, effect);
  if (resource === null && effect !== "read") return;
  if (resource === "secrets" && effect === "read" && !invocation.subcommand.includes("describe"))
    addEffects(draft, "secret_read");
  if (effect === "delete" && resource !== null && holding.test(resource)) addEffects(draft, "destroy");
  if (effect !== "read" && resource !== null && subjects.test(resource)) addEffects(draft, "grant");
}

const firstText = ({ operands }: Invocation): string => textOf(operands[0]?.value ?? literal("")) ?? "";

function verbOf(tool: Tool, written: string, { verb }: CommandVerb, { name }: Target): Verb {
  const { invocation } = tool;
  if (written === "delete" && (hasFlag(invocation, "--all", "--selector") || name === "")) return "deletecollection";
  if (written === "get" && hasFlag(invocation, "--watch", "--watch-only")) return "watch";
  if (written === "rollout" && /^(?:status|history)$/.test(firstText(invocation)))
    return firstText(invocation) === "status" ? "watch" : "get";
  return verb === "get" && name === "" ? "list" : verb;
}

function effectIn({ invocation }: Tool, written: string, { effect }: CommandVerb, verb: Verb): Effect {
  if (written === "replace" && hasFlag(invocation, "--force")) return "delete";
  if (written === "apply" && hasFlag(invocation, "--prune")) return "delete";
  if (written === "auth" && /^(?:can-i|whoami)$/.test(firstText(invocation))) return "read";
  return effect ?? effectOf(verb);
}

/** `--namespace`, else the context's own, else nobody knows; a manifest may name another. */
function namespaceOf({ invocation, walk }: Tool, isManifest: boolean): Fact<string> {
  const given = valuesOf(invocation, "--namespace").at(-1);
  if (given !== undefined) return textOf(given) ?? unknown(whyOf(given) ?? "namespace");
  if (isManifest) return unknown("manifest");
  if (hasFlag(invocation, "--context", "--kubeconfig", "--cluster", "--server")) return unknown("namespace");
  return walk.context.kube?.namespace ?? unknown("namespace");
}

function contextOf({ invocation, walk, state }: Tool): Fact<string> {
  const given = valuesOf(invocation, "--context").at(-1);
  if (given !== undefined) return textOf(given) ?? unknown(whyOf(given) ?? "context");
  const isElsewhere =
    hasFlag(invocation, "--kubeconfig", "--cluster", "--server", "--user") ||
    environmentValue(state, "KUBECONFIG") !== null ||
    state.place !== "local";
  return isElsewhere ? unknown("context") : (walk.context.kube?.context ?? unknown("context"));
}

function addRaw(tool: Tool, written: string): void {
  const { invocation, draft } = tool;
  const method = written === "get" ? "GET" : written === "create" ? "POST" : written === "delete" ? "DELETE" : "PUT";
  for (const value of valuesOf(invocation, "--raw")) {
    const [path = "", query = ""] = (textOf(value) ?? "").split("?", 2);
    const call = readApiPath(method, path, query);
    if (call === null) {
      if (!/^\/(?:healthz|readyz|livez|version|metrics|openapi)/.test(path)) doubt(draft, "api_path");
      addEffects(draft, method === "GET" ? "read" : "write");
      continue;
    }
    draft.derived.push({
      family: "k8s",
      facts: { ...call, context: contextOf(tool), impersonates: hasFlag(invocation, "--as"), scales_to_zero: false },
    });
    addRequestEffects(tool, call.effect as Effect, call.resource as string);
  }
}

/** What runs in the pod: the words behind `--`, or behind the pod's name as older versions took them. */
function runInside(tool: Tool): Output {
  const { invocation, walk, call } = tool;
  const { operands, before_dashes } = invocation;
  const words = before_dashes < operands.length ? operands.slice(before_dashes) : operands.slice(1);
  if (words.length === 0) return unknownOutput;
  const inner = {
    ...enter({ ...tool, invocation: { ...invocation, spec: { ...invocation.spec, place: "container" } } }),
  };
  return runStarted(walk, { words, assigned: [], redirects: [], stdin: call.stdin }, inner);
}

/** A release is many objects; which ones is in its chart. */
export function helm(tool: Tool): null {
  const { invocation, draft } = tool;
  const [written = ""] = invocation.subcommand;
  addEffects(draft, "network");
  const isDelete = written === "uninstall" || written === "delete";
  const isWrite = /^(?:install|upgrade|rollback)$/.test(written);
  if (!isDelete && !isWrite) {
    addEffects(
      draft,
      /^(?:repo|dependency|pull|package|create|plugin|push|registry)$/.test(written) ? "write" : "read",
    );
    return null;
  }
  const effect = isDelete ? "delete" : "write";
  addEffects(draft, effect, ...(isDelete ? (["destroy"] as const) : []));
  if (isWrite) doubt(draft, "chart");
  const name = invocation.operands[0];
  draft.derived.push({
    family: "k8s",
    facts: {
      verb: isDelete ? "delete" : "patch",
      effect,
      group: unknown("chart"),
      resource: unknown("chart"),
      subresource: "",
      name: nameOf(name),
      scope: unknown("chart"),
      namespace: namespaceOf(tool, false),
      all_namespaces: false,
      context:
        valuesOf(invocation, "--kube-context").map((value) => textOf(value) ?? unknown("context"))[0] ??
        contextOf(tool),
      impersonates: hasFlag(invocation, "--kube-as-user"),
      scales_to_zero: false,
    },
  });
  return null;
}

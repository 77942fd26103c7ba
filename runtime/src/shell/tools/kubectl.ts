/** `kubectl` and `helm`: the requests they send, one for each resource that they name. */
import { type Fact, unknown } from "../../facts/fact.js";
import type { KubernetesFacts } from "../../facts/generated.js";
import { allResources, effectOf, readApiPath, resourceOf } from "../../kubernetes/index.js";
import { hasFlag, operandOf, valuesOf } from "../arguments.js";
import { enter, runStarted, type Tool } from "../call.js";
import { addEffects, addPath, doubt } from "../draft.js";
import { environmentValue } from "../environment.js";
import { textOf, type Value, type Word, whyOf } from "../value.js";
import { type Output, unknownOutput } from "../walk.js";

type Verb = Extract<KubernetesFacts["verb"], string>;
type Effect = Extract<KubernetesFacts["effect"], string>;

/** A verb of the command line: of the API, and what it does where that is more than the verb says. */
interface CommandVerb {
  readonly verb: Verb;
  readonly effect?: Effect;
  readonly subresource?: string;
  /** The resource the operands are names of, where they are not preceded by one. */
  readonly resource?: string;
}

const commandVerbs: ReadonlyMap<string, CommandVerb> = new Map<string, CommandVerb>([
  ["get", { verb: "get" }],
  ["describe", { verb: "get" }],
  ["logs", { verb: "get", subresource: "log", resource: "pods" }],
  ["top", { verb: "list" }],
  ["wait", { verb: "watch" }],
  ["diff", { verb: "get" }],
  ["create", { verb: "create" }],
  ["run", { verb: "create", resource: "pods" }],
  ["expose", { verb: "create", resource: "services" }],
  ["apply", { verb: "patch" }],
  ["patch", { verb: "patch" }],
  ["edit", { verb: "patch" }],
  ["label", { verb: "patch" }],
  ["annotate", { verb: "patch" }],
  ["set", { verb: "patch" }],
  ["scale", { verb: "patch", subresource: "scale" }],
  ["autoscale", { verb: "create" }],
  ["rollout", { verb: "patch" }],
  ["replace", { verb: "update" }],
  ["delete", { verb: "delete" }],
  ["exec", { verb: "connect", subresource: "exec", resource: "pods" }],
  ["attach", { verb: "connect", subresource: "attach", resource: "pods" }],
  ["port-forward", { verb: "connect", subresource: "portforward", resource: "pods" }],
  ["proxy", { verb: "connect", subresource: "proxy", resource: "services" }],
  ["cp", { verb: "connect", subresource: "exec", resource: "pods" }],
  ["debug", { verb: "connect", subresource: "exec", resource: "pods" }],
  ["drain", { verb: "delete", resource: "nodes" }],
  ["cordon", { verb: "patch", resource: "nodes" }],
  ["uncordon", { verb: "patch", resource: "nodes" }],
  ["taint", { verb: "patch", resource: "nodes" }],
  ["certificate", { verb: "update", resource: "certificatesigningrequests" }],
  ["auth", { verb: "create", effect: "read", resource: "selfsubjectaccessreviews" }],
]);

/** Commands that only look at the client's own files, or at what the cluster can do. */
const clientOnly = new Set([
  "version",
  "config",
  "completion",
  "explain",
  "api-resources",
  "api-versions",
  "cluster-info",
  "kustomize",
  "plugin",
  "options",
  "help",
]);

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

/** One thing a command is about. */
interface Target {
  readonly resource: string | null;
  readonly name: Fact<string>;
}

function targetsOf(tool: Tool, written: string, { resource }: CommandVerb): readonly Target[] {
  const { invocation } = tool;
  const operands = invocation.operands.slice(0, written === "exec" || written === "run" ? 1 : undefined);
  const raw = valuesOf(invocation, "--raw");
  if (raw.length > 0) return raw.map(() => ({ resource: "--raw", name: unknown("raw") }));
  if (resource !== undefined) {
    const [first] = operands;
    const named = first === undefined ? null : textOf(first.value);
    const slash = named?.includes("/") ? named.split("/", 2) : null;
    const name = first === undefined ? "" : (slash?.[1] ?? named ?? unknown(whyOf(first.value) ?? "name"));
    // `kubectl exec deploy/web` reaches a pod of it.
    return [{ resource, name }];
  }
  const words = written === "rollout" || written === "set" ? operands.slice(1) : operands;
  const [kinds, ...names] = words;
  if (kinds === undefined) return [{ resource: null, name: unknown("manifest") }];
  return namedTargets(kinds, names, written);
}

function namedTargets(kinds: Word, names: readonly Word[], written: string): readonly Target[] {
  const text = kinds.count === "one" ? textOf(kinds.value) : null;
  if (text === null) return [{ resource: null, name: unknown(whyOf(kinds.value) ?? "resource") }];
  const slashed = [kinds, ...names]
    .flatMap(({ value }) => (textOf(value) ?? "").split(","))
    .filter((each) => each.includes("/"));
  const plain = text.split(",").filter((each) => !each.includes("/"));
  const given = names.filter(({ value }) => !(textOf(value) ?? "").includes("/"));
  const name: Fact<string> = given.length === 0 ? "" : given.length === 1 ? nameOf(given[0]) : unknown("several_names");
  const own =
    written === "create" ? createdKinds(text) : plain.flatMap((kind) => (kind === "all" ? allResources : [kind]));
  return [
    ...own.map((kind) => ({
      resource: kind,
      name: written === "label" || written === "annotate" ? unknown("name") : name,
    })),
    ...slashed.map((each) => ({ resource: each.split("/", 1)[0] ?? "", name: each.slice(each.indexOf("/") + 1) })),
  ];
}

/** `kubectl create secret generic NAME`, `create token NAME`. */
const createdKinds = (kind: string): readonly string[] => (kind === "token" ? ["serviceaccounts", "secrets"] : [kind]);

const nameOf = (word: Word | undefined): Fact<string> =>
  word === undefined
    ? ""
    : word.count === "one"
      ? (textOf(word.value) ?? unknown(whyOf(word.value) ?? "name"))
      : unknown("several_names");

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
      group: found?.group ?? unknown("manifest"),
      resource: found?.resource ?? unknown("manifest"),
      subresource: command.subresource ?? "",
      name: target.name,
      scope:
        found === null || (found.namespaced === null && !every)
          ? valuesOf(invocation, "--namespace").length > 0
            ? "namespaced"
            : unknown("scope")
          : isCluster
            ? "cluster"
            : "namespaced",
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

function verbOf(tool: Tool, written: string, { verb }: CommandVerb, { name }: Target): Verb {
  const { invocation } = tool;
  if (written === "delete" && (hasFlag(invocation, "--all", "--selector") || name === "")) return "deletecollection";
  if (written === "get" && hasFlag(invocation, "--watch", "--watch-only")) return "watch";
  return written === "get" && name === "" ? "list" : verb;
}

function effectIn({ invocation }: Tool, written: string, { effect }: CommandVerb, verb: Verb): Effect {
  if (written === "replace" && hasFlag(invocation, "--force")) return "delete";
  if (written === "apply" && hasFlag(invocation, "--prune")) return "delete";
  if (
    written === "rollout" &&
    /^(?:status|history)$/.test(textOf(invocation.operands[0]?.value ?? { kind: "literal", text: "" }) ?? "")
  )
    return "read";
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

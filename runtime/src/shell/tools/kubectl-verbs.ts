/** What the commands of `kubectl` are in the API. */
import type { KubernetesFacts } from "../../facts/generated.js";

export type Verb = Extract<KubernetesFacts["verb"], string>;
export type Effect = Extract<KubernetesFacts["effect"], string>;

/** A verb of the command line: of the API, and what it does where that is more than the verb says. */
export interface CommandVerb {
  readonly verb: Verb;
  readonly effect?: Effect;
  readonly subresource?: string;
  /** The resource the operands are names of, where they are not preceded by one. */
  readonly resource?: string;
  /** Its first operand says what is done, and not to what. */
  readonly has_action?: true;
  /** The group, where it is not the one in which the resource is known. */
  readonly group?: string;
}

export const commandVerbs: ReadonlyMap<string, CommandVerb> = new Map<string, CommandVerb>([
  ["get", { verb: "get" }],
  ["describe", { verb: "get" }],
  ["logs", { verb: "get", subresource: "log", resource: "pods" }],
  ["top", { verb: "get", group: "metrics.k8s.io" }],
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
  ["set", { verb: "patch", has_action: true }],
  ["scale", { verb: "patch", subresource: "scale" }],
  ["autoscale", { verb: "create", resource: "horizontalpodautoscalers" }],
  ["rollout", { verb: "patch", has_action: true }],
  ["replace", { verb: "update" }],
  ["delete", { verb: "delete" }],
  ["exec", { verb: "connect", subresource: "exec", resource: "pods" }],
  ["attach", { verb: "connect", subresource: "attach", resource: "pods" }],
  ["port-forward", { verb: "connect", subresource: "portforward", resource: "pods" }],
  ["proxy", { verb: "connect", subresource: "proxy", resource: "services" }],
  ["cp", { verb: "connect", subresource: "exec", resource: "pods" }],
  ["debug", { verb: "patch", effect: "exec", subresource: "ephemeralcontainers", resource: "pods" }],
  ["drain", { verb: "delete", resource: "nodes" }],
  ["cordon", { verb: "patch", resource: "nodes" }],
  ["uncordon", { verb: "patch", resource: "nodes" }],
  ["taint", { verb: "patch" }],
  [
    "certificate",
    { verb: "update", subresource: "approval", resource: "certificatesigningrequests", has_action: true },
  ],
  ["auth", { verb: "create", has_action: true }],
]);

/** Commands that only look at the client's own files, or at what the cluster can do. */
export const clientOnly = new Set([
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

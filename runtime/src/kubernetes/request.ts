/**
 * A request to a Kubernetes API server, by method and path, as the facts that a `kubectl` command for it would have.
 *
 * The path is taken apart as the server's own `RequestInfoFactory` does (k8s.io/apiserver/pkg/endpoints/request). `exec`,
 * `attach`, `portforward` and `proxy` are what they do whatever the method: over WebSocket an exec is a GET.
 */
import { type Fact, unknown } from "../facts/fact.js";
import type { KubernetesFacts } from "../facts/generated.js";
import { readQuery, segmentsOf } from "./query.js";
import { resourceOf } from "./resources.js";

export type KubernetesCall = Omit<
  KubernetesFacts,
  "complete" | "reasons" | "context" | "impersonates" | "scales_to_zero"
>;

/** What a path names, before the method says what is done to it. */
interface Named {
  readonly group: string;
  readonly namespace: string | null;
  readonly resource: string;
  readonly name: string;
  readonly subresource: string;
  /** `watch` or `proxy`, in front of what is named: old forms, still served. */
  readonly prefix: string | null;
}

const connecting = new Set(["exec", "attach", "portforward", "proxy"]);

/** Facts of `method path?query`; null when the path is none of a resource. */
export function readApiPath(method: string, path: string, query: string): KubernetesCall | null {
  const named = readNamed(path);
  if (named === null) return null;
  const asked = readQuery(query);
  const { group, resource, subresource } = named;
  const selected = asked === null ? null : nameSelected(asked);
  const verb = verbOf(method, named, asked !== null && isTrue(asked.get("watch")));
  const isListing = verb === "list" || verb === "watch";
  const isNamespace = resource === "namespaces" && group === "";
  const name = named.name === "" && isListing && selected !== null ? selected : named.name;
  const outside = named.namespace === null || isNamespace;
  return {
    verb,
    effect: effectOfRequest(verb, named, asked),
    group,
    resource,
    subresource,
    name,
    scope: outside ? "cluster" : "namespaced",
    namespace: isNamespace ? name : (named.namespace ?? ""),
    all_namespaces: isNamespace ? false : meansAllNamespaces(verb, named),
  };
}

/** Without a namespace those of all are meant, but for what lives in none. Where a custom resource lives nobody knows. */
function meansAllNamespaces(verb: Verb, named: Named): Fact<boolean> {
  if (named.namespace !== null) return false;
  return livesInNamespaces(named) ?? (named.name !== "" || verb === "create" ? false : unknown("scope"));
}

/** Null for a custom resource. */
function livesInNamespaces({ group, resource }: Pick<Named, "group" | "resource">): boolean | null {
  const known = resourceOf(group === "" ? resource : `${resource}.${group}`);
  return known.group === group ? known.namespaced : null;
}

/** Takes a path apart; null when it is none of a resource, or could be read in two ways. */
function readNamed(path: string): Named | null {
  const segments = segmentsOf(path);
  if (segments === null) return null;
  const [root, ...rest] = segments;
  if (root !== "api" && root !== "apis") return null;
  const group = root === "apis" ? (rest[0] ?? "") : "";
  const behind = rest.slice(root === "apis" ? 2 : 1);
  const prefix = behind[0] === "watch" || behind[0] === "proxy" ? behind[0] : null;
  const parts = prefix === null ? behind : behind.slice(1);
  const isInside = parts[0] === "namespaces" && parts.length > 2 && !/^(?:status|finalize)$/.test(parts[2] ?? "");
  const [resource, name = "", subresource = ""] = isInside ? parts.slice(2) : parts;
  if (resource === undefined) return null;
  return {
    group,
    prefix,
    namespace: isInside ? (parts[1] ?? "") : null,
    resource,
    // A proxy is told scheme and port with the name: `https:web:8443`.
    name: subresource === "proxy" || prefix === "proxy" ? (/^(?:https?:)?([^:]*)/.exec(name)?.[1] ?? name) : name,
    subresource: prefix === "proxy" ? "proxy" : subresource,
  };
}

/** `metadata.name` of a field selector: the server takes it for the name, too. */
function nameSelected(asked: ReadonlyMap<string, readonly string[]>): string | null {
  const selectors = asked.get("fieldSelector") ?? [];
  const found = selectors.length === 1 ? /(?:^|,)metadata\.name==?([^,=!\\]+)(?:,|$)/.exec(selectors[0] ?? "") : null;
  return found?.[1] ?? null;
}

/** As the API machinery reads a truth value: whatever is not `false` or `0`. */
const isTrue = (values: readonly string[] | undefined): boolean =>
  values !== undefined && !/^(?:false|0)$/i.test(values[0] ?? "");

type Verb = Extract<KubernetesFacts["verb"], string>;
type Effect = Extract<KubernetesFacts["effect"], string>;

function verbOf(method: string, { name, subresource, prefix }: Named, isWatch: boolean): Verb {
  if (connecting.has(subresource)) return "connect";
  switch (method.toUpperCase()) {
    case "GET":
    case "HEAD":
      if (prefix === "watch") return "watch";
      return name === "" ? (isWatch ? "watch" : "list") : "get";
    case "POST":
      return "create";
    case "PUT":
      return "update";
    case "PATCH":
      return "patch";
    case "DELETE":
      return name === "" ? "deletecollection" : "delete";
    default:
      return "connect";
  }
}

export function effectOf(verb: Verb): Effect {
  if (verb === "get" || verb === "list" || verb === "watch") return "read";
  if (verb === "delete" || verb === "deletecollection") return "delete";
  return verb === "connect" ? "exec" : "write";
}

/** Creating one of these asks a question, and leaves nothing behind. */
const isReview = ({ group, resource, subresource }: Named): boolean =>
  /^auth(?:entication|orization)\.k8s\.io$/.test(group) && /reviews$/.test(resource) && subresource === "";

/** A dry run of these changes nothing; what another subresource or a custom resource does with `dryRun` is its own matter. */
export const heedsDryRun = (named: Pick<Named, "group" | "resource" | "subresource">): boolean =>
  /^(?:scale|status)?$/.test(named.subresource) && livesInNamespaces(named) !== null;

/** Whether `dryRun` says so in the one way there is. */
export const isDryRun = (values: unknown): boolean =>
  Array.isArray(values) && values.length > 0 && values.every((each) => each === "All");

function effectOfRequest(verb: Verb, named: Named, asked: ReadonlyMap<string, readonly string[]> | null): Effect {
  // What is deleted is asked for in the body, where there is one, and then the query does not count.
  const mayBeDry = verb === "create" || verb === "update" || verb === "patch";
  if (mayBeDry && isDryRun(asked?.get("dryRun")) && heedsDryRun(named)) return "read";
  if (named.resource === "pods" && named.subresource === "eviction") return "delete";
  if (named.subresource === "ephemeralcontainers" && effectOf(verb) !== "read") return "exec";
  return verb === "create" && isReview(named) ? "read" : effectOf(verb);
}

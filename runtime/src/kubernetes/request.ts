/**
 * A request to a Kubernetes API server, by method and path, as the facts that a `kubectl` command for it would have.
 *
 * `exec`, `attach`, `portforward` and `proxy` are what they do whatever the method: over WebSocket an exec is a GET.
 */
import type { KubernetesFacts } from "../facts/generated.js";
import { resourceOf } from "./resources.js";

export type KubernetesCall = Omit<
  KubernetesFacts,
  "complete" | "reasons" | "context" | "impersonates" | "scales_to_zero"
>;

const connecting = new Set(["exec", "attach", "portforward", "proxy"]);

/** Facts of `method path?query`; null when the path is none of a resource. */
export function readApiPath(method: string, path: string, query: string): KubernetesCall | null {
  const found =
    /^\/(?:api\/v1|apis\/([^/]+)\/[^/]+)(?:\/(watch))?(?:\/namespaces\/([^/]+))?(?:\/([^/]+))?(?:\/([^/]+))?(?:\/([^/]+))?(?:\/.*)?$/.exec(
      path,
    );
  if (found === null) return null;
  const [, group = "", watch, namespace, kind, name = "", subresource = ""] = found;
  const isNamespace = kind === undefined || (namespace !== undefined && ["status", "finalize"].includes(kind));
  if (isNamespace && namespace === undefined) return null;
  const resource = isNamespace ? "namespaces" : (kind ?? "");
  const own = {
    resource,
    subresource: isNamespace ? (kind ?? "") : subresource,
    name: isNamespace ? (namespace ?? "") : name,
  };
  const verb = verbOf(method, own, watch !== undefined || /(?:^|&)watch=(?:1|true)/.test(query));
  const cluster = resourceOf(resource).namespaced === false;
  return {
    verb,
    effect: connecting.has(own.subresource) ? "exec" : effectOf(verb),
    group,
    ...own,
    scope: cluster || (namespace === undefined && !isNamespace) ? "cluster" : isNamespace ? "cluster" : "namespaced",
    namespace: namespace ?? "",
    all_namespaces: namespace === undefined && !cluster,
  };
}

type Verb = Extract<KubernetesFacts["verb"], string>;

function verbOf(method: string, { name, subresource }: { name: string; subresource: string }, isWatch: boolean): Verb {
  if (connecting.has(subresource)) return "connect";
  switch (method.toUpperCase()) {
    case "GET":
    case "HEAD":
      return isWatch ? "watch" : name === "" ? "list" : "get";
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

export function effectOf(verb: Verb): Extract<KubernetesFacts["effect"], string> {
  if (verb === "get" || verb === "list" || verb === "watch") return "read";
  if (verb === "delete" || verb === "deletecollection") return "delete";
  return verb === "connect" ? "exec" : "write";
}

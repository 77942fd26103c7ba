/**
 * A whole request to a Kubernetes API server as one action.
 *
 * In: method, path, query, headers, and the body where somebody passed it on. Out: the facts that the `kubectl` command for it
 * has, but for the context, which a wire has not; and, for an `exec`, the command it starts. What only the body could say is
 * unknown without it. Absent: the cluster's state, admission.
 */
import { type Fact, isUnknown, unknown } from "../facts/fact.js";
import type { WireAnalysis } from "../facts/front-end.js";
import type { KubernetesFacts } from "../facts/generated.js";
import { isJsonObject, type KubernetesRequest } from "../facts/wire.js";
import { readQuery } from "./query.js";
import { heedsDryRun, isDryRun, type KubernetesCall, readApiPath } from "./request.js";

/** One `k8s` action; opaque when the path is none the server would know. Total; O(size of the request). */
export function analyseKubernetes(request: KubernetesRequest): WireAnalysis {
  const { method, path, query, headers } = request;
  const asked = readQuery(query);
  if (asked === null) return opaque("query");
  const call = readApiPath(method, path, query) ?? readServerPath(method, path);
  if (call === null) return opaque("api_path");
  const body = readBody(request.body);
  const own = {
    ...withBody(call, body, asked),
    context: "",
    impersonates: Object.keys(headers).some((name) => name.startsWith("impersonate-")),
    scales_to_zero: scalesToZero(call, body, request.body),
  };
  const reasons = [
    ...new Set(Object.values(own).flatMap((value) => (isUnknown(value) ? [value["?"]] : []))),
  ].toSorted();
  const whole: KubernetesFacts = { ...own, complete: reasons.length === 0, reasons };
  const started = call.subresource === "exec" ? asked.get("command") : undefined;
  const actions = [{ family: "k8s", opaque: false, facts: whole }] as const;
  return started === undefined ? { actions } : { actions, started };
}

type Query = ReadonlyMap<string, readonly string[]>;

const opaque = (reason: string): WireAnalysis => ({ actions: [{ family: "k8s", opaque: true, reasons: [reason] }] });

const serverPaths =
  /^\/(?:api|apis|healthz|readyz|livez|version|openapi|swaggerapi|\.well-known\/openid-configuration|openid\/v1\/jwks)?(?:\/|$)/;

/** What a server says about itself. Anything else that is no resource is not understood. */
function readServerPath(method: string, path: string): KubernetesCall | null {
  const isAsked = /^(?:GET|HEAD)$/i.test(method) && serverPaths.test(path) && !/%|\/\.{0,2}\/|\/\.{1,2}$/.test(path);
  if (!isAsked) return null;
  return {
    verb: "get",
    effect: "read",
    group: "",
    resource: "",
    subresource: "",
    name: "",
    scope: "cluster",
    namespace: "",
    all_namespaces: false,
  };
}

/** A body as JSON: null for an empty one; undefined when nobody passed it on, or it is not JSON: YAML, protobuf. */
function readBody(body: unknown): unknown {
  if (typeof body !== "string") return body;
  if (body === "") return null;
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

const fieldOf = (value: unknown, name: string): unknown =>
  isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;

/** What is created has its name in the body; what is deleted may be asked for as a dry run there. */
function withBody(call: KubernetesCall, body: unknown, asked: Query): KubernetesCall {
  const { verb, group, resource, subresource } = call;
  if (verb === "create" && subresource === "" && call.name === "") {
    const name = createdName(body);
    return { ...call, name, ...(resource === "namespaces" && group === "" ? { namespace: name } : {}) };
  }
  return isDryDelete(call, body, asked) ? { ...call, effect: "read" } : call;
}

/** The options of a DELETE are its body; only of one that is known to be empty the server looks at the query. */
function isDryDelete({ effect, group, resource, subresource }: KubernetesCall, body: unknown, asked: Query): boolean {
  if (effect !== "delete" || subresource !== "") return false;
  if (typeof group !== "string" || typeof resource !== "string") return false;
  const dry = body === null ? asked.get("dryRun") : fieldOf(body, "dryRun");
  return isDryRun(dry) && heedsDryRun({ group, resource, subresource });
}

function createdName(body: unknown): Fact<string> {
  if (!isJsonObject(body)) return unknown("body");
  const metadata = fieldOf(body, "metadata");
  const name = fieldOf(metadata, "name");
  if (typeof name === "string" && name !== "") return name;
  return fieldOf(metadata, "generateName") === undefined ? "" : unknown("generated_name");
}

const running = /^(?:deployments|replicasets|statefulsets|replicationcontrollers)$/;

/** Whether the change leaves nothing running. `written` is the body as it came. */
function scalesToZero(call: KubernetesCall, body: unknown, written: unknown): Fact<boolean> {
  const { verb, resource, subresource } = call;
  if (verb !== "update" && verb !== "patch" && verb !== "create") return false;
  const isScale = subresource === "scale";
  const isRunning = typeof resource === "string" && running.test(resource) && subresource === "";
  if (body === undefined || body === null) return isScale || isRunning ? unknown("body") : false;
  const found = Array.isArray(body)
    ? zeroInOperations(body, isScale)
    : zeroInObject(body, isScale && verb === "update");
  const isDoubtful = (isScale || isRunning) && typeof written === "string" && mayHideZero(written);
  return found === false && isDoubtful ? unknown("body") : found;
}

/** A name that stands twice is read by some as its first value, by others as its last, or as both put together. */
const mayHideZero = (text: string): boolean => /"replicas"\s*:\s*-?0(?![.\d]*[1-9])|\\u/.test(text);

/** An object, or a merge patch (RFC 7386). A scale that does not say how much is read as zero by the server. */
function zeroInObject(body: unknown, isWholeScale: boolean): Fact<boolean> {
  const spec = fieldOf(body, "spec");
  const replicas = fieldOf(spec, "replicas");
  if (typeof replicas === "number") return replicas === 0;
  if (replicas === undefined) return isWholeScale || spec === null ? isWholeScale || unknown("body") : false;
  return unknown("body");
}

/** A JSON patch (RFC 6902). */
function zeroInOperations(operations: readonly unknown[], isScale: boolean): Fact<boolean> {
  let isOpen = false;
  for (const each of operations) {
    const [op, path, value] = [fieldOf(each, "op"), fieldOf(each, "path"), fieldOf(each, "value")];
    const target = typeof path === "string" ? path : "";
    if (target === "/spec/replicas" && value === 0) return true;
    if (target === "/spec" && fieldOf(value, "replicas") === 0) return true;
    const isReplaced = target === "" || target.includes("~") || (isScale && op === "remove");
    if (isReplaced || op === "copy" || op === "move") isOpen = true;
  }
  return isOpen ? unknown("patch") : false;
}

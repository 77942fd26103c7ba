import { spawn } from "node:child_process";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * As much of a Kubernetes API server as `kubectl` needs to send what it sends: discovery, and an object of whatever is asked
 * for. Every request is written down.
 */
export interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

const kinds: readonly (readonly [group: string, resource: string, kind: string, namespaced: boolean])[] = [
  ["v1", "pods", "Pod", true],
  ["v1", "services", "Service", true],
  ["v1", "secrets", "Secret", true],
  ["v1", "configmaps", "ConfigMap", true],
  ["v1", "serviceaccounts", "ServiceAccount", true],
  ["v1", "events", "Event", true],
  ["v1", "namespaces", "Namespace", false],
  ["v1", "nodes", "Node", false],
  ["apps/v1", "deployments", "Deployment", true],
  ["apps/v1", "replicasets", "ReplicaSet", true],
  ["apps/v1", "statefulsets", "StatefulSet", true],
  ["apps/v1", "daemonsets", "DaemonSet", true],
  ["batch/v1", "jobs", "Job", true],
  ["autoscaling/v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler", true],
  ["autoscaling/v1", "horizontalpodautoscalers", "HorizontalPodAutoscaler", true],
  ["rbac.authorization.k8s.io/v1", "clusterroles", "ClusterRole", false],
  ["rbac.authorization.k8s.io/v1", "rolebindings", "RoleBinding", true],
  ["rbac.authorization.k8s.io/v1", "clusterrolebindings", "ClusterRoleBinding", false],
  ["certificates.k8s.io/v1", "certificatesigningrequests", "CertificateSigningRequest", false],
  ["authorization.k8s.io/v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview", false],
  ["example.com/v1", "widgets", "Widget", true],
];

const versions = [...new Set(kinds.map(([version]) => version).filter((version) => version !== "v1"))];
const short: Readonly<Record<string, readonly string[]>> = {
  pods: ["po"],
  services: ["svc"],
  deployments: ["deploy"],
  namespaces: ["ns"],
  nodes: ["no"],
};

function resourcesOf(version: string) {
  const own = kinds.filter(([each]) => each === version);
  const scaled = own.filter(([, resource]) => /^(?:deployments|replicasets|statefulsets)$/.test(resource));
  const verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
  return {
    kind: "APIResourceList",
    groupVersion: version,
    resources: [
      ...own.map(([, name, kind, namespaced]) => ({
        name,
        kind,
        namespaced,
        verbs,
        singularName: kind.toLowerCase(),
        shortNames: short[name] ?? [],
      })),
      ...scaled.map(([, name]) => ({
        name: `${name}/scale`,
        kind: "Scale",
        group: "autoscaling",
        version: "v1",
        namespaced: true,
        verbs: ["get", "patch", "update"],
      })),
    ],
  };
}

function discovery(path: string): unknown {
  if (path === "/api") return { kind: "APIVersions", versions: ["v1"] };
  if (path === "/version") return { major: "1", minor: "32", gitVersion: "v1.32.4" };
  if (path === "/apis") {
    const groups = [...new Set(versions.map((version) => version.split("/")[0] ?? ""))].map((name) => {
      const own = versions.filter((version) => version.startsWith(`${name}/`));
      const all = own.map((groupVersion) => ({ groupVersion, version: groupVersion.split("/")[1] }));
      return { name, versions: all, preferredVersion: all[0] };
    });
    return { kind: "APIGroupList", apiVersion: "v1", groups };
  }
  const found = /^\/(?:api\/(?=v1$)|apis\/)(v1|[^/]+\/[^/]+)$/.exec(path);
  return found === null ? null : resourcesOf(found[1] ?? "");
}

const container = { name: "c", image: "i" };
const template = { metadata: { labels: { app: "x" } }, spec: { containers: [container] } };

/** An object of the kind that a path is about, or a list of one. */
function objectAt(path: string): unknown {
  const [whole = "", version = "v1"] = /^\/(?:api\/(?=v1)|apis\/)(v1|[^/]+\/[^/]+)\//.exec(path) ?? [];
  const segments = path.slice(whole.length).split("/");
  const isInside = segments[0] === "namespaces" && segments.length > 2;
  const [resource = "", name, subresource] = isInside ? segments.slice(2) : segments;
  const kind = kinds.find(([of, known]) => of === version && known === resource)?.[2] ?? "Status";
  if (subresource === "scale")
    return {
      kind: "Scale",
      apiVersion: "autoscaling/v1",
      metadata: { name },
      spec: { replicas: 1 },
      status: { replicas: 1 },
    };
  const metadata = {
    name: name ?? "x",
    ...(isInside ? { namespace: segments[1] } : {}),
    resourceVersion: "1",
    uid: "u",
  };
  const spec = /^(?:Deployment|ReplicaSet|StatefulSet|DaemonSet)$/.test(kind)
    ? { replicas: 1, selector: { matchLabels: { app: "x" } }, template }
    : { containers: [container], nodeName: "n" };
  const status = { phase: "Running", conditions: [{ type: "Ready", status: "True" }] };
  const object = { kind, apiVersion: version, metadata, spec, status };
  return name === undefined
    ? { kind: `${kind}List`, apiVersion: version, metadata: { resourceVersion: "1" }, items: [object] }
    : object;
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const text = Buffer.concat(parts).toString("utf8");
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export interface Cluster {
  /** Runs `kubectl` with `words` against the server: the requests it sent that are not discovery. */
  send(words: readonly string[], input?: string): Promise<readonly Sent[]>;
  close(): void;
}

export async function openCluster(home: string): Promise<Cluster> {
  let sent: Sent[] = [];
  const server = createServer((request, response) => void answer(request, response));
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url = "" } = request;
    const body = await bodyOf(request);
    const path = url.split("?")[0] ?? "";
    const known = discovery(path);
    const reply = (status: number, value: unknown) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(value));
    };
    if (known !== null && method === "GET") return reply(200, known);
    const told = Object.entries(request.headers).filter(([name]) => /^(?:impersonate-|upgrade$)/.test(name));
    sent.push({
      method,
      path: url,
      headers: Object.fromEntries(told) as Record<string, string>,
      ...(body === undefined ? {} : { body }),
    });
    if (/\/(?:exec|attach|portforward)$/.test(path))
      return reply(403, { kind: "Status", status: "Failure", code: 403 });
    if (/[?&]watch=(?:true|1)/.test(url)) return reply(200, { type: "ADDED", object: objectAt(path) });
    reply(method === "POST" ? 201 : 200, method === "POST" && typeof body === "object" ? body : objectAt(path));
  }
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  return {
    async send(words, input = "") {
      sent = [];
      const flags = [
        "--server",
        `http://127.0.0.1:${port}`,
        "--cache-dir",
        `${home}/cache`,
        "--kubeconfig",
        "/dev/null",
      ];
      const child = spawn("kubectl", [...flags, ...words], {
        env: { ...process.env, HOME: home },
        stdio: ["pipe", "ignore", "ignore"],
      });
      child.stdin.end(input);
      const timer = setTimeout(() => child.kill(), 4_000);
      await new Promise((done) => child.once("close", done));
      clearTimeout(timer);
      return sent;
    },
    close: () => void server.close(),
  };
}

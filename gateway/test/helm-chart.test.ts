/**
 * The chart for Kubernetes, looked at without a cluster: its values are a configuration that loads and a policy that compiles,
 * its schema refuses what a gateway could not start with, its templates name only values that there are, and ask for no rights.
 * Templates are read as text here. Whether they render to what Kubernetes takes is for `helm lint` and `helm template`, which
 * run where Helm is installed; whether a cluster accepts it, and keeps to the network policy, only a cluster can tell.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileForGateway } from "@hpl/cli";
import { Ajv } from "ajv";
import { load, loadAll } from "js-yaml";
import { expect, test } from "vitest";
import { checkConfig } from "../src/config/load-config.js";

const chart = new URL("../../deploy/helm/hpl-gateway/", import.meta.url).pathname;
const text = (name: string): string => readFileSync(`${chart}${name}`, "utf8");
const templates = readdirSync(`${chart}templates`).map((name) => ({ name, text: text(`templates/${name}`) }));
const all = templates.map((each) => each.text).join("\n");
const template = (name: string): string => templates.find((each) => each.name === name)?.text ?? "";

interface Values {
  readonly [name: string]: unknown;
  readonly config: {
    readonly connections: readonly { readonly listen: string }[];
    readonly metrics: { readonly listen: string };
  };
  readonly policy: Readonly<Record<string, string>>;
  readonly secretEnvironment: Readonly<Record<string, unknown>>;
  readonly ports: readonly { readonly port: number }[];
  readonly metricsPort: number;
  readonly networkPolicy: Readonly<Record<string, unknown>>;
}
const values = load(text("values.yaml")) as Values;
const fits = new Ajv({ strict: false }).compile(JSON.parse(text("values.schema.json")));
const portOf = (listen: string): number => Number(listen.slice(listen.lastIndexOf(":") + 1));

test("the chart's own values are a configuration that loads, and a policy that compiles", () => {
  expect(load(text("Chart.yaml"))).toMatchObject({ apiVersion: "v2", name: "hpl-gateway", type: "application" });
  expect([fits(values), fits.errors]).toEqual([true, null]);
  expect(checkConfig(JSON.stringify(values.config), chart)).toMatchObject({ ok: true });
  const folder = mkdtempSync(join(tmpdir(), "hpl-helm-"));
  for (const [name, content] of Object.entries(values.policy)) writeFileSync(join(folder, name), content);
  expect(compileForGateway(folder)).toMatchObject({ ok: true });
  rmSync(folder, { recursive: true });
});

test("what the configuration reads is given, and where it listens is open", () => {
  const read = [...JSON.stringify(values.config).matchAll(/\{"env":"(\w+)"\}/g)].map(([, name]) => name);
  expect(Object.keys(values.secretEnvironment).toSorted()).toEqual(read.toSorted());
  expect(values.ports.map(({ port }) => port)).toEqual(values.config.connections.map(({ listen }) => portOf(listen)));
  expect(values.metricsPort).toBe(portOf(values.config.metrics.listen));
});

/** Changes to the values, by path; undefined takes a value away. */
test.each<readonly [string, string, unknown]>([
  ["a password in a ConfigMap", "config.identity.static.0.password", "secret"],
  ["a database's password in a ConfigMap", "config.connections.0.upstream.url", "postgres://app:secret@db/orders"],
  ["a database that is gone with the pod", "config.connections.0.upstream", { embedded: "postgres" }],
  ["a state folder beside the volume", "config.state", "/tmp/state"],
  ["a policy folder that is not mounted", "config.policy", "/policies"],
  ["nothing for probes to ask", "config.metrics", undefined],
  ["no policy", "policy", {}],
  ["a policy file that leads out of its folder", "policy", { "../gateway.json": "" }],
  ["a port that needs root", "ports.0.port", 443],
  ["no port", "ports", []],
  ["a name that is no variable", "secretEnvironment", { "A-B": { secret: "s", key: "k" } }],
  ["a secret given in place", "secretEnvironment.ORDERS_URL", "postgres://app:secret@db/orders"],
  ["a digest that is none", "image.digest", "sha256:12"],
  ["less time than a gateway takes to end", "terminationGracePeriodSeconds", 14],
  ["clients that are everybody by mistake", "networkPolicy.clients", [{}]],
  ["a way out to everywhere by mistake", "networkPolicy.egress", [{ ports: [] }]],
  ["a second gateway on the same log", "replicas", 2],
])("the schema refuses %s", (_what, path, value) => {
  expect(fits(changed(values, path.split("."), value))).toBe(false);
});

function changed(value: unknown, [name = "", ...rest]: readonly string[], to: unknown): unknown {
  const inner = (value as Readonly<Record<string, unknown>>)[name];
  const next = rest.length === 0 ? to : changed(inner, rest, to);
  if (Array.isArray(value)) return value.with(Number(name), next);
  const { [name]: _old, ...others } = value as Readonly<Record<string, unknown>>;
  return next === undefined ? others : { ...others, [name]: next };
}

test("templates name values and definitions that there are, every value is used, and what is opened is closed", () => {
  const used = [...all.matchAll(/\.Values\.([\w.]+)/g)].map(([, path = ""]) => path);
  const at = (path: string): unknown =>
    path.split(".").reduce<unknown>((value, name) => (value as Readonly<Record<string, unknown>>)?.[name], values);
  expect(used.filter((path) => at(path) === undefined)).toEqual([]);
  const roots = new Set(used.map((path) => path.split(".")[0]));
  expect(Object.keys(values).filter((name) => !roots.has(name))).toEqual([]);
  const named = (pattern: RegExp): readonly string[] => [
    ...new Set([...all.matchAll(pattern)].map(([, name = ""]) => name)),
  ];
  expect(named(/include "([\w.]+)"/g).toSorted()).toEqual(named(/define "([\w.]+)"/g).toSorted());
  for (const { name, text: each } of templates) {
    const count = (pattern: RegExp): number => [...each.matchAll(pattern)].length;
    expect([name, count(/\{\{-? (range|with|if|define) /g)]).toEqual([name, count(/\{\{-? ?end ?-?\}\}/g)]);
  }
});

test("the pod has no rights, writes nothing but its state, and is asked for its health", () => {
  const pod = template("gateway.yaml");
  for (const line of [
    "automountServiceAccountToken: false",
    "enableServiceLinks: false",
    "runAsNonRoot: true",
    "allowPrivilegeEscalation: false",
    "readOnlyRootFilesystem: true",
    'drop: ["ALL"]',
    "type: RuntimeDefault",
    "startupProbe:",
    "httpGet: { path: /healthz, port: metrics }",
    "httpGet: { path: /readyz, port: metrics }",
    "{ name: configuration, mountPath: /etc/hpl, readOnly: true }",
  ])
    expect(pod).toContain(line);
  for (const right of ["privileged", "hostNetwork", "hostPath", "hostPID", "ClusterRole", "ServiceAccount\n"])
    expect(all).not.toContain(right);
});

test("there is one gateway to a volume, the volume outlives the release, and a drain asks first", () => {
  expect(template("gateway.yaml")).toMatch(/kind: StatefulSet[\s\S]*\n {2}replicas: 1\n/);
  expect(template("gateway.yaml")).toContain('accessModes: ["ReadWriteOncePod"]');
  expect(template("gateway.yaml")).toContain("whenDeleted: Retain");
  expect(template("disruption.yaml")).toContain("maxUnavailable: 0");
});

test("nobody comes in or goes out who was not named, DNS aside; and secrets come from Secrets alone", () => {
  expect(template("network.yaml")).toContain('policyTypes: ["Ingress", "Egress"]');
  expect(template("network.yaml").match(/namespaceSelector: \{\}/g)).toHaveLength(1);
  expect(values.networkPolicy).toEqual({ clients: [], metrics: [], egress: [] });
  expect(all).not.toMatch(/kind: Secret\n/);
  expect(template("gateway.yaml").match(/secretKeyRef:/g)).toHaveLength(1);
});

const isInstalled = (() => {
  try {
    execFileSync("helm", ["version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

test("Helm lints and renders it", () => {
  if (!isInstalled) return void process.stderr.write("not run here: helm\n");
  const helm = (...args: readonly string[]): string => execFileSync("helm", args, { encoding: "utf8" });
  expect(helm("lint", "--strict", chart)).toContain("0 chart(s) failed");
  const rendered = loadAll(helm("template", "shop", chart)) as readonly { readonly kind: string }[];
  expect(rendered.map(({ kind }) => kind).toSorted()).toEqual(
    ["ConfigMap", "ConfigMap", "NetworkPolicy", "PodDisruptionBudget", "Service", "StatefulSet"].toSorted(),
  );
});

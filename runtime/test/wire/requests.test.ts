import { expect, test } from "vitest";
import { actionsOf, type FrontEnds, readRequest } from "../../src/index.js";
import { shellFrontEnd } from "../../src/shell/index.js";
import { bigqueryFrontEnd } from "../../src/sql/index.js";
import { wireFrontEnd } from "../../src/wire/index.js";

// Requests in wire form, as a line of NDJSON has them, and in short what they amount to.

const frontEnds: FrontEnds = { shell: shellFrontEnd, bigquery: bigqueryFrontEnd, wire: wireFrontEnd };

const fields: Readonly<Record<string, readonly string[]>> = {
  k8s: ["verb", "effect", "group", "resource", "subresource", "name", "namespace", "scales_to_zero"],
  http: ["method", "host", "path", "uploads_file"],
  cloud: ["service", "verb", "resource", "effects"],
  sql: ["kind", "effects"],
  shell: ["program", "effects", "place"],
  fs: ["op", "path"],
};

const show = (value: unknown): string =>
  typeof value === "object" && value !== null && "?" in value ? `?${value["?"]}` : String(value);

function inShort(action: unknown): readonly string[] | string {
  const read = readRequest({ action }, null);
  if (!read.ok) return read.bad.field;
  return actionsOf(read.request, frontEnds).actions.map((each) => {
    const parent = each.parent === undefined ? "" : ` of ${each.parent}`;
    if (each.opaque) return `${each.family} opaque ${each.reasons}${parent}`;
    const facts = each.facts as unknown as Record<string, unknown>;
    const told = (fields[each.family] ?? [])
      .map((name) => show(facts[name]))
      .filter((text) => text !== "" && text !== "false");
    const bytes = each.family === "sql" ? ` ${JSON.stringify(facts.estimate)}` : "";
    return `${each.family} ${told.join(" ")}${bytes}${parent}`;
  });
}

const k8s = (method: string, path: string, more: object = {}) => ({ k8s: { request: { method, path, ...more } } });
const pods = "/api/v1/namespaces/x/pods";
const deployment = "/apis/apps/v1/namespaces/x/deployments/d";

test.each([
  ["GET", pods, {}, "list read pods x"],
  ["GET", `${pods}/p`, {}, "get read pods p x"],
  ["HEAD", `${pods}/p`, {}, "get read pods p x"],
  ["GET", pods, { query: { watch: "true" } }, "watch read pods x"],
  ["GET", `${pods}?watch=false`, {}, "list read pods x"],
  ["GET", `${pods}/p?watch=true`, {}, "get read pods p x"],
  ["GET", `${pods}?fieldSelector=metadata.name%3Dp`, {}, "list read pods p x"],
  ["GET", `${pods}?fieldSelector=metadata.name!%3Dp`, {}, "list read pods x"],
  ["GET", "/api/v1/watch/namespaces/x/secrets", {}, "watch read secrets x"],
  ["GET", "/api/v1/namespaces/x/secrets/", {}, "list read secrets x"],
  ["GET", "/api/v1/namespaces/%78/secrets", {}, "list read secrets x"],
  ["GET", "/version", {}, "get read"],
  ["GET", "/apis/apps/v1", {}, "get read"],
  ["POST", pods, { body: { metadata: { name: "p" } } }, "create write pods p x"],
  ["POST", pods, { body: '{"metadata":{"generateName":"p-"}}' }, "create write pods ?generated_name x"],
  ["POST", pods, { body: "k8s\u0000" }, "create write pods ?body x"],
  ["POST", pods, {}, "create write pods ?body x"],
  ["POST", "/api/v1/namespaces", { body: { metadata: { name: "n" } } }, "create write namespaces n n"],
  ["POST", `${pods}/p/exec`, {}, "connect exec pods exec p x"],
  ["GET", `${pods}/p/attach`, { headers: { Upgrade: "websocket" } }, "connect exec pods attach p x"],
  ["GET", "/api/v1/namespaces/x/services/https:s:443/proxy/admin", {}, "connect exec services proxy s x"],
  ["GET", "/api/v1/proxy/nodes/n", {}, "connect exec nodes proxy n"],
  ["GET", "/api/v1/nodes/n/proxy/run/x/p/c", {}, "connect exec nodes proxy n"],
  ["POST", `${pods}/p/eviction`, { body: {} }, "create delete pods eviction p x"],
  ["PATCH", `${pods}/p/ephemeralcontainers`, { body: {} }, "patch exec pods ephemeralcontainers p x"],
  ["DELETE", `${pods}/p`, {}, "delete delete pods p x"],
  ["DELETE", pods, {}, "deletecollection delete pods x"],
  // A body makes the server forget the query.
  ["DELETE", `${pods}/p?dryRun=All`, {}, "delete delete pods p x"],
  ["DELETE", `${pods}/p?dryRun=All`, { body: {} }, "delete delete pods p x"],
  ["DELETE", `${pods}/p?dryRun=All`, { body: "" }, "delete read pods p x"],
  ["DELETE", `${pods}/p`, { body: "dryRun: [All]" }, "delete delete pods p x"],
  ["DELETE", `${pods}/p`, { body: { dryRun: ["All"] } }, "delete read pods p x"],
  ["DELETE", `${pods}/p?dryRun=`, {}, "delete delete pods p x"],
  ["DELETE", `${pods}/p?dryRun=All&dryRun=x`, {}, "delete delete pods p x"],
  ["POST", `${pods}/p/exec?dryRun=All`, {}, "connect exec pods exec p x"],
  ["POST", `${pods}/p/eviction?dryRun=All`, { body: {} }, "create delete pods eviction p x"],
  ["DELETE", "/apis/example.com/v1/widgets/w?dryRun=All", {}, "delete delete example.com widgets w"],
  ["PATCH", `${deployment}/scale`, { body: { spec: { replicas: 0 } } }, "patch write apps deployments scale d x true"],
  ["PUT", `${deployment}/scale`, { body: { spec: {} } }, "update write apps deployments scale d x true"],
  ["PATCH", `${deployment}/scale`, { body: { spec: {} } }, "patch write apps deployments scale d x"],
  ["PATCH", deployment, { body: { spec: { replicas: 3 } } }, "patch write apps deployments d x"],
  ["PATCH", deployment, { body: { spec: { replicas: null } } }, "patch write apps deployments d x ?body"],
  ["PATCH", deployment, { body: '{"spec":{"replicas":0},"spec":{}}' }, "patch write apps deployments d x ?body"],
  ["PATCH", deployment, { body: '{"spec":{"replic\\u0061s":0},"spec":{}}' }, "patch write apps deployments d x ?body"],
  ["PATCH", deployment, { body: "spec: {replicas: 0}" }, "patch write apps deployments d x ?body"],
  [
    "PATCH",
    deployment,
    { body: [{ op: "replace", path: "/spec/replicas", value: 0 }] },
    "patch write apps deployments d x true",
  ],
  [
    "PATCH",
    deployment,
    { body: [{ op: "copy", from: "/a", path: "/spec/replicas" }] },
    "patch write apps deployments d x ?patch",
  ],
  [
    "PATCH",
    deployment,
    { body: [{ op: "add", path: "/metadata/labels/a", value: "b" }] },
    "patch write apps deployments d x",
  ],
  ["PATCH", "/api/v1/namespaces/x/configmaps/c", {}, "patch write configmaps c x"],
  [
    "POST",
    "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
    { body: {} },
    "create read authorization.k8s.io selfsubjectaccessreviews",
  ],
  ["POST", "/api/v1/namespaces/x/serviceaccounts/s/token", {}, "create write serviceaccounts token s x"],
  ["FROB", pods, {}, "connect exec pods x"],
] as const)("%s %s %j", (method, path, more, expected) => {
  expect(inShort(k8s(method, path, more))).toEqual([`k8s ${expected}`]);
});

test.each([
  "/api/v1/namespaces/x/../y/secrets",
  "/api/v1/namespaces/x/%2e%2e/y/secrets",
  "/api/v1//secrets",
  "/api/v1/namespaces/x%2fsecrets",
  "/api/v1/namespaces/x/pods/%2570",
  "/logs/kube-apiserver.log",
  "/debug/pprof/profile",
  "/healthz/../api/v1/secrets",
  "/%61pi/v1/%zz",
])("%s is no path that could be judged", (path) => {
  expect(inShort(k8s("GET", path))).toEqual(["k8s opaque api_path"]);
});

test("a query that servers read in two ways is not judged", () => {
  expect(inShort(k8s("GET", `${pods}?a=1;watch=1`))).toEqual(["k8s opaque query"]);
  expect(inShort(k8s("GET", `${pods}/p/exec?command=%zz`))).toEqual(["k8s opaque query"]);
});

test.each([
  [
    "an exec brings its command",
    k8s("GET", `${pods}/p/exec?command=rm&command=-rf&command=/srv`),
    ["k8s connect exec pods exec p x", "shell rm delete container of 0", "fs delete /srv of 1"],
  ],
  [
    "whose words no shell reads",
    k8s("GET", `${pods}/p/exec?command=echo&command=${encodeURIComponent("'; rm -rf / #")}`),
    ["k8s connect exec pods exec p x", "shell echo read container of 0"],
  ],
  [
    "without a body nothing is sent",
    { http: { request: { method: "get", url: "http://0x7f.1/a/../b" } } },
    ["http GET 127.0.0.1 /b"],
  ],
  [
    "a body may be a file",
    { http: { request: { method: "POST", url: "https://h/", body: "x" } } },
    ["http POST h / ?body"],
  ],
  [
    "a form says so",
    {
      http: {
        request: {
          method: "POST",
          url: "https://h/",
          body: 'Content-Disposition: form-data; name="a"; filename="b"\r\n\r\nx',
        },
      },
    },
    ["http POST h / true"],
  ],
  [
    "a header makes a reader write",
    { http: { request: { method: "GET", url: "https://h/", headers: { "x-http-method-override": "DELETE" } } } },
    ["http DELETE h /"],
  ],
  [
    "and no writer read",
    { http: { request: { method: "DELETE", url: "https://h/", headers: { "X-HTTP-Method-Override": ["GET"] } } } },
    ["http DELETE h /"],
  ],
  [
    "of two that write nobody knows which",
    { http: { request: { method: "POST", url: "https://h/", headers: { "x-http-method": "PUT" } } } },
    ["http ?method_override h /"],
  ],
  [
    "a cluster's API by its path",
    { http: { request: { method: "DELETE", url: "https://k:6443/api/v1/namespaces/x/pods/p" } } },
    ["http DELETE k /api/v1/namespaces/x/pods/p", "k8s delete delete pods p x of 0"],
  ],
])("%s", (_what, action, expected) => {
  expect(inShort(action)).toEqual(expected);
});

const job = (query: object, more: object = {}) => ({
  bigquery: { job: { configuration: { query: { useLegacySql: false, ...query } }, ...more } },
});
const text = "SELECT a FROM d.t";

test.each([
  [
    "a query is its statement",
    job({ query: text }),
    ['sql select read {"?":"estimate"}', "cloud bigquery query read of 0"],
  ],
  [
    "with what its dry run found",
    job({ query: text }, { statistics: { totalBytesProcessed: "5" } }),
    ['sql select read {"rows":{"?":"estimate"},"bytes":5}', "cloud bigquery query read of 0"],
  ],
  [
    "or the ceiling, if that is lower",
    job({ query: text, maximumBytesBilled: "3" }, { statistics: { query: { totalBytesProcessed: "5" } } }),
    ['sql select read {"rows":{"?":"estimate"},"bytes":3}', "cloud bigquery query read of 0"],
  ],
  [
    "a number that is none is no estimate",
    job({ query: text, maximumBytesBilled: "1e3" }, { statistics: { totalBytesProcessed: "-1" } }),
    ['sql select read {"?":"estimate"}', "cloud bigquery query read of 0"],
  ],
  [
    "a dry run reads nothing",
    { bigquery: { job: { configuration: { dryRun: true, query: { query: text, useLegacySql: false } } } } },
    ['sql select read {"rows":{"?":"estimate"},"bytes":0}', "cloud bigquery query read of 0"],
  ],
  [
    "a result that is kept makes it a call",
    job({ query: text, destinationTable: { projectId: "p", datasetId: "d", tableId: "u" } }),
    ["cloud bigquery query p:d.u read,write", 'sql select read {"?":"estimate"} of 0'],
  ],
  [
    "and so does what nobody listed",
    job({ query: text, frobnicate: 1 }),
    ["cloud bigquery query read,write", 'sql select read {"?":"estimate"} of 0'],
  ],
  [
    "legacy SQL is another language",
    { bigquery: { job: { configuration: { query: { query: text } } } } },
    ['sql ?legacy_sql [object Object] {"?":"legacy_sql"}', "cloud bigquery query read of 0"],
  ],
  [
    "a dataset of another project",
    job({ query: "SELECT 1 FROM t", defaultDataset: { projectId: "o", datasetId: "d" } }),
    ['sql ?default_dataset [object Object] {"?":"default_dataset"}', "cloud bigquery query read of 0"],
  ],
  [
    "an extract exports",
    {
      bigquery: {
        job: { configuration: { extract: { sourceTable: { datasetId: "d", tableId: "t" }, destinationUris: [] } } },
      },
    },
    ["cloud bigquery extract d.t read,export"],
  ],
  ["two jobs in one are none", { bigquery: { job: { configuration: { load: {}, copy: {} } } } }, ["cloud opaque job"]],
  ["an empty job", { bigquery: { job: {} } }, ["cloud opaque job"]],
])("BigQuery: %s", (_what, action, expected) => {
  expect(inShort(action)).toEqual(expected);
});

test.each([
  ["action.k8s.request.path", { k8s: { request: { method: "GET", path: "api/v1" } } }],
  ["action.k8s.request.method", { k8s: { request: { method: 1, path: "/" } } }],
  ["action.k8s.request.verb", { k8s: { request: { method: "GET", path: "/", verb: "get" } } }],
  ["action.k8s.request.query", { k8s: { request: { method: "GET", path: "/", query: { a: 1 } } } }],
  ["action.k8s.request.headers", { k8s: { request: { method: "GET", path: "/", headers: ["a"] } } }],
  ["action.k8s.verb", { k8s: { request: { method: "GET", path: "/" }, verb: "get" } }],
  ["action.k8s.request", { k8s: { request: null } }],
  ["action.http.request.url", { http: { request: { method: "GET" } } }],
  ["action.http.request.body_file", { http: { request: { method: "GET", url: "http://h", body_file: "x" } } }],
  ["action.git.receive_pack", { git: { receive_pack: "no base64!" } }],
  ["action.git.receive_pack", { git: { receive_pack: 1 } }],
  ["action.git.fast_forward", { git: { receive_pack: "", fast_forward: "x" } }],
  ["action.git.ref", { git: { receive_pack: "", ref: "x" } }],
  ["action.redis.command", { redis: { command: [] } }],
  ["action.redis.command", { redis: { command: ["GET", 1] } }],
  ["action.redis.effects", { redis: { command: ["GET"], effects: [] } }],
  ["action.mongo.database", { mongo: { command: { ping: 1 }, database: 1 } }],
  ["action.mongo.effects", { mongo: { command: { ping: 1 }, effects: [] } }],
  ["action.bigquery.job", { bigquery: { job: "x" } }],
  ["action.bigquery.query", { bigquery: { job: {}, query: "x" } }],
  ["action.sql.estimate.bytes", { sql: { text: "SELECT 1", estimate: { bytes: "1" } } }],
  ["action.sql.estimate.cost", { sql: { text: "SELECT 1", estimate: { cost: 1 } } }],
])("%s is named where it is wrong", (field, action) => {
  expect(inShort(action)).toBe(field);
});

test("facts are facts still, and a wire form without a front end is opaque", () => {
  expect(inShort({ redis: { command: "get", effects: ["read"] } })).toHaveLength(1);
  expect(inShort({ mongo: { command: { "?": "x" } } })).toHaveLength(1);
  const { wire: _, ...others } = frontEnds;
  const read = readRequest({ action: { redis: { command: ["GET", "a"] } } }, null);
  expect(read.ok && actionsOf(read.request, others).actions).toEqual([
    { family: "redis", opaque: true, reasons: ["no_front_end:redis"] },
  ]);
});

test("an estimate that came with a SQL text is its fact", () => {
  const sql = { dialect: "bigquery", text, estimate: { bytes: 7 } };
  expect(inShort({ sql })).toEqual(['sql select read {"rows":{"?":"estimate"},"bytes":7}']);
  expect(inShort({ shell: { text: `bq query --maximum_bytes_billed=9 '${text}'` } })).toContainEqual(
    'sql select read {"rows":{"?":"estimate"},"bytes":9} of 0',
  );
});

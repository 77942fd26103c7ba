import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadConfig } from "./load-config.js";

const good = `{
  "policy": "policy.hpl",
  "state": "state",
  "connections": [
    { "name": "orders", "kind": "postgres", "env": "prod",
      "listen": "127.0.0.1:6432",
      "upstream": { "url": "postgres://app:topsecret@127.0.0.1:5432/orders" } }
  ],
  "identity": { "static": [
    { "user": "agent", "password": "topsecret", "principal": { "id": "a", "kind": "agent", "groups": [] } }
  ] },
  "approvals": { "listen": "127.0.0.1:6480", "webhooks": [ { "url": "http://h/", "secret_env": "HPL_TEST_KEY" } ] }
}
`;
const user =
  '    { "user": "agent", "password": "topsecret", "principal": { "id": "a", "kind": "agent", "groups": [] } }';
const url = '{ "url": "postgres://app:topsecret@127.0.0.1:5432/orders" }';
const bundled = (bundle: string): string => changed('"policy.hpl"', `{ "bundle": ${bundle} }`);
const port = '"127.0.0.1:6432"';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "hpl-config-"));
  writeFileSync(join(folder, "empty"), "\n");
  writeFileSync(join(folder, "seed.sql"), "SELECT 1");
  writeFileSync(join(folder, "binary"), Buffer.from([0xff, 0xfe]));
  const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: folder, stdio: "ignore" });
  for (const name of ["one", "two"])
    openssl(
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:P-256",
      "-nodes",
      "-subj",
      "/CN=x",
      "-keyout",
      `${name}.key`,
      "-out",
      `${name}.pem`,
    );
  openssl("pkey", "-in", "one.key", "-pubout", "-out", "one.pub");
  openssl("genpkey", "-algorithm", "ed25519", "-out", "ed.key");
  openssl("pkey", "-in", "ed.key", "-pubout", "-out", "ed.pub");
  process.env.HPL_TEST_KEY = "key";
});
afterAll(() => {
  delete process.env.HPL_TEST_KEY;
  rmSync(folder, { recursive: true, force: true });
});

function problemsOf(text: string | Buffer, references = true): readonly string[] {
  const path = join(folder, "gateway.json");
  writeFileSync(path, text);
  const loaded = loadConfig(path, { references });
  const problems = loaded.ok ? [] : loaded.problems;
  return problems.map(({ field, line, message }) => `${field}:${line}: ${message}`);
}

/** The good configuration with one thing replaced. */
function changed(from: string, to: string): string {
  if (!good.includes(from)) throw new Error(`the good configuration has no ${from}`);
  return good.replace(from, () => to);
}

test("a good one", () => expect(problemsOf(good)).toEqual([]));

const tls = (cert: string, key: string): string => `${port}, "tls": { "cert": "${cert}", "key": { "file": "${key}" } }`;

test.each<readonly [string, string | Buffer, readonly string[]]>([
  ["nothing", "", [":1: the file is empty"]],
  ["white space", " \n ", [":1: the file is empty"]],
  ["a byte order mark", `\uFEFF${good}`, [":1: not JSON: it starts with a byte order mark"]],
  ["not UTF-8", Buffer.from([0x7b, 0xff]), [":1: the configuration cannot be read: it is not UTF-8"]],
  ["a comment", changed('  "state"', '  // here\n  "state"'), [":3: not JSON: a comment"]],
  [
    "a trailing comma",
    changed('"secret_env": "HPL_TEST_KEY" }', '"secret_env": "HPL_TEST_KEY", }'),
    [
      ":12: not JSON: the name of a field is missing, or a comma is too much",
      ":12: not JSON: a value is missing, or a comma is too much",
    ],
  ],
  ["a duplicate key", changed('"state"', '"policy": "b",\n  "state"'), ["policy:3: is given twice"]],
  [
    "a duplicate key within",
    changed('"kind": "agent"', '"kind": "agent", "kind": "human"'),
    ["identity.static[0].principal.kind:10: is given twice"],
  ],
  ["a list", "[]", [":1: must be object"]],
  ["an unknown field", changed('"state"', '"sate": 1, "state"'), ["sate:3: unknown field"]],
  ["a prototype", changed('"state"', '"__proto__": {}, "state"'), ["__proto__:3: unknown field"]],
  ["a wrong type", changed('"state": "state"', '"state": 3'), ["state:3: must be string"]],
  ["a missing field", changed('"name": "orders", ', ""), ["connections[0]:5: the field `name` is missing"]],
  [
    "no member of a list of words",
    changed('"prod"', '"production"'),
    ['connections[0].env:5: must be one of "prod", "staging", "dev"'],
  ],
  ["an address without a port", changed(port, '"127.0.0.1"'), ["connections[0].listen:6: must be host:port"]],
  [
    "a port too large",
    changed(port, '"127.0.0.1:65536"'),
    ["connections[0].listen:6: the port 65536 is larger than 65535"],
  ],
  [
    "an address twice",
    changed('"127.0.0.1:6480"', port),
    ["approvals.listen:12: the address `127.0.0.1:6432` is given twice"],
  ],
  ["a user twice", changed(user, `${user},\n${user}`), ["identity.static[1].user:11: the user `agent` is given twice"]],
  ["a bundle without keys", bundled('{ "file": "p.tar.gz" }'), ["policy.bundle:2: the field `keys` is missing"]],
  [
    "a bundle from nowhere",
    bundled('{ "keys": { "ci": "x" } }'),
    ["policy.bundle:2: has none of the forms that are possible here"],
  ],
  [
    "a bundle over http from elsewhere",
    bundled('{ "url": "http://policies.internal/p.tar.gz", "keys": { "ci": { "file": "ed.pub" } } }'),
    ["policy.bundle.url:2: must be on https, or on this machine"],
  ],
  [
    "a bundle's key that is private",
    bundled('{ "file": "p.tar.gz", "keys": { "ci": { "file": "one.key" } } }'),
    ["policy.bundle.keys.ci:2: the key is a private one: give the public key"],
  ],
  [
    "a bundle's key of another kind",
    bundled('{ "file": "p.tar.gz", "keys": { "ci": { "file": "one.pub" } } }'),
    ["policy.bundle.keys.ci:2: the key is no public key of Ed25519, SPKI in PEM"],
  ],
  [
    "a shared database that is none",
    changed('"state": "state"', '"shared": { "postgres": "mysql://h/d" }, "state": "state"'),
    [
      "shared.postgres:3: the upstream URL must look like postgres://user:password@host:5432/database?sslmode=verify-full",
    ],
  ],
  [
    "an upstream of no form",
    changed(url, "{}"),
    ["connections[0].upstream:7: has none of the forms that are possible here"],
  ],
  [
    "an upstream with a field too much",
    changed(url, '{ "embedded": "postgres", "sead": "x" }'),
    ["connections[0].upstream.sead:7: unknown field"],
  ],
  [
    "another server",
    changed(url, '{ "url": "mysql://app:topsecret@h/d" }'),
    [
      "connections[0].upstream.url:7: the upstream URL must look like postgres://user:password@host:5432/database?sslmode=verify-full",
    ],
  ],
  [
    "a missing secret file",
    changed('"password": "topsecret"', '"password": { "file": "none" }'),
    ["identity.static[0].password:10: the file none cannot be read: there is none"],
  ],
  [
    "an empty secret file",
    changed('"password": "topsecret"', '"password": { "file": "empty" }'),
    ["identity.static[0].password:10: the file empty is empty"],
  ],
  [
    "a secret file that is no text",
    changed('"password": "topsecret"', '"password": { "file": "binary" }'),
    ["identity.static[0].password:10: the file binary cannot be read: it is not UTF-8"],
  ],
  [
    "an empty password",
    changed('"password": "topsecret"', '"password": ""'),
    ["identity.static[0].password:10: has none of the forms that are possible here"],
  ],
  [
    "a missing variable",
    changed('"password": "topsecret"', '"password": { "env": "HPL_NOT_SET" }'),
    ["identity.static[0].password:10: the environment variable HPL_NOT_SET is not set"],
  ],
  [
    "a missing webhook key",
    changed("HPL_TEST_KEY", "HPL_NOT_SET"),
    ["approvals.webhooks[0].secret_env:12: the environment variable HPL_NOT_SET is not set"],
  ],
  [
    "a webhook with a password",
    changed("http://h/", "http://u:topsecret@h/"),
    ["approvals.webhooks[0].url:12: a webhook's URL may not hold a user or password"],
  ],
  [
    "a missing seed",
    changed(url, '{ "embedded": "postgres", "seed": "none.sql" }'),
    ["connections[0].upstream.seed:7: the file none.sql cannot be read: there is none"],
  ],
  [
    "a missing certificate",
    changed(port, tls("none.pem", "one.key")),
    ["connections[0].tls:6: the file none.pem cannot be read: there is none"],
  ],
  [
    "a certificate that is none",
    changed(port, tls("seed.sql", "one.key")),
    ["connections[0].tls:6: seed.sql and one.key are not a certificate and a key in PEM"],
  ],
  [
    "a key of another certificate",
    changed(port, tls("one.pem", "two.key")),
    ["connections[0].tls:6: the key in two.key is not that of the certificate in one.pem"],
  ],
])("%s", (_name, text, expected) => {
  const problems = problemsOf(text);
  expect(problems).toEqual(expected);
  expect(problems.join("\n")).not.toContain("topsecret");
});

test("without its references a configuration is read where its secrets are not", () => {
  expect(problemsOf(changed("HPL_TEST_KEY", "HPL_NOT_SET"), false)).toEqual([]);
  expect(problemsOf(changed(port, '"127.0.0.1:65536"'), false)).toHaveLength(1);
});

test("a pair of certificate and key is good", () => {
  expect(problemsOf(changed(port, tls("one.pem", "one.key")))).toEqual([]);
});

test("no file", () => {
  expect(loadConfig(join(folder, "none.json"))).toMatchObject({
    ok: false,
    problems: [{ message: "the configuration cannot be read: there is no such file" }],
  });
});

const withIdentity = (value: object): string =>
  good.replace(/"identity": [\s\S]*?\n {2}\] \}/, `"identity": ${JSON.stringify(value)}`);
const identity = (oidc: object): string => withIdentity({ oidc });
const provider = { issuer: "https://issuer.example", audience: "hpl" };
test.each<readonly [string, string, readonly string[]]>([
  ["a provider in place of users", identity(provider), []],
  ["a provider on this machine", identity({ ...provider, issuer: "http://127.0.0.1:9" }), []],
  [
    "plain HTTP elsewhere",
    identity({ ...provider, issuer: "http://issuer.example" }),
    ["identity.oidc.issuer:9: must be on https, or on this machine"],
  ],
  [
    "a shared secret",
    identity({ ...provider, algorithms: ["HS256"] }),
    ["identity.oidc.algorithms[0]:9: must be one of"],
  ],
  ["no audience", identity({ issuer: provider.issuer }), ["identity.oidc:9: the field `audience` is missing"]],
  ["nobody at all", withIdentity({}), ["identity:9: must not be empty"]],
  [
    "a recording of no size",
    changed('"state": "state",', '"state": "state", "recording": { "size": 1 },'),
    ["recording.size:3: must be >= 4096"],
  ],
  [
    "a message format that is none",
    changed('"secret_env"', '"format": "teams", "secret_env"'),
    ["approvals.webhooks[0].format:12: must be one of"],
  ],
])("people: %s", (_name, text, expected) => {
  const problems = problemsOf(text);
  expect(problems.map((problem, i) => problem.slice(0, expected[i]?.length))).toEqual(expected);
});

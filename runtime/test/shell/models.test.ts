import { expect, test } from "vitest";
import { effectsOf } from "../../src/cloud/index.js";
import { readReceiveCommand, readRefspec } from "../../src/git/index.js";
import { httpFacts, readUrl } from "../../src/http/index.js";
import { readApiPath, resourceOf } from "../../src/kubernetes/index.js";

const unknownUrl = { "?": "url" };

test.each([
  ["https://Example.COM./a/./b/../c?x=1#y", ["https", "example.com", 443, "/a/c", "x=1"]],
  ["example.com", ["http", "example.com", 80, "/", ""]],
  ["http://u:p@h:8080//a//b", ["http", "h", 8080, "/a/b", ""]],
  ["http://0x7f000001/", ["http", "127.0.0.1", 80, "/", ""]],
  ["http://0177.1/", ["http", "127.0.0.1", 80, "/", ""]],
  ["http://2852039166/", ["http", "169.254.169.254", 80, "/", ""]],
  ["http://[::ffff:1.2.3.4]/", ["http", "1.2.3.4", 80, "/", ""]],
  ["http://[::1]:81/", ["http", "[::1]", 81, "/", ""]],
  ["http://1.2.3.4.5/", ["http", "1.2.3.4.5", 80, "/", ""]],
  ["http://256.1.1.1/", ["http", "256.1.1.1", 80, "/", ""]],
  ["http://h/%61%2fb", ["http", "h", 80, "/a/b", ""]],
  ["http://h/%2561", ["http", "h", 80, { "?": "path_encoding" }, ""]],
  ["http://h/%ff", ["http", "h", 80, { "?": "path_encoding" }, ""]],
  ["http://h /", [unknownUrl, unknownUrl, unknownUrl, unknownUrl, unknownUrl]],
  ["http://{a,b}/", [unknownUrl, unknownUrl, unknownUrl, unknownUrl, unknownUrl]],
] as const)("%s", (url, expected) => {
  const { scheme, host, port, path, query } = readUrl(url);
  expect([scheme, host, port, path, query]).toEqual(expected);
});

test("what is not known of a request makes it incomplete, and says why", () => {
  const facts = httpFacts({ method: "get", url: { "?": "variable:X" }, uploads_file: false });
  expect(facts).toMatchObject({ method: "GET", complete: false, reasons: ["variable:X"] });
});

test.each([
  ["main", "refs/heads/main", ""],
  ["HEAD:main", "refs/heads/main", ""],
  ["+x:refs/tags/v1", "refs/tags/v1", "force"],
  [":old", "refs/heads/old", "delete"],
  ["a:b:c", "refs/heads/c", ""],
  ["HEAD", "refs/heads/feat", ""],
  ["tags/v1", "refs/tags/v1", ""],
  ["refs/heads/*:refs/heads/*", null, "all_refs"],
  [":", null, "all_refs"],
  ["+:", null, "force all_refs"],
] as const)("refspec %s", (spec, ref, marks) => {
  const update = readRefspec(spec, "feat");
  expect([update.ref, (["force", "delete", "all_refs"] as const).filter((name) => update[name]).join(" ")]).toEqual([
    ref,
    marks,
  ]);
});

test("receive-pack: a ref, whether it goes, and whether it is new", () => {
  const [a, b, none] = ["a".repeat(40), "b".repeat(40), "0".repeat(40)];
  expect(readReceiveCommand(`${a} ${b} refs/heads/x\0 report-status`)).toMatchObject({
    ref: "refs/heads/x",
    delete: false,
    force_known: false,
  });
  expect(readReceiveCommand(`${a} ${none} refs/heads/x`)).toMatchObject({ delete: true });
  expect(readReceiveCommand(`${none} ${b} refs/heads/x`)).toMatchObject({ force_known: true });
  expect(readReceiveCommand("0000")).toBeNull();
});

test.each([
  ["GET", "/api/v1/namespaces/x/pods", "list read pods  x"],
  ["GET", "/api/v1/namespaces/x/pods/p", "get read pods  x"],
  ["GET", "/api/v1/namespaces/x/pods/p/exec", "connect exec pods exec x"],
  ["POST", "/api/v1/namespaces/x/pods/p/attach", "connect exec pods attach x"],
  ["DELETE", "/api/v1/namespaces/x/pods", "deletecollection delete pods  x"],
  ["DELETE", "/api/v1/namespaces/x", "delete delete namespaces  x"],
  ["PATCH", "/apis/apps/v1/namespaces/x/deployments/d/scale", "patch write deployments scale x"],
  ["GET", "/api/v1/secrets", "list read secrets  "],
  ["GET", "/api/v1/watch/namespaces/x/secrets", "watch read secrets  x"],
  ["GET", "/healthz", null],
] as const)("%s %s", (method, path, expected) => {
  const call = readApiPath(method, path, "");
  expect(call && [call.verb, call.effect, call.resource, call.subresource, call.namespace].join(" ")).toBe(expected);
});

test("names of resources are one thing however they are written", () => {
  for (const name of ["po", "pod", "pods", "Pods"]) expect(resourceOf(name).resource).toBe("pods");
  for (const name of ["deploy", "deployments.apps", "deployments.v1.apps"])
    expect(resourceOf(name)).toMatchObject({ resource: "deployments", group: "apps" });
  expect(resourceOf("secrets.example.com")).toEqual({ resource: "secrets", group: "example.com", namespaced: null });
});

test.each([
  ["ec2", "describe-instances", "read"],
  ["ec2", "terminate-instances", "delete"],
  ["iam", "attach-role-policy", "write,grant"],
  ["secretsmanager", "get-secret-value", "read,secret_read"],
  ["keyvault secret", "show", "read,secret_read"],
  ["x", "frobnicate", "write"],
] as const)("%s %s", (service, verb, expected) => {
  expect(effectsOf(service, verb).join(",")).toBe(expected);
});

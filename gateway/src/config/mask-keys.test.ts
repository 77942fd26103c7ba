import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { checkConfig } from "./load-config.js";
import { keyBytes } from "./mask-keys.js";

const key = Buffer.from("00112233445566778899aabbccddeeff102132435465768798a9bacbdcedfe0f", "hex");

test.each([
  ["hex digits", key.toString("hex")],
  ["large hex digits", key.toString("hex").toUpperCase()],
  ["base64", key.toString("base64")],
])("a key as %s", (_form, text) => {
  expect(Buffer.from(keyBytes(text)).equals(key)).toBe(true);
});

test("a longer key is a key, and so is any random one", () => {
  expect(keyBytes(Buffer.concat([key, key]).toString("hex"))).toHaveLength(64);
  for (let i = 0; i < 100; i++) expect(keyBytes(randomBytes(32).toString("base64"))).toHaveLength(32);
});

const needed = "the key is not 32 bytes or more, as hex digits or base64 (`openssl rand -hex 32` makes one)";
test.each([
  ["31 bytes", key.subarray(1).toString("hex"), needed],
  ["an odd digit", `${key.toString("hex")}0`, needed],
  ["a passphrase", "correct horse battery staple correct horse", needed],
  ["base64 and something behind it", `${key.toString("base64")}!`, needed],
  ["zeros", "0".repeat(64), "the key repeats a few bytes: it is not random"],
  [
    "eleven different bytes",
    Buffer.from(Array.from({ length: 33 }, (_, i) => i % 11)).toString("hex"),
    "the key repeats a few bytes: it is not random",
  ],
])("no key: %s", (_what, text, message) => {
  expect(() => keyBytes(text)).toThrow(new Error(message));
});

test("twelve different bytes are enough", () => {
  expect(keyBytes(Buffer.from(Array.from({ length: 36 }, (_, i) => i % 12)).toString("hex"))).toHaveLength(36);
});

const problemsWith = (keys: object): readonly string[] => {
  const connection = {
    name: "a",
    kind: "postgres",
    env: "prod",
    listen: "127.0.0.1:1",
    upstream: { embedded: "postgres" },
  };
  const identity = { static: [{ user: "u", password: "p", principal: { id: "u", kind: "human", groups: [] } }] };
  const config = { policy: "p", state: "s", connections: [connection], identity, keys };
  const loaded = checkConfig(JSON.stringify(config), "/", { references: true });
  return loaded.ok ? [] : loaded.problems.map(({ field, message }) => `${field}: ${message}`);
};

test.each([
  [{ "pii-2026": key.toString("hex") }, []],
  [
    { "pii-2026": "short", other: { env: "HPL_NO_SUCH_KEY" } },
    [`keys.pii-2026: ${needed}`, "keys.other: the environment variable HPL_NO_SUCH_KEY is not set"],
  ],
  [{ PII: key.toString("hex") }, ["keys.PII: is no name that is possible here"]],
  [{ ["k".repeat(33)]: key.toString("hex") }, [`keys.${"k".repeat(33)}: is no name that is possible here`]],
])("configured as %j", (keys, problems) => {
  expect(problemsWith(keys)).toEqual(problems);
});

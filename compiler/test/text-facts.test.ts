import { readFileSync } from "node:fs";
import { judge, loadPolicy, type Policy, readRequest, textFrontEnd, textSizeMax } from "@hpl/runtime";
import { expect, test } from "vitest";
import { compile } from "../src/index.js";

const library = (name: string) => ({
  path: `std/${name}.hpl`,
  text: readFileSync(new URL(`../../stdlib/${name}/${name}.hpl`, import.meta.url), "utf8"),
});

const text = `policy prompts governs text
use std.detect
use std.pii
default allow
detector ticket { pattern 'T-[0-9]{6}' }
let house = {ticket}
block "secrets" when text.detected has any detect.secrets
block "both" when text.detected has all {pii.email_address, ticket}
block "tickets" when text.detected has any house and text.lines > 2
block "large" when text.size > 1 KB
`;

function load(source: string): Policy {
  const { module, diagnostics } = compile({
    sources: [{ path: "p.hpl", text: source }],
    libraries: ["detect", "pii", "pci"].map(library),
  });
  if (module === null) throw new Error(JSON.stringify(diagnostics));
  const loaded = loadPolicy(module);
  if (!loaded.ok) throw new Error(loaded.failure.message);
  return loaded.policy;
}

const policy = load(text);

/** Rules that fire on `asked`. */
function firing(asked: string, frontEnds = { text: textFrontEnd }): readonly string[] {
  const read = readRequest({ connection: { name: "model", kind: "http", env: "prod" }, action: { text: asked } }, null);
  if (!read.ok) throw new Error(read.bad.field);
  const { decision } = judge(policy, frontEnds, read.request);
  return decision.rules.filter(({ effect }) => effect === "block").map(({ id }) => id);
}

test.each<readonly [string, readonly string[]]>([
  ["", []],
  ["hello", []],
  ["key AKIAIOSFODNN7EXAMPLX", ["prompts/secrets"]],
  ["T-123456", []],
  ["T-123456\n\n", ["prompts/tickets"]],
  ["ann@corp.io", []],
  ["T-123456 by ann@corp.io", ["prompts/both"]],
  ["x".repeat(1_001), ["prompts/large"]],
  ["ü".repeat(501), ["prompts/large"]],
])("%j is blocked by %j", (asked, expected) => {
  expect(firing(asked)).toEqual(expected);
});

test("a text is looked through up to its limit, and opaque beyond it", () => {
  const at = (size: number) => textFrontEnd("x".repeat(size), policy);
  expect(at(textSizeMax)).toMatchObject({ opaque: false, facts: { size: textSizeMax, detected: [] } });
  expect(at(textSizeMax + 1)).toEqual({ family: "text", opaque: true, reasons: ["too_large"] });
});

test("without a policy nobody looks, and without a front end nothing is read", () => {
  expect(textFrontEnd("AKIAIOSFODNN7EXAMPLX", null)).toMatchObject({
    facts: { size: 20, lines: 1, detected: { "?": "no_detectors" }, complete: false },
  });
  expect(firing("hello", {} as { text: typeof textFrontEnd })).toEqual(
    ["both", "large", "secrets", "tickets"].map((id) => `prompts/${id}`),
  );
});

test("a detector is a name, and no text", () => {
  const wrong = text.replace("detect.secrets", '{"std.detect.aws_access_key"}');
  expect(() => load(wrong)).toThrow("HPL3001");
  expect(() => load(text.replace("any house", "any detct.secrets"))).toThrow("HPL2004");
});

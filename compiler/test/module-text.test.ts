import { readFileSync } from "node:fs";
import { loadPolicy } from "@hpl/runtime";
import { META_SECTION, SOURCE_SECTION } from "@hpl/runtime/abi";
import fc from "fast-check";
import { deflateSync } from "fflate";
import { expect, test } from "vitest";
import { appendSection, concat } from "../src/5-emit/wasm-binary.js";
import { compile, embeddedText, embedText, type PolicyText, policyInModule } from "../src/index.js";
import { libraries } from "./check-text.js";

const text = readFileSync(new URL("every-construct.hpl", import.meta.url), "utf8");
/** A policy of one rule and one that uses a library, beside a library nobody uses. */
const policy = (rule: string) => `policy p governs sql\nuse std.sql\ndefault block\n${rule}\n`;
const reads = policy('allow "reads" when sql.only_reads');

function build(source: string): { readonly module: Uint8Array<ArrayBuffer>; readonly embedded: PolicyText } {
  const input = { sources: [{ path: "p.hpl", text: source }], libraries, data: [] };
  const compiled = compile(input);
  if (compiled.module === null) throw new Error(JSON.stringify(compiled.diagnostics));
  return { module: compiled.module, embedded: { ...input, libraries: compiled.libraries } };
}

const section = (packed: Uint8Array, size: number): Uint8Array => {
  const head = new Uint8Array(4);
  new DataView(head.buffer).setUint32(0, size, true);
  return concat([head, packed]);
};
const utf8 = (of: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(of));

test("a module gives back its text, and of the libraries only those in force", () => {
  const { module, embedded } = build(reads);
  expect(embedded.libraries.map(({ path }) => path)).toEqual(["std/sql.hpl"]);
  const withText = embedText(module, embedded);
  expect(embeddedText(withText)).toEqual(embedded);
  expect(embedText(module, embedded)).toEqual(withText);
  expect(loadPolicy(withText).ok).toBe(true);
  expect(embeddedText(module)).toBeNull();
});

test("a policy with every construct is the same tree again", () => {
  const data = [
    { path: "lists.json", text: '{ "ids": ["a", "b"] }' },
    {
      path: "lists.schema.json",
      text: '{ "properties": { "ids": { "type": "array", "items": { "type": "string" } } } }',
    },
  ];
  const input = { sources: [{ path: "every.hpl", text }], libraries, data };
  const compiled = compile(input);
  const found = policyInModule(embedText(compiled.module ?? new Uint8Array(), input));
  expect(found).toEqual({ ok: true, policy: compiled.policy });
});

test("a text that means something else explains nothing", () => {
  const { module } = build(reads);
  const other = build(policy('allow "reads" when sql.only_reads or statement.kind == drop'.replace(" or ", " and ")));
  expect(policyInModule(embedText(module, other.embedded))).toEqual({ ok: false, reason: "other_meaning" });
  const broken = { ...other.embedded, sources: [{ path: "p.hpl", text: "policy" }] };
  expect(policyInModule(embedText(module, broken))).toEqual({ ok: false, reason: "other_meaning" });
});

const files = { sources: [], libraries: [], data: [] };
test.each<readonly [string, Uint8Array]>([
  ["nothing", new Uint8Array(0)],
  ["less than its size", Uint8Array.of(1, 0, 0)],
  ["not compressed", section(utf8(files), 40)],
  ["more than it says", section(deflateSync(utf8({ ...files, more: "x".repeat(1_000) })), 10)],
  ["a gigabyte, it says", section(deflateSync(utf8(files)), 2 ** 30)],
  ["not JSON", section(deflateSync(new Uint8Array(9)), 9)],
  ["not UTF-8", section(deflateSync(Uint8Array.of(0x22, 0xff, 0x22)), 3)],
  ["a list", section(deflateSync(utf8([])), 2)],
  ["a file without text", section(deflateSync(utf8({ ...files, sources: [{ path: "p" }] })), 60)],
])("a section that holds %s is no text", (_what, bytes) => {
  const { module } = build(reads);
  const damaged = appendSection(module, { name: SOURCE_SECTION, bytes });
  expect(embeddedText(damaged)).toBeNull();
  expect(policyInModule(damaged)).toEqual({ ok: false, reason: "no_text" });
});

test("whatever the bytes are, reading them throws nothing", () => {
  const { module, embedded } = build(reads);
  const withText = embedText(module, embedded);
  fc.assert(
    fc.property(fc.nat(withText.length - 1), fc.nat(255), fc.nat(withText.length), (at, byte, length) => {
      const damaged = withText.slice(0, length);
      if (at < length) damaged[at] = byte;
      const found = policyInModule(damaged);
      if (found.ok) expect(found.policy.rules.map(({ id }) => id)).toEqual(["p/reads"]);
    }),
    { numRuns: 300 },
  );
  expect(policyInModule(new TextEncoder().encode(META_SECTION))).toEqual({ ok: false, reason: "no_text" });
});

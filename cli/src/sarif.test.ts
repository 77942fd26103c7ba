import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { check } from "@hpl/compiler";
import { Ajv } from "ajv";
import { expect, test } from "vitest";
import { toSarif } from "./sarif.js";

const schemaPath = createRequire(import.meta.url).resolve("schemastore/schemas/json/sarif-2.1.0.json");
const schema = JSON.parse(readFileSync(schemaPath, "utf8"));
const isSarif = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(schema);

test.each([
  ["no findings", "policy p governs sql\ndefault block\n"],
  ["a warning", 'policy p governs sql\ndefault block\ngroup unused\nallow "r" when statement.effects only {read}\n'],
  ["errors, one of them in a text with signs", 'policy p governs sql\nblock "<&>" when statemnt.kind == drop and "\n'],
])("%s: valid against the schema of SARIF 2.1.0", (_name, text) => {
  const sources = [{ path: "a folder/ü.hpl", text }];
  const { diagnostics } = check({ sources, libraries: [] });
  const sarif = toSarif(diagnostics, sources);
  expect(isSarif(JSON.parse(JSON.stringify(sarif))), JSON.stringify(isSarif.errors)).toBe(true);
  expect(sarif.runs[0]?.results.length).toBe(diagnostics.length);
});

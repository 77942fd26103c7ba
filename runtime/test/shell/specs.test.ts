import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { specFiles, specOf, type ToolSource } from "../../src/shell/spec.js";
import { handlers } from "../../src/shell/tools/index.js";

const schema = JSON.parse(readFileSync(new URL("../../../spec/shell-tool.schema.json", import.meta.url), "utf8"));
const validate = new Ajv2020().compile(schema);

test.each(Object.keys(specFiles))("%s.json is what its schema says", (file) => {
  validate(specFiles[file]);
  expect(validate.errors).toBeNull();
});

const tools = Object.values(specFiles).flatMap((file) => Object.entries(file as Record<string, ToolSource>));

function everySpec(source: ToolSource): readonly ToolSource[] {
  return [source, ...Object.values(source.subcommands ?? {}).flatMap(everySpec)];
}

test("a program is described once, and a handler that is named exists", () => {
  const names = tools.flatMap(([written]) => written.split(" "));
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  const named = tools.flatMap(([, source]) => everySpec(source)).flatMap(({ handler }) => handler ?? []);
  expect([...new Set(named)].filter((name) => !handlers.has(name))).toEqual([]);
  expect([...handlers.keys()].filter((name) => !named.includes(name))).toEqual([]);
  expect(names.length).toBeGreaterThan(400);
});

test("a flag is described once in a tool, and every spec can be read", () => {
  for (const [written, source] of tools) {
    expect(specOf(written.split(" ")[0] ?? "")).not.toBeNull();
    for (const { flags = {} } of everySpec(source)) {
      const names = Object.keys(flags).flatMap((each) => each.split(" "));
      expect([written, names.filter((name, i) => names.indexOf(name) !== i)]).toEqual([written, []]);
    }
  }
});

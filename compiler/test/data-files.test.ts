import { expect, test } from "vitest";
import { findDataProblem, findSchemaProblem } from "../src/3-check/data/json-schema.js";
import { newRegexCache } from "../src/3-check/regex/compile-regex.js";
import { check } from "../src/check.js";
import { dataPathsIn } from "../src/data-paths.js";
import { limits } from "../src/source/limits.js";
import { sqlPolicy } from "./check-text.js";

const list = { type: "array", items: { type: "string" } };

/** What the compiler says of `condition`, with `people.json` and its schema in the policy's folder. */
function checkWith(condition: string, value: unknown, schema: unknown = {}) {
  const text = `${sqlPolicy}data people from "people.json"\nblock "b" on sql when ${condition}`;
  const data = [
    { path: "policy/people.json", text: typeof value === "string" ? value : JSON.stringify(value) },
    { path: "policy/people.schema.json", text: JSON.stringify(schema) },
  ];
  return check({ sources: [{ path: "policy/p.hpl", text }], libraries: [], data });
}
const conditionWith = (condition: string, value: unknown) =>
  checkWith(condition, value).policy?.rules.find(({ id }) => id === "p/b")?.condition;
const problemsWith = (condition: string, value: unknown, schema?: unknown) =>
  checkWith(condition, value, schema).diagnostics.map(({ code, message, help }) => `${code} ${message}; ${help}`);

test("a list is a set, an object a table of names, anything single a constant", () => {
  const value = {
    oncall: ["a", "b"],
    deep: { quota: 5, on: true, name: "x" },
    envs: ["prod", "dev"],
    nets: ["10.0.0.0/8"],
  };
  expect(conditionWith("principal.id in people.oncall", value)).toMatchObject({ kind: "In", values: ["a", "b"] });
  expect(conditionWith("principal.id == people.deep.name", value)).toMatchObject({ kind: "Compare", value: "x" });
  expect(conditionWith("principal.mfa == people.deep.on", value)).toMatchObject({ kind: "Compare", value: true });
  expect(conditionWith("connection.env in people.envs", value)).toMatchObject({ kind: "In", values: ["prod", "dev"] });
  expect(conditionWith("principal in people.oncall", value)).toMatchObject({ kind: "Has", values: ["a", "b"] });
  expect(conditionWith("principal.id like people.oncall", value)).toMatchObject({
    kind: "Like",
    globs: [{ text: "a" }, { text: "b" }],
  });
  expect(conditionWith("session.ip in cidr {people.nets}", value)).toMatchObject({
    kind: "InCidr",
    ranges: [{ prefix: 8 }],
  });
  expect(conditionWith("principal.id in people", ["a"])).toMatchObject({ kind: "In", values: ["a"] });
});

test.each([
  [
    "principal.id in people.onkall",
    { oncall: ["a"] },
    "HPL2004 unknown name `people.onkall`; did you mean `people.oncall`?",
  ],
  ["principal.id in people.a.b", { a: ["a"] }, "HPL2004"],
  ["principal.id in people.constructor", {}, "HPL2004"],
  [
    "principal.id in people",
    { a: ["a"] },
    "HPL2014 `people` is a table of names, not a value; write one of its names: `people.a`",
  ],
  ["principal.id in people.a", { a: [["a"]] }, "HPL2014"],
  ["principal.id in people.a", { a: [] }, "HPL3007"],
  ["principal.id in people.a", { a: [5] }, "HPL3001"],
  ["principal.id in people.a", { a: ["svc-*"] }, "HPL3005"],
  ["connection.env in people.a", { a: ["prod", "test"] }, "HPL3002"],
])("%s is refused", (condition, value, expected) => {
  expect(problemsWith(condition, value).join()).toContain(expected);
});

test("files that are missing, broken, too large or too deep are errors, and so are paths that lead away", () => {
  expect(problemsWith("always", "{").join()).toContain("HPL3019 data: file is not JSON");
  expect(problemsWith("always", "[".repeat(65) + "]".repeat(65)).join()).toContain("nested more than 64 deep");
  expect(problemsWith("always", "[".repeat(64) + "]".repeat(64)).join()).not.toContain("deep");
  expect(problemsWith("always", `"${"a".repeat(limits.data_bytes_max - 2)}"`).join()).not.toContain("bytes");
  expect(problemsWith("always", `"${"a".repeat(limits.data_bytes_max - 1)}"`).join()).toContain("bytes");
  for (const path of ["../x.json", "/x.json", "a/../x.json", "a\\\\x.json", "c:x.json", ""]) {
    const text = `${sqlPolicy}data people from "${path}"`;
    const { diagnostics } = check({ sources: [{ path: "p.hpl", text }], libraries: [], data: [] });
    expect(
      diagnostics.map(({ code }) => code),
      path,
    ).toEqual(["HPL3019"]);
  }
});

test("what to read is said by the compiler", () => {
  const text = `${sqlPolicy}data a from "a.json"\ndata b from "./lists/b.json" as "c.json"\ndata d from "../d.json"`;
  expect(dataPathsIn([{ path: "policy/p.hpl", text }])).toEqual([
    "policy/a.json",
    "policy/a.schema.json",
    "policy/lists/b.json",
    "policy/c.json",
  ]);
});

test.each([
  [list, ["a"], null],
  [list, ["a", 5], "$[1] is integer, not string"],
  [list, {}, "$ is object, not array"],
  [{ type: "number" }, 5, null],
  [{ type: "integer" }, 5.5, "$ is number, not integer"],
  [{ enum: ["a", { b: 1 }] }, { b: 1 }, null],
  [{ enum: ["a"] }, "b", '$ is "b", which is not listed in `enum`'],
  [{ const: null }, null, null],
  [{ const: 5 }, 6, "$ is not the value of `const`"],
  [{ properties: { a: list } }, { a: [5] }, "$.a[0] is integer, not string"],
  [{ required: ["toString"] }, {}, "$.toString is missing"],
  [{ additionalProperties: false }, { constructor: 1 }, "$.constructor is not in the schema"],
  [{ properties: { a: {} }, additionalProperties: list }, { a: 5, b: [5] }, "$.b[0] is integer, not string"],
  [{ minItems: 2 }, ["a"], "$ has fewer than 2 items"],
  [{ maxItems: 1 }, ["a", "b"], "$ has more than 1 items"],
  [{ uniqueItems: true }, [{ a: 1 }, { a: 1 }], "$ has an item twice"],
  [{ minimum: 5 }, 4, "$ is less than 5"],
  [{ maximum: 5 }, 6, "$ is more than 5"],
  [{ minLength: 2 }, "😀", "$ is shorter than 2"],
  [{ maxLength: 1 }, "😀", null],
  [{ maxLength: 1 }, "ab", "$ is longer than 1"],
  [{ pattern: "^[a-z]+$" }, "abc", null],
  [{ pattern: "^[a-z]+$" }, "abc1", "$ does not match `^[a-z]+$`"],
  [{ title: "t", description: "d", $schema: "s", $id: "i" }, 5, null],
])("%j", (schema, value, expected) => {
  const cache = newRegexCache();
  expect(findSchemaProblem(schema, cache)).toBe(null);
  const found = findDataProblem(value, schema, cache);
  expect(found === null ? null : `${found.path} ${found.problem}`).toBe(expected);
});

test.each([
  [5, "$ is not an object"],
  [{ $ref: "#/a" }, "$.$ref is a keyword"],
  [{ properties: { a: { oneOf: [] } } }, "$.properties.a.oneOf is a keyword"],
  [{ items: true }, "$.items is not a schema"],
  [{ items: { format: "email" } }, "$.items.format is a keyword"],
  [{ additionalProperties: { if: {} } }, "$.additionalProperties.if is a keyword"],
  [{ type: ["string"] }, "$.type is not one of"],
  [{ required: [5] }, "$.required is not a list of texts"],
  [{ minItems: -1 }, "$.minItems is not a count"],
  [{ pattern: "abc" }, "$.pattern is not written between"],
  [{ pattern: "^a{2,1}$" }, "$.pattern the regular expression"],
])("the schema %j is refused", (schema, expected) => {
  const found = findSchemaProblem(schema, newRegexCache());
  expect(`${found?.path} ${found?.problem}`).toContain(expected);
});

test("a catalog of a fixture is read from beside the policy, and must be one", () => {
  const text = `policy p governs sql
default block
fixture ann = principal { id: "ann", kind: human, groups: {} }
fixture db  = connection { name: "x", kind: postgres, env: prod, catalog: "db/x.catalog.json" }
block "drop" when statement.effects has drop {
  hit sql "DROP TABLE t" as ann on db
}
`;
  const source = { path: "policy/p.hpl", text };
  expect(dataPathsIn([source])).toEqual(["policy/db/x.catalog.json"]);
  const codesWith = (json: string | null): readonly string[] => {
    const data = json === null ? [] : [{ path: "policy/db/x.catalog.json", text: json }];
    const { policy, diagnostics } = check({ sources: [source], libraries: [], data });
    return policy === null
      ? diagnostics.map(({ code }) => code)
      : [JSON.stringify(policy.examples[0]?.circumstances.catalog)];
  };
  expect(codesWith(null)).toEqual(["HPL3019"]);
  for (const json of ["{", "[]", '{"search_path": ["a"]}', '{"search_path": [], "schemas": {"a": {"t": {}}}}'])
    expect(codesWith(json)).toEqual(["HPL3019"]);
  const catalog = '{"search_path":["a"],"schemas":{"a":{"t":{"columns":[{"name":"id","type":"int8"}]}}}}';
  expect(codesWith(catalog)).toEqual([catalog]);
});

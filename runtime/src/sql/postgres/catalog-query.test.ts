import { beforeAll, describe, expect, test } from "vitest";
import { analyse, summaryOf } from "../../../test/sql/shop.js";
import { parseCatalog, postgresCatalogQuery } from "./catalog-query.js";
import { loadPostgres } from "./parser.js";

beforeAll(() => loadPostgres());

test("the catalog query is one complete read, whatever the session has in front of its path", () => {
  expect(analyse(postgresCatalogQuery()).map(summaryOf)).toMatchObject([
    { kind: "select", effects: "read", complete: true },
  ]);
});

test("every name of the catalog query is qualified and every operator is the built-in one", () => {
  const query = postgresCatalogQuery().replace(/OPERATOR\(pg_catalog\.[^)]+\)/g, "");
  const withoutStrings = query.replace(/'[^']*'/g, "''");
  expect(withoutStrings.match(/[=<>~!|+]+/g)).toBeNull();
  expect(withoutStrings.match(/\b(IN|LIKE|BETWEEN|NULLIF|USING|DISTINCT FROM)\b/g)).toBeNull();
  expect(
    [...withoutStrings.matchAll(/(?<![\w.])(\w+)\(/g)]
      .map(([, name]) => name)
      .filter((name) => !syntax.has(name ?? "")),
  ).toEqual([]);
});

/** What looks like a call but is grammar. */
const syntax = new Set(["coalesce", "EXISTS", "ANY", "AND", "OR"]);

const relation = { columns: [{ name: "id", type: "int8" }] };
const catalog = (change: object) =>
  JSON.stringify({ search_path: ["public"], schemas: { public: { t: relation } }, ...change });

describe("reading a catalog", () => {
  test("a catalog is given back as it is", () => {
    expect(parseCatalog(catalog({ temp_schema: null }))).toEqual(JSON.parse(catalog({})));
  });
  test.each<readonly [string, object | string, string]>([
    ["no object", "[]", "a catalog is an object"],
    ["search path", { search_path: "public" }, "`search_path`"],
    ["schemas", { schemas: [] }, "`schemas`"],
    ["a schema", { schemas: { s: 1 } }, "`schemas.s`"],
    ["a relation", { schemas: { s: { t: 1 } } }, "`schemas.s.t`"],
    ["columns", { schemas: { s: { t: { columns: [{ name: 1 }] } } } }, "`schemas.s.t.columns`"],
    ["kind", { schemas: { s: { t: { ...relation, kind: "index" } } } }, "`schemas.s.t.kind`"],
    ["definition", { schemas: { s: { t: { ...relation, definition: 1 } } } }, "`schemas.s.t.definition`"],
    ["key", { schemas: { s: { t: { ...relation, key: [1] } } } }, "`schemas.s.t.key`"],
    ["parents", { schemas: { s: { t: { ...relation, parents: [["a"]] } } } }, "`schemas.s.t.parents`"],
    ["functions", { functions: [1] }, "`functions`"],
  ])("wrong %s is named", (_, change, message) => {
    expect(() => parseCatalog(typeof change === "string" ? change : catalog(change))).toThrow(message);
  });
});

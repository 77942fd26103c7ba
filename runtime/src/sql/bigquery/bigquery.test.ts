import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bigqueryAttacks, bigqueryEffects, bigqueryHarmless } from "../../../test/sql/bigquery.cases.js";
import type { DialectCase } from "../../../test/sql/mysql.cases.js";
import { type Summary, summaryOf } from "../../../test/sql/shop.js";
import { limits } from "../limits.js";
import { bigqueryFrontEnd } from "./bigquery.js";

const analyse = (text: string, modes: readonly string[] | null = null): readonly Summary[] =>
  bigqueryFrontEnd
    .analyse(text, { dialect: "bigquery", catalog: null, server_version: null, modes })
    .actions.map(summaryOf);

/** Compares the fields that an expectation names. */
function check({ text, expected }: DialectCase): void {
  const found = analyse(text).map((summary, i) =>
    Object.fromEntries(Object.keys(expected[i] ?? {}).map((field) => [field, summary[field as keyof Summary]])),
  );
  expect(found).toEqual(expected);
}

const named = (cases: readonly DialectCase[]) => cases.map((one) => [one.text, one] as const);

describe("what statements do", () => {
  test.each(named(bigqueryEffects))("%s", (_, one) => check(one));
});

describe("texts that fool scanners", () => {
  test.each(named(bigqueryAttacks))("%s", (_, one) => check(one));
});

test.each(bigqueryHarmless)("only reads: %s", (text) => {
  check({ text, expected: [{ effects: "read", targets: [], complete: true }] });
});

test("an alias that is called as a dataset hides no table of the catalog", () => {
  const columns = [{ name: "a", type: "STRING" }];
  const catalog = { search_path: ["ds"], schemas: { ds: { t: { columns }, zsecret: { columns } } } };
  const context = { dialect: "bigquery", catalog, server_version: null } as const;
  const [found] = bigqueryFrontEnd
    .analyse("SELECT x.a FROM ds.t AS ds, ds.zsecret AS x", context)
    .actions.map(summaryOf);
  expect(found).toMatchObject({ complete: false, relations: ["ds.t read from", "ds.zsecret read from"] });
  const [array] = bigqueryFrontEnd.analyse("SELECT x FROM ds.t AS o, o.items AS x", context).actions.map(summaryOf);
  expect(array?.relations).toEqual(["ds.t read from"]);
});

test("legacy SQL is not read", () => {
  expect(analyse("SELECT a FROM [p:ds.t]", ["legacy_sql"])).toEqual([{ opaque: "unknown_mode:legacy_sql" }]);
});

describe("limits", () => {
  test.each<readonly [string, string, string | null]>([
    ["text beyond", `SELECT '${"x".repeat(limits.text_bytes - 8)}'`, "too_large"],
    ["nested beyond", `SELECT ${"[".repeat(limits.nesting + 1)}1${"]".repeat(limits.nesting + 1)}`, "too_deep"],
    ["statements at the limit", "SELECT 1;".repeat(limits.statements), null],
    ["statements beyond", "SELECT 1;".repeat(limits.statements + 1), "too_many_statements"],
    ["a long list", `SELECT 1 FROM ds.t WHERE a IN (${"1,".repeat(60_000)}1)`, null],
    ["many conditions", `SELECT 1 FROM ds.t WHERE ${"a=1 AND ".repeat(5_000)}b=1`, null],
    ["many unions", `SELECT 1 ${"UNION ALL SELECT a FROM ds.t ".repeat(2_000)}`, null],
    ["many blocks", `${"BEGIN ".repeat(10_000)}SELECT 1`, null],
    ["unclosed brackets", `SELECT ${"(SELECT ".repeat(200)}`, "parse_error"],
    ["unclosed quotes", "SELECT '''abc''", "parse_error"],
  ])("%s", (_, text, reason) => {
    const start = performance.now();
    const reasons = analyse(text).flatMap((summary) => summary.opaque ?? []);
    expect([...new Set(reasons)]).toEqual(reason === null ? [] : [reason]);
    expect(performance.now() - start).toBeLessThan(2_000);
  });
});

test("no text makes it throw", () => {
  const texts = [...bigqueryEffects, ...bigqueryAttacks].map(({ text }) => text);
  const cut = fc.constantFrom(...texts).chain((whole) => fc.nat(whole.length).map((at) => whole.slice(0, at)));
  fc.assert(
    fc.property(cut, (text) => {
      for (const summary of analyse(text)) expect(summary.opaque).not.toBe("internal_error");
    }),
    { numRuns: 1_000 },
  );
});

import { beforeAll, describe, expect, test } from "vitest";
import { bypasses } from "../../../test/sql/bypasses.cases.js";
import { type Case, effects, harmless } from "../../../test/sql/effects.cases.js";
import { inference, unwritten } from "../../../test/sql/hidden.cases.js";
import { assumed, lineage } from "../../../test/sql/lineage.cases.js";
import attacks from "../../../test/sql/lineage-attacks.json" with { type: "json" };
import psqlQueries from "../../../test/sql/psql-15.json" with { type: "json" };
import { byKey, restricted } from "../../../test/sql/restricted.cases.js";
import { analyse, type Place, type Summary, summaryOf } from "../../../test/sql/shop.js";
import { limits } from "../limits.js";
import { loadPostgres } from "./parser.js";

beforeAll(async () => {
  await Promise.all([18, 17, 16, 15].map((major) => loadPostgres(major)));
});

/** Compares the fields an expectation names; effects as a set, relations in any order. */
function check([text, ...expected]: Case, place: Place = {}): void {
  const found = analyse(text, place).map(summaryOf);
  const asked = found.map((summary, i) => pick(summary, Object.keys(expected[i] ?? {})));
  expect(asked).toEqual(expected);
}

const pick = (summary: Summary, fields: readonly string[]): Summary =>
  Object.fromEntries(fields.map((field) => [field, summary[field as keyof Summary]]));

describe("effects and relations", () => {
  test.each(effects.map((one) => [one[0], one] as const))("%s", (_, one) => check(one));
});

describe("lineage", () => {
  test.each(lineage.map((one) => [one[0], one] as const))("%s", (_, one) => check(one));
});

describe("what is told without being shown, and done without being said", () => {
  test.each([...inference, ...unwritten].map((one) => [one[0], one] as const))("%s", (_, one) => check(one));
});
describe("without a catalog", () => {
  test.each(assumed.map((one) => [one[0], one] as const))("%s", (_, one) => check(one, { catalog: null }));
});

describe("statements that fool scanners", () => {
  test.each(bypasses.map((one) => [one[0], one] as const))("%s", (_, one) => check(one));
});

test.each(harmless)("only reads: %s", (text) => {
  check([text, { effects: "read", targets: [], complete: true }]);
});

describe("whether a condition restricts the rows", () => {
  const cases = (["all", "some", "perhaps"] as const).flatMap((answer) =>
    restricted[answer].map((where) => [answer, where] as const),
  );
  test.each(cases)("%s: %s", (answer, where) => {
    const [action] = analyse(`UPDATE users SET status = '' ${where}`);
    const [target] = action === undefined ? [] : (summaryOf(action).targets ?? []);
    expect(target?.replace(" by key", "")).toBe(`update ${answer} users`);
  });
  test.each(byKey)("by key: %s", (where, by_key) => {
    const [action] = analyse(`DELETE FROM order_lines ${where}`);
    const [target] = action === undefined ? [] : (summaryOf(action).targets ?? []);
    expect(target?.endsWith(" by key")).toBe(by_key);
  });
});

/** Columns of the attacks' tables that hold secrets. */
const secrets = new Set(
  ["cu", "customers"].flatMap((t) => ["email", "ssn", "salary", "note", "tags"].map((c) => `${t}.${c}`)),
);
secrets.add("orders.email");

const names = (paths: readonly string[] = []): boolean =>
  paths.some((path) => [...secrets].some((secret) => path.includes(secret)));

/** Whether some statement shows a secret as source or influence, or says that it cannot tell. */
const isNoticed = (messages: readonly string[]): boolean =>
  messages
    .flatMap((message) => analyse(message).map(summaryOf))
    .some(
      (found) =>
        found.opaque !== undefined ||
        !found.complete ||
        !found.lineage ||
        names(found.columns) ||
        names(found.predicates),
    );

test.each(attacks.map(({ id, messages }) => [id, messages] as const))("attack %s is noticed", (_, messages) => {
  expect(isNoticed(messages)).toBe(true);
});

test("the last statement of every attack that is one SELECT parses and is not opaque", () => {
  const opaque = attacks.filter(
    ({ messages }) => messages.length === 1 && analyse(messages[0] ?? "").some((action) => action.opaque),
  );
  expect(opaque).toEqual([]);
});

test.each(psqlQueries)("psql asks: %s", (query) => {
  check([query, { effects: "read", complete: true, lineage: true }], { version: 15 });
});

describe("limits and gates", () => {
  const deep = (levels: number): string => `SELECT ${"1+".repeat(levels)}1`;
  test.each<readonly [string, string, string | null]>([
    ["text at the limit", `SELECT '${"x".repeat(limits.text_bytes - 9)}'`, null],
    ["text beyond", `SELECT '${"x".repeat(limits.text_bytes - 8)}'`, "too_large"],
    ["text beyond by its bytes", `SELECT '${"é".repeat(limits.text_bytes / 2)}'`, "too_large"],
    ["statements at the limit", "SELECT 1;".repeat(limits.statements), null],
    ["statements beyond", "SELECT 1;".repeat(limits.statements + 1), "too_many_statements"],
    ["deep", deep(limits.depth - 20), null],
    ["too deep", deep(limits.depth + 20), "too_deep"],
    ["nested at the limit", `SELECT ${"(".repeat(limits.nesting)}1${")".repeat(limits.nesting)}`, null],
    ["nested beyond", `SELECT ${"(".repeat(limits.nesting + 1)}1${")".repeat(limits.nesting + 1)}`, "too_deep"],
    ["parentheses", `SELECT ${"(".repeat(10_000)}1${")".repeat(10_000)}`, "too_deep"],
    ["tokens at the limit", `SELECT ${"1,".repeat(limits.tokens / 2 - 1)}1`, null],
    ["tokens beyond", `SELECT ${"1,".repeat(limits.tokens / 2 - 1)}1 x`, "too_many_tokens"],
    ["unions", "SELECT 1".concat(" UNION ALL SELECT 1".repeat(2_000)), "too_deep"],
    ["very long sum", deep(70_000), "parser_trap"],
    ["many names", `SELECT ${"id,".repeat(50_000)}id FROM users`, null],
    ["views of views", "SELECT 1 FROM ".concat(Array.from({ length: 200 }, (_, i) => `v_outer a${i}`).join(",")), null],
    ["not SQL", "rm -rf /", "parse_error"],
    ["unclosed", "SELECT 'abc", "parse_error"],
  ])("%s", async (_, text, reason) => {
    const actions = analyse(text);
    const reasons = actions.flatMap((action) => (action.opaque ? action.reasons : []));
    expect(reasons).toEqual(reason === null ? [] : [reason]);
    // Whatever happened, the next statement is read normally.
    check(["SELECT id FROM users", { complete: true, columns: ["id = users.id"] }]);
  });

  test("an expensive text is opaque", () => {
    // Each level needs several passes over the one below it, until the sources have gone round its columns.
    const nested = Array.from({ length: 9 }).reduce<string>(
      (inner) =>
        `WITH RECURSIVE t(a, b, c, d) AS (SELECT id, name, email, status FROM users UNION ALL SELECT b, c, d, a FROM t, (${inner}) q) SELECT 1`,
      "SELECT 1",
    );
    expect(analyse(nested).map(summaryOf)).toEqual([{ opaque: "too_complex" }]);
  });

  test("an unknown server version leaves nothing certain", () => {
    check(["SELECT id FROM users", { complete: false, reasons: ["unknown_server_version"] }], { version: 42 });
  });

  test("each statement has its range in bytes", () => {
    const ranges = analyse("SELECT 'é'; -- x\n SELECT 2 ;").map((action) => action.range);
    expect(ranges).toEqual([
      { start: 0, end: 11 },
      { start: 19, end: 28 },
    ]);
  });
});

describe("older grammars give the same facts", () => {
  const texts = lineage.filter(([text]) => !/RETURNING (old|WITH)|json_table|MERGE/i.test(text));
  test.each([17, 16, 15].flatMap((version) => texts.map((one) => [version, one[0], one] as const)))(
    "%i: %s",
    (version, _, one) => check(one, { version }),
  );
});

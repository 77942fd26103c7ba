import fc from "fast-check";
import { expect, test } from "vitest";
import type { FrontEnd } from "../facts/front-end.js";
import { cachedBytesMax, cachedTextLengthMax, cachedTextsMax, rememberFacts } from "./facts-cache.js";
import type { SqlFrontEndContext } from "./judge.js";

/** A front end whose one action names the text and the context it was asked with. */
function counting() {
  let asked_count = 0;
  const frontEnd: FrontEnd<SqlFrontEndContext> = {
    analyse: (text, { catalog, server_version }) => {
      asked_count++;
      const reasons = [text, String(catalog?.search_path), String(server_version)];
      return { actions: [{ family: "sql", opaque: true, reasons }] };
    },
  };
  return { frontEnd, asked: () => asked_count };
}

const catalog = (name: string) => ({ search_path: [name], schemas: {} });
const context = (of: ReturnType<typeof catalog> | null, server_version: number | null = 18): SqlFrontEndContext => ({
  dialect: "postgres",
  catalog: of,
  server_version,
});

test("a text is analysed once under one catalog and version, and again under another", () => {
  const { frontEnd, asked } = counting();
  const cached = rememberFacts(frontEnd);
  const [a, b] = [catalog("a"), catalog("a")];
  for (const each of [context(a), context(a), context(b), context(a, 15), context(null), context(null)])
    cached.analyse("SELECT 1", each);
  expect(asked()).toBe(4);
});

test("dialect, modes and database are part of the context", () => {
  const { frontEnd, asked } = counting();
  const cached = rememberFacts(frontEnd);
  const mysql = { dialect: "mysql", catalog: null, server_version: null } as const;
  const contexts: readonly SqlFrontEndContext[] = [
    context(null, null),
    mysql,
    { ...mysql, modes: ["ANSI_QUOTES"] },
    { ...mysql, modes: ["ANSI_QUOTES", "PIPES_AS_CONCAT"] },
    { ...mysql, modes: [] },
    { ...mysql, database: "shop" },
    { ...mysql, dialect: "bigquery" },
  ];
  for (const each of [...contexts, ...contexts.toReversed()]) cached.analyse("SELECT 1", { ...each });
  expect(asked()).toBe(contexts.length);
});

test("the cache is bounded in bytes", () => {
  const { frontEnd, asked } = counting();
  const cached = rememberFacts(frontEnd);
  const texts_count = Math.floor(cachedBytesMax / (2 * cachedTextLengthMax));
  const textOf = (i: number): string => String(i).padEnd(cachedTextLengthMax, " ");
  // Two generations are kept, and these fill three.
  for (let i = 0; i < 3 * texts_count; i++) cached.analyse(textOf(i), context(null));
  expect(asked()).toBe(3 * texts_count);
  cached.analyse(textOf(3 * texts_count - 1), context(null));
  expect(asked()).toBe(3 * texts_count);
  cached.analyse(textOf(0), context(null));
  expect(asked()).toBe(3 * texts_count + 1);
});

test("a remembered answer is the answer, whatever is asked in whatever order", () => {
  const { frontEnd } = counting();
  const cached = rememberFacts(frontEnd);
  const catalogs = [null, catalog("a"), catalog("b")];
  const question = fc.tuple(
    fc.constantFrom("x", "y", "X", "x ", "é", "e\u0301"),
    fc.nat(2),
    fc.constantFrom(null, 15, 18),
  );
  fc.assert(
    fc.property(question, ([text, which, version]) => {
      const asked = context(catalogs[which] ?? null, version);
      expect(cached.analyse(text, asked)).toEqual(frontEnd.analyse(text, asked));
    }),
  );
});

test("the cache forgets instead of growing, and keeps no long texts", () => {
  const { frontEnd, asked } = counting();
  const cached = rememberFacts(frontEnd);
  const one = context(catalog("a"));
  for (let i = 0; i <= 2 * cachedTextsMax; i++) cached.analyse(`SELECT ${i}`, one);
  const before = asked();
  cached.analyse("SELECT 0", one);
  expect(asked()).toBe(before + 1);
  const long = "x".repeat(cachedTextLengthMax + 1);
  cached.analyse(long, one);
  cached.analyse(long, one);
  expect(asked()).toBe(before + 3);
});

import fc from "fast-check";
import { expect, test } from "vitest";
import type { ColumnMask, JudgedStatement } from "../../session/enforcement.js";
import { buildMessage } from "./build-message.js";
import { server } from "./message-types.js";
import { createRowArena } from "./row-arena.js";
import { type CellMasks, maskRow as maskRowIn, planRowMask as planWith, type RowMask } from "./row-mask.js";
import { readDataRow } from "./server-messages.js";

const cells = fc.array(fc.option(fc.uint8Array({ maxLength: 20 })), { minLength: 1, maxLength: 8 });

function rowOf(values: readonly (Uint8Array | null)[]): Uint8Array {
  const builder = buildMessage(server.dataRow).int16(values.length);
  for (const value of values) builder.int32(value?.length ?? -1).bytes(value ?? new Uint8Array(0));
  return new Uint8Array(builder.end());
}

const masksAt = (...indexes: readonly number[]): readonly ColumnMask[] =>
  indexes.map((index) => ({ index, name: `c${index}`, source: [], transform: "redact", rule: "m/r", exact: true }));

const statement = (masks: readonly ColumnMask[], columns_count: number | null): JudgedStatement => ({
  kind: "select",
  effects: ["read"],
  changes_catalog: false,
  masks,
  search: null,
  limit: null,
  columns_count,
  redact_errors: true,
});

const fieldsOf = (count: number): { name: string; typeOid: number }[] =>
  Array.from({ length: count }, (_, i) => ({ name: `c${i}`, typeOid: 25 }));

/** Answers of every length, null too. */
const answers: readonly (Uint8Array | null)[] = [Buffer.from("***"), new Uint8Array(0), null, Buffer.alloc(300, 42)];
const byLength = (bytes: Uint8Array): Uint8Array | null => answers[bytes.length % answers.length] ?? null;
const cellMasks: CellMasks = {
  open: (transform) =>
    transform === "fixed" ? { kind: "constant", bytes: Buffer.from("FIXED") } : { kind: "each", mask: byLength },
  originals: () => ({ add: () => {}, end: () => "" }),
  search: ({ find }) => ({
    kind: "each",
    mask: (bytes) => (find(bytes).length > 0 ? Buffer.from("found") : bytes),
  }),
};
const arena = createRowArena();
const maskRow = (mask: RowMask, row: Uint8Array): Uint8Array | null => maskRowIn(mask, row, arena);
const planRowMask = (...given: Parameters<typeof planWith> extends [...infer Start, CellMasks] ? Start : never) =>
  planWith(...given, cellMasks);

test("masked cells are replaced, NULL stays NULL, and all others stay as they were", () => {
  fc.assert(
    fc.property(cells, fc.uniqueArray(fc.nat(7)), (values, places) => {
      const indexes = places.filter((place) => place < values.length);
      const plan = planRowMask(statement(masksAt(...indexes), values.length), fieldsOf(values.length), []);
      if (typeof plan === "string") throw new Error(plan);
      const masked = maskRow(plan, rowOf(values));
      const expected = values.map((value, i) => (value !== null && indexes.includes(i) ? byLength(value) : value));
      expect(masked && readDataRow(masked)?.map((cell) => cell && [...cell])).toEqual(
        expected.map((cell) => cell && [...cell]),
      );
      expect(plan.columns.reduce((sum, { cells: count }) => sum + count, 0)).toBe(
        indexes.filter((i) => values[i] !== null).length,
      );
    }),
  );
});

test("NULL of a derived value is hidden as any other value is", () => {
  const masks = masksAt(0, 1).map((mask) => ({ ...mask, exact: mask.index === 0 }));
  const plan = planRowMask(statement(masks, 2), fieldsOf(2), []);
  if (typeof plan === "string") throw new Error(plan);
  const masked = maskRow(plan, rowOf([null, null]));
  expect(masked && readDataRow(masked)?.map((cell) => cell && Buffer.from(cell).toString())).toEqual([null, "***"]);
});

test("a row that is cut, or of another width, gives nothing", () => {
  const plan = planRowMask(statement(masksAt(0), 2), fieldsOf(2), []);
  if (typeof plan === "string") throw new Error(plan);
  const row = rowOf([Buffer.from("secret"), Buffer.from("b")]);
  for (let size = 0; size < row.length; size += 1) expect(maskRow(plan, row.subarray(0, size))).toBeNull();
  expect(maskRow(plan, Buffer.concat([row, Buffer.from("x")]))).toBeNull();
  expect(maskRow(plan, rowOf([Buffer.from("secret")]))).toBeNull();
});

test.each([
  ["no description", statement(masksAt(0), 1), null, []],
  ["another number of columns", statement(masksAt(0), 2), fieldsOf(1), []],
  ["an uncertain number of columns", statement(masksAt(0), null), fieldsOf(1), []],
  ["a mask past the last column", statement(masksAt(1), 1), fieldsOf(1), []],
  ["two masks on one column", statement(masksAt(0, 0), 1), fieldsOf(1), []],
  ["formats for other columns", statement(masksAt(2), 3), fieldsOf(3), [0, 1]],
])("%s: no plan, and so no row", (_what, judged, fields, formats) => {
  expect(typeof planRowMask(judged, fields, formats)).toBe("string");
});

test.each([
  ["none: text", [], [0, 0]],
  ["one for all", [1], [1, 1]],
  ["one a column", [0, 1], [0, 1]],
])("result formats, %s", (_what, formats, expected) => {
  const plan = planRowMask(statement(masksAt(1, 0), 2), fieldsOf(2), formats);
  expect(typeof plan === "string" ? plan : plan.columns.map(({ format }) => format)).toEqual(expected);
});

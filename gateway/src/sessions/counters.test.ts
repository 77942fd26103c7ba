import type { ModuleMetaCounter } from "@hpl/runtime";
import fc from "fast-check";
import { beforeEach, expect, test } from "vitest";
import { type CountedStatement, type CountedSubject, type CounterBook, counts_max, openCounters } from "./counters.js";
import { addAmount, newCount, slots_max, totalAt } from "./sliding-count.js";

let now_ms: number;
let book: CounterBook;
beforeEach(() => {
  now_ms = Date.parse("2026-11-20T12:00:00Z");
  book = openCounters(() => new Date(now_ms));
});

const counter = (more: Partial<ModuleMetaCounter> = {}): ModuleMetaCounter => ({
  id: "m.c",
  what: "rows",
  labels: [],
  per: "principal",
  over_s: 60,
  ...more,
});
const subject = (more: Partial<CountedSubject> = {}): CountedSubject => ({
  principal: "ann",
  session: "s1",
  connection: "orders",
  ...more,
});
const statement = (more: Partial<CountedStatement> = {}): CountedStatement => ({
  labels: [],
  more: false,
  hasRows: true,
  rows_max: null,
  bytes_max: null,
  ...more,
});
const read = (one = counter(), who = subject(), statements = [statement()]) => book.read([one], who, statements)["m.c"];
const run = (rows: number, one = counter(), who = subject(), statements = [statement()]): void =>
  book.reserve([one], who, statements).ran(rows, rows * 10);

test("rows count when they have been returned, and leave the count with their time", () => {
  run(7);
  now_ms += 30_000;
  run(5);
  expect(read()).toBe(12);
  now_ms += 30_000;
  expect(read()).toBe(12); // The second in which they came is still in the last minute.
  now_ms += 1_000;
  expect(read()).toBe(5);
  now_ms += 60_000;
  expect(read()).toBe(0);
});

test("what may still come counts as much as its limit lets it return, and no more afterwards", () => {
  const reservation = book.reserve([counter()], subject(), [statement({ rows_max: 100 })]);
  expect(read()).toBe(100);
  reservation.ran(3, 0);
  reservation.ran(3, 0);
  expect(read()).toBe(3);
  book.reserve([counter()], subject(), [statement({ rows_max: 100 })]).dropped();
  expect(read()).toBe(3);
});

test("a statement counts from the moment it is let through, and not when it did not run", () => {
  const one = counter({ what: "statements" });
  const first = book.reserve([one], subject(), [statement(), statement()]);
  expect(read(one)).toBe(2);
  expect(read(one, subject(), [statement(), statement(), statement()])).toBe(4); // The third finds the two before it.
  first.dropped();
  expect(read(one)).toBe(0);
});

test.each<readonly [string, Partial<ModuleMetaCounter>, Partial<CountedSubject>, number]>([
  ["another session of the principal", {}, { session: "s2" }, 4],
  ["another principal", {}, { principal: "bob" }, 0],
  ["per session, another one", { per: "session" }, { session: "s2" }, 0],
  ["per connection, another principal", { per: "connection" }, { principal: "bob", session: "s2" }, 4],
  ["per connection, another one", { per: "connection" }, { connection: "hr" }, 0],
])("for whom is counted: %s", (_name, more, who, expected) => {
  run(4, counter(more));
  expect(read(counter(more), subject(who))).toBe(expected);
});

test.each<readonly [string, Partial<CountedStatement>, number]>([
  ["the label", { labels: ["pci.pan"] }, 4],
  ["another label", { labels: ["pii.email"] }, 0],
  ["lineage that is not certain", { more: true }, 4],
  ["what has no rows", { labels: ["pci.pan"], hasRows: false }, 0],
])("what is labelled: %s", (_name, more, expected) => {
  const one = counter({ labels: ["pci.pan", "pci.pan.old"] });
  run(4, one, subject(), [statement(more)]);
  expect(read(one)).toBe(expected);
});

test("two statements with rows in one text: the second would find what nobody knows yet", () => {
  expect(read(counter(), subject(), [statement(), statement()])).toEqual({ "?": "several_statements_count" });
  expect(read(counter(), subject(), [statement({ hasRows: false }), statement()])).toBe(0);
});

test("a session's own count ends with it", () => {
  run(4, counter({ per: "session" }));
  book.endSession("s1");
  expect(read(counter({ per: "session" }))).toBe(0);
});

test("past the number of counts a new one is unknown; what has run out makes room", () => {
  for (let i = 0; i < counts_max; i++) run(1, counter(), subject({ principal: `p${i}` }));
  expect(read(counter(), subject({ principal: "one more" }))).toEqual({ "?": "too_many_counts" });
  now_ms += 62_000;
  expect(read(counter(), subject({ principal: "one more" }))).toBe(0);
});

test("a count is never less than the sum of its time, nor more than that and one slot", () => {
  const step = fc.record({ wait_s: fc.integer({ min: 0, max: 400 }), amount: fc.integer({ min: 0, max: 9 }) });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20_000 }), fc.array(step, { maxLength: 40 }), (over_s, steps) => {
      const count = newCount(over_s);
      const seen: { at: number; amount: number }[] = [];
      let at = 1_000_000;
      for (const { wait_s, amount } of steps) {
        at += wait_s * 1000 + 137;
        addAmount(count, amount, at);
        seen.push({ at, amount });
        const sum = (back_ms: number) =>
          seen.filter((one) => at - one.at < back_ms).reduce((all, one) => all + one.amount, 0);
        expect(totalAt(count, at)).toBeGreaterThanOrEqual(sum(count.over_ms));
        expect(totalAt(count, at)).toBeLessThanOrEqual(sum(count.over_ms + count.slot_ms));
        expect(count.slots.length).toBeLessThanOrEqual(slots_max + 1);
      }
    }),
  );
});

test("what is saved and restored counts the same; sessions' own counts are not saved", () => {
  run(3);
  now_ms += 30_000;
  run(4);
  run(9, counter({ per: "session" }));
  const other = openCounters(() => new Date(now_ms));
  other.restore(JSON.parse(JSON.stringify(book.saved())));
  const readOther = (one: ModuleMetaCounter) => other.read([one], subject(), [statement()])["m.c"];
  expect([readOther(counter()), readOther(counter({ per: "session" }))]).toEqual([7, 0]);
  now_ms += 31_000;
  expect(readOther(counter())).toBe(4);
});

test("a clock that goes back loses nothing", () => {
  run(3);
  now_ms -= 3_600_000;
  run(2);
  expect(read()).toBe(5);
});

import type pg from "pg";
import { expectSame } from "../bench.js";

/** Rows of the table `people`. The names and addresses are invented. */
export const people_count = 10_000;

export const seed = `
CREATE TABLE people (id int PRIMARY KEY, name text NOT NULL, email text NOT NULL, city text NOT NULL, joined date NOT NULL);
INSERT INTO people
  SELECT i, 'Name ' || i, 'user' || i || '@mail.example', 'City ' || i % 100, DATE '2020-01-01' + i % 1000
  FROM generate_series(1, ${people_count}) i;
ANALYZE people;
`;

/** How the client goes: around the gateway, or through it. */
export type Path = "direct" | "gateway";

/** One kind of query: what is sent the i-th time, and what must come back. */
export interface Workload {
  readonly name: string;
  /** A large result is asked for less often. */
  readonly rows_count: number;
  /** For the gateway's CPU time a query; null when there is none. */
  readonly goal: string | null;
  readonly query: (i: number) => pg.QueryArrayConfig;
  /** The cells of row `row` of the i-th answer. */
  readonly expected: (i: number, row: number, path: Path) => readonly unknown[];
}

const array = (text: string): pg.QueryArrayConfig => ({ text, rowMode: "array" });
/** Keys that come again: their texts are soon known. */
const fewKeys = (i: number): number => 1 + (i % 100);
/** More keys than a gateway remembers texts, always in the same order: no text is known when it comes. */
const manyKeys = (i: number): number => 1 + (i % people_count);

export const workloads: readonly Workload[] = [
  {
    name: "by key, text seen before",
    rows_count: 1,
    goal: "3 x pgbouncer's",
    query: (i) => array(`SELECT name FROM people WHERE id = ${fewKeys(i)}`),
    expected: (i) => [`Name ${fewKeys(i)}`],
  },
  {
    name: "by key, new text",
    rows_count: 1,
    goal: null,
    query: (i) => array(`SELECT name FROM people WHERE id = ${manyKeys(i)}`),
    expected: (i) => [`Name ${manyKeys(i)}`],
  },
  {
    name: "by key, prepared",
    rows_count: 1,
    goal: "2.2 x pgbouncer's",
    query: (i) => ({ ...array("SELECT name FROM people WHERE id = $1"), name: "by-key", values: [manyKeys(i)] }),
    expected: (i) => [`Name ${manyKeys(i)}`],
  },
  {
    name: "10,000 rows",
    rows_count: people_count,
    goal: null,
    query: () => array("SELECT id, name, city FROM people ORDER BY id"),
    expected: (_, row) => [row + 1, `Name ${row + 1}`, `City ${(row + 1) % 100}`],
  },
  {
    name: "10,000 rows, a column masked",
    rows_count: people_count,
    goal: null,
    query: () => array("SELECT id, name, email FROM people ORDER BY id"),
    expected: (_, row, path) => [row + 1, `Name ${row + 1}`, path === "direct" ? `user${row + 1}@mail.example` : "***"],
  },
];

/** Every cell of the i-th answer is what it must be. */
export function checkAnswer(workload: Workload, i: number, path: Path, rows: readonly (readonly unknown[])[]): void {
  expectSame(`${workload.name}, ${path}: rows`, rows.length, workload.rows_count);
  for (const [row, cells] of rows.entries())
    expectSame(`${workload.name}, ${path}: row ${row}`, cells, workload.expected(i, row, path));
}

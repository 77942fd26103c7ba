import { recordsOf } from "./csv-log.js";
import type { Skipped } from "./entry.js";

/** One row of `pg_stat_statements`: a statement with parameters where its values were, and how often it ran. */
export interface StatementStats {
  /** Of a JSON array, its place in it, from 1. */
  readonly line: number;
  readonly text: string;
  readonly calls_count: number;
  /** Null where the export does not join the names of roles and databases. */
  readonly user: string | null;
  readonly database: string | null;
}

/** What exports call the columns: those of the view, and those of `pg_roles`, `pg_user` and `pg_database` that are joined to it. */
const columns = {
  text: ["query"],
  calls: ["calls"],
  user: ["rolname", "usename", "username", "user"],
  database: ["datname", "database"],
} as const;

type Row = Readonly<Record<string, unknown>>;
const isRow = (value: unknown): value is Row => typeof value === "object" && value !== null && !Array.isArray(value);

/** What the view says instead of a statement to those who may not see it. */
const hidden = "<insufficient privilege>";

/** Whether the first line of a CSV file names the columns that matter. */
export function hasStatementColumns(line: string): boolean {
  const [first] = recordsOf(line);
  return first?.fields.includes("query") === true && first.fields.includes("calls");
}

/** Whether a line is a row in JSON. */
export function isStatementRow(line: string): boolean {
  const row = parse(line);
  return isRow(row) && "query" in row && "calls" in row;
}

/**
 * The statements of an export: CSV with a header, an array in JSON, or a row in JSON on each line. Never throws; a row that cannot
 * be read is skipped. O(length).
 */
export function readStatementStats(text: string): {
  readonly statements: readonly StatementStats[];
  readonly skipped: readonly Skipped[];
} {
  const statements: StatementStats[] = [];
  const skipped: Skipped[] = [];
  for (const { row, line } of rowsOf(text)) {
    const read = readRow(row, line);
    if ("reason" in read) skipped.push(read);
    else statements.push(read);
  }
  return { statements, skipped };
}

interface NumberedRow {
  readonly row: unknown;
  readonly line: number;
}

function rowsOf(text: string): Iterable<NumberedRow> {
  const start = text.trimStart()[0];
  if (start === "[") {
    const rows = parse(text);
    return Array.isArray(rows) ? rows.map((row, i) => ({ row, line: i + 1 })) : [{ row: undefined, line: 1 }];
  }
  if (start !== "{") return csvRows(text);
  return text.split("\n").flatMap((line, i) => (line.trim() === "" ? [] : [{ row: parse(line), line: i + 1 }]));
}

function* csvRows(csv: string): Generator<NumberedRow> {
  let names: readonly string[] | null = null;
  for (const { fields, line } of recordsOf(csv)) {
    if (names === null) names = fields;
    else yield { row: rowOf(names, fields), line };
  }
}

const rowOf = (names: readonly string[], fields: readonly string[]): unknown =>
  names.length === fields.length ? Object.fromEntries(names.map((name, i) => [name, fields[i]])) : undefined;

function readRow(row: unknown, line: number): StatementStats | Skipped {
  const text = isRow(row) ? textIn(row, columns.text) : null;
  if (!isRow(row) || text === null) return { line, reason: "no row of pg_stat_statements" };
  if (text === hidden) return { line, reason: "the statement was hidden from whoever made the export" };
  const calls = Number(columns.calls.map((name) => row[name])[0] ?? 1);
  const [user, database] = [textIn(row, columns.user), textIn(row, columns.database)];
  return { line, text, calls_count: Number.isSafeInteger(calls) && calls > 0 ? calls : 1, user, database };
}

/** The first of `names` that holds a text. */
function textIn(row: Row, names: readonly string[]): string | null {
  const found = names.map((name) => row[name]).find((value) => typeof value === "string" && value !== "");
  return typeof found === "string" ? found : null;
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
}

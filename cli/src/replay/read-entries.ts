import { type Catalog, readRequest } from "@hpl/runtime";
import { auditReader } from "./audit-lines.js";
import { readCsvLog } from "./csv-log.js";
import type { Entry, ReadFile, Skipped } from "./entry.js";
import { splitSql } from "./split-sql.js";
import { hasStatementColumns, isStatementRow, readStatementStats } from "./statement-stats.js";

export const inputFormats = ["sql", "ndjson", "csvlog", "pg_stat_statements", "audit"] as const;
export type InputFormat = (typeof inputFormats)[number];

/** Who and what is taken for granted where the file does not say it: JSON as in a request. */
export interface Assumed {
  readonly principal: Readonly<Record<string, unknown>>;
  readonly connection: Readonly<Record<string, unknown>>;
  readonly session: Readonly<Record<string, unknown>>;
  readonly dialect: string | null;
  readonly catalog: Catalog | null;
  readonly now_ms: number;
}

/** What a file is by its name, else by its first line. */
export function formatOf(path: string, text: string): InputFormat {
  if (path.endsWith(".sql")) return "sql";
  const [first = ""] = text.trimStart().split("\n", 1);
  if (path.endsWith(".csv")) return hasStatementColumns(first) ? "pg_stat_statements" : "csvlog";
  if (first.startsWith("[")) return "pg_stat_statements";
  if (!first.startsWith("{")) return "sql";
  if (isStatementRow(first)) return "pg_stat_statements";
  return /"kind":/.test(first) && /"detail":/.test(first) && /"hash":/.test(first) ? "audit" : "ndjson";
}

/** The questions of a file. Never throws; what cannot be read is skipped, and says why. */
export function readEntries(text: string, format: InputFormat, assumed: Assumed): ReadFile {
  switch (format) {
    case "sql": {
      const backslashes = ["mysql", "bigquery"].includes(assumed.dialect ?? String(assumed.connection.kind));
      return separate(splitSql(text, backslashes).map((each) => ofStatement(each.text, each.line, assumed)));
    }
    case "csvlog": {
      const { statements, bad_lines } = readCsvLog(text);
      const bad = bad_lines.map((line): Skipped => ({ line, reason: "no record of a csvlog" }));
      return separate([...statements.map((each) => ofLogged(each, assumed)), ...bad]);
    }
    case "pg_stat_statements": {
      const { statements, skipped } = readStatementStats(text);
      return separate([...statements.map((each) => ofLogged(each, assumed, each.calls_count)), ...skipped]);
    }
    case "ndjson":
      return separate(linesOf(text, (json, line) => ofRequest(json, line, assumed)));
    case "audit":
      return separate(linesOf(text, auditReader()));
  }
}

function separate(found: readonly (Entry | Skipped | null)[]): ReadFile {
  const known = found.filter((each) => each !== null);
  return {
    entries: known.filter((each) => "key" in each),
    skipped: known.filter((each) => "reason" in each),
  };
}

function linesOf(
  text: string,
  read: (json: unknown, line: number) => Entry | Skipped | null,
): readonly (Entry | Skipped | null)[] {
  return text.split("\n").map((line, i) => {
    if (line.trim() === "") return null;
    try {
      return read(JSON.parse(line), i + 1);
    } catch {
      return { line: i + 1, reason: "the line is not JSON" };
    }
  });
}

/** A statement with who ran it, as far as the file says. */
interface Logged {
  readonly text: string;
  readonly line: number;
  readonly user: string | null;
  readonly database: string | null;
}

const ofLogged = ({ text, line, user, database }: Logged, assumed: Assumed, count = 1): Entry | Skipped => {
  const told = {
    ...assumed,
    principal: { ...(user === null ? {} : { id: user }), ...assumed.principal },
    connection: { kind: "postgres", ...(database === null ? {} : { database }), ...assumed.connection },
  };
  const entry = ofStatement(text, line, told);
  return "key" in entry ? { ...entry, count } : entry;
};

function ofStatement(text: string, line: number, assumed: Assumed): Entry | Skipped {
  const { principal, connection, session, dialect, now_ms } = assumed;
  const action = { sql: { ...(dialect === null ? {} : { dialect }), text } };
  return ofRequest({ principal, connection, session, now: now_ms, action }, line, assumed);
}

function ofRequest(json: unknown, line: number, { catalog }: Assumed): Entry | Skipped {
  const read = readRequest(json, catalog);
  if (!read.ok) return { line, reason: `the request cannot be read: \`${read.bad.field}\`` };
  const { id: _, ...question } = json as Readonly<Record<string, unknown>>;
  return {
    line,
    key: JSON.stringify(question),
    count: 1,
    text: textOf(read.request.subject),
    question: { kind: "text", request: read.request },
    recorded: null,
  };
}

function textOf(subject: Extract<Entry["question"], { kind: "text" }>["request"]["subject"]): string | null {
  if (subject.kind === "sql") return subject.sql.text;
  if (subject.kind === "shell") return subject.shell.text;
  return subject.kind === "text" ? subject.text : null;
}

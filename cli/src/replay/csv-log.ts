/** One record of a PostgreSQL `csvlog` that holds a statement. */
export interface LoggedStatement {
  readonly line: number;
  readonly user: string;
  readonly database: string;
  readonly text: string;
}

/** Columns of https://www.postgresql.org/docs/current/runtime-config-logging.html#RUNTIME-CONFIG-LOGGING-CSVLOG, from 0. */
const column = { user: 1, database: 2, message: 13 } as const;

/**
 * The statements that a `csvlog` holds (`log_statement`, `log_min_duration_statement`), and the lines of records that cannot be
 * read. Other records are passed over. O(length).
 */
export function readCsvLog(csv: string): {
  readonly statements: readonly LoggedStatement[];
  readonly bad_lines: readonly number[];
} {
  const statements: LoggedStatement[] = [];
  const bad_lines: number[] = [];
  for (const { fields, line } of recordsOf(csv)) {
    const [user, database, message] = [fields[column.user], fields[column.database], fields[column.message]];
    if (user === undefined || database === undefined || message === undefined) bad_lines.push(line);
    else {
      const text = statementIn(message);
      if (text !== null) statements.push({ line, user, database, text });
    }
  }
  return { statements, bad_lines };
}

/** `statement: ..`, `execute NAME: ..`, with the duration before it or not. What was only parsed did not run. */
const statementIn = (message: string): string | null =>
  /^(?:duration: [\d.]+ ms +)?(?:statement|execute [^:]*): ([\s\S]*)$/.exec(message)?.[1] ?? null;

export interface CsvRecord {
  readonly fields: readonly string[];
  readonly line: number;
}

/** Records with the lines they begin in; one that cannot be read has no fields. RFC 4180: a quoted field may hold line breaks, and a doubled quote is one. */
export function* recordsOf(csv: string): Generator<CsvRecord> {
  let [at, line] = [0, 1];
  while (at < csv.length) {
    const first = line;
    const fields: string[] = [];
    for (;;) {
      const field = fieldAt(csv, at);
      line += field.lines_count;
      at = field.end;
      fields.push(field.text);
      if (csv[at] !== ",") break;
      at += 1;
    }
    const rest = endOfLine(csv, at);
    const isWhole = csv.slice(at, rest).trim() === "";
    [at, line] = [rest + 1, line + 1];
    if (!isWhole) yield { fields: [], line: first };
    else if (fields.length > 1 || fields[0] !== "") yield { fields, line: first };
  }
}

interface Field {
  readonly text: string;
  readonly end: number;
  readonly lines_count: number;
}

/** A quote that nothing closes is left where it is: what follows is no end of a record. */
function fieldAt(csv: string, at: number): Field {
  const plain = /[^",\r\n]*/y;
  plain.lastIndex = at;
  if (csv[at] !== '"') {
    const text = plain.exec(csv)?.[0] ?? "";
    return { text, end: at + text.length, lines_count: 0 };
  }
  let end = csv.indexOf('"', at + 1);
  while (end >= 0 && csv[end + 1] === '"') end = csv.indexOf('"', end + 2);
  if (end < 0) return { text: "", end: at, lines_count: 0 };
  const quoted = csv.slice(at + 1, end);
  return { text: quoted.replaceAll('""', '"'), end: end + 1, lines_count: quoted.split("\n").length - 1 };
}

function endOfLine(text: string, from: number): number {
  const at = text.indexOf("\n", from);
  return at < 0 ? text.length : at;
}

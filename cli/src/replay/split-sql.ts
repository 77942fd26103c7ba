/** One statement of a file, without the semicolon. */
export interface SqlStatement {
  readonly text: string;
  /** Of its first word, from 1. */
  readonly line: number;
}

/**
 * The statements of a SQL file, as psql would send them: a semicolon ends one unless it stands in a quoted text, a name, a
 * comment or a dollar-quoted body. With `backslashes`, as in MySQL and BigQuery, a backslash escapes in every quoted text. What
 * is split wrongly no front end reads otherwise than as it then stands. O(length).
 */
export function splitSql(sql: string, backslashes: boolean): readonly SqlStatement[] {
  const skip = backslashes ? skippedWithBackslashes : skipped;
  const statements: SqlStatement[] = [];
  let [start, line, lines_at] = [0, 1, 0];
  const end = (at: number): void => {
    const text = sql.slice(start, at);
    const blank = leading.exec(text)?.[0].length ?? 0;
    line += countLines(sql, lines_at, start + blank);
    lines_at = start + blank;
    if (blank < text.length) statements.push({ text: text.slice(blank).trimEnd(), line });
    start = at + 1;
  };
  for (skip.lastIndex = 0; ; ) {
    const found = skip.exec(sql);
    if (found === null) break;
    const [token, tag] = found;
    if (token === ";") end(found.index);
    else if (tag !== undefined) skip.lastIndex = endOf(sql, tag, skip.lastIndex);
    else if (token === "/*") skip.lastIndex = endOfComment(sql, skip.lastIndex);
  }
  end(sql.length);
  return statements;
}

// A dollar quote cannot begin inside a word. Each loop takes all it can and is followed by what it cannot take, or the end, so
// that nothing is ever tried twice.
const common = String.raw`;|--[^\n]*|\/\*|(?<![\w$])(\$(?:[A-Za-z_]\w*)?\$)|"(?:[^"]+|"")*(?:"|$)`;
const escaped = String.raw`'(?:[^'\\]+|\\[\s\S]|'')*(?:'|\\?$)`;
const skipped = new RegExp(String.raw`${common}|(?<!\w)[eE]${escaped}|'(?:[^']+|'')*(?:'|$)`, "g");
const skippedWithBackslashes = new RegExp(`${common}|${escaped}|\`[^\`]*(?:\`|$)|#[^\\n]*`, "g");

/** Blanks and comments in front of a statement. One that holds another is left where it is. */
const leading = /^(?:\s|--[^\n]*|\/\*(?:(?!\/\*)[\s\S])*?\*\/)*/;

function endOf(sql: string, tag: string, from: number): number {
  const at = sql.indexOf(tag, from);
  return at < 0 ? sql.length : at + tag.length;
}

/** Comments nest. */
function endOfComment(sql: string, from: number): number {
  const edge = /\/\*|\*\//g;
  edge.lastIndex = from;
  for (let depth = 1; depth > 0; ) {
    const found = edge.exec(sql);
    if (found === null) return sql.length;
    depth += found[0] === "/*" ? 1 : -1;
  }
  return edge.lastIndex;
}

function countLines(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf("\n", from); at !== -1 && at < to; at = text.indexOf("\n", at + 1)) count += 1;
  return count;
}

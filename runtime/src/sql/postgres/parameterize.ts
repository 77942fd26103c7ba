/**
 * A statement without its values, for logs: every literal becomes `?`, every comment a space. Lexical only (PostgreSQL's
 * scan.l with standard_conforming_strings on), so it works on text that does not parse, and knows nothing of grammar: a path
 * in COPY or a password in CREATE ROLE goes the same way as any other literal. Names are kept, quoted or not. Null when a
 * quote or comment does not end. O(text).
 */
export function parameterize(text: string): string | null {
  const parts: string[] = [];
  let at = 0;
  // A string that goes on behind a line break is read like its first part: `E'a'\n'\''`.
  let isEscapeString = false;
  while (at < text.length) {
    const lexeme = nextLexeme(text, at, isEscapeString);
    if (lexeme === null) return null;
    parts.push(lexeme.shown);
    if (lexeme.kind !== "space") isEscapeString = lexeme.kind === "escape_string";
    at = lexeme.end;
  }
  return parts.join("").replace(/\s+/g, " ").trim();
}

interface Lexeme {
  readonly kind: "space" | "escape_string" | "literal" | "other";
  readonly shown: string;
  readonly end: number;
}

const patterns: readonly (readonly [Lexeme["kind"], RegExp])[] = [
  ["space", /\s+|--[^\n\r]*/y],
  ["other", /"(?:[^"]|"")*"/y],
  ["escape_string", /[eE]'(?:[^'\\]|\\.|'')*'/sy],
  ["literal", /(?:[bBxXnN]|[uU]&)?'(?:[^']|'')*'/y],
  ["literal", /\$([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$[\s\S]*?\$\1\$/y],
  ["literal", /(?:\d|\.\d)[\w.]*(?:(?<=\d[eE])[+-]\d+)?/y],
  ["other", /\$\d+|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y],
  ["other", /[^'"$/]|\/(?!\*)|\$(?![A-Za-z_$\u0080-\uffff])/y],
];
const continuation = /'(?:[^'\\]|\\.|'')*'/sy;

function nextLexeme(text: string, at: number, isEscapeString: boolean): Lexeme | null {
  if (text.startsWith("/*", at)) return blockComment(text, at);
  if (isEscapeString) {
    const end = matchAt(continuation, text, at);
    if (end !== null) return { kind: "escape_string", shown: "?", end };
  }
  for (const [kind, pattern] of patterns) {
    const end = matchAt(pattern, text, at);
    if (end !== null) return { kind, shown: shownAs(kind, text.slice(at, end)), end };
  }
  return null;
}

function shownAs(kind: Lexeme["kind"], text: string): string {
  if (kind === "space") return " ";
  return kind === "other" ? text : "?";
}

function matchAt(pattern: RegExp, text: string, at: number): number | null {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : null;
}

/** Comments nest. */
function blockComment(text: string, start: number): Lexeme | null {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = start;
  for (let depth = 0, found = mark.exec(text); found !== null; found = mark.exec(text)) {
    depth += found[0] === "/*" ? 1 : -1;
    if (depth === 0) return { kind: "space", shown: " ", end: mark.lastIndex };
  }
  return null;
}

/**
 * The part of Starlark that a file of rules needs: calls of names with named arguments, whose values are texts and lists.
 *
 * `name(key = "text", other = ["a", ["b"]])`, one after the other, with `#` comments. Anything else (variables, functions, `+`,
 * loads) is refused where it stands: a rule that would have to be run is not read.
 */
export type Literal = string | readonly Literal[];

export interface LiteralCall {
  readonly name: string;
  readonly arguments: ReadonlyMap<string, Literal>;
  /** From 1. */
  readonly line: number;
  /** Its words, as they stand. */
  readonly original: string;
}

export type LiteralCalls =
  | { readonly ok: true; readonly calls: readonly LiteralCall[] }
  | { readonly ok: false; readonly line: number; readonly reason: string };

/** Brackets in brackets: a pattern has two, and the reader calls itself for each. */
export const NESTING_MAX = 8;

class Unreadable extends Error {
  readonly at: number;
  constructor(at: number, reason: string) {
    super(reason);
    this.at = at;
  }
}

/** The calls of `text`, in order. O(length); never throws. */
export function readLiteralCalls(text: string): LiteralCalls {
  try {
    return { ok: true, calls: readAll(text) };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { ok: false, line: lineOf(text, error.at), reason: error.message };
  }
}

interface Token {
  readonly kind: "name" | "text" | "sign" | "end";
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

const blank = /(?:\s|#[^\n]*|\\\r?\n)*/y;
const token =
  /([A-Za-z_]\w*)|("""(?:[^"\\]|\\[\s\S]|"(?!""))*"""|'''(?:[^'\\]|\\[\s\S]|'(?!''))*'''|"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*')|([()[\],=])/y;

function* tokensOf(text: string): Generator<Token, never> {
  for (let at = 0; ; ) {
    blank.lastIndex = at;
    at += blank.exec(text)?.[0].length ?? 0;
    if (at >= text.length) for (;;) yield { kind: "end", value: "the end", start: at, end: at };
    token.lastIndex = at;
    const found = token.exec(text);
    if (found === null) throw new Unreadable(at, "only calls with literal texts and lists are read");
    const [value, name, quoted] = found;
    const kind = name !== undefined ? "name" : quoted !== undefined ? "text" : "sign";
    yield { kind, value, start: at, end: at + value.length };
    at += value.length;
  }
}

function readAll(text: string): readonly LiteralCall[] {
  const tokens = tokensOf(text);
  const calls: LiteralCall[] = [];
  let [line, counted] = [1, 0];
  for (let next = tokens.next().value; next.kind !== "end"; next = tokens.next().value) {
    if (next.kind !== "name") throw new Unreadable(next.start, `a call was expected, not \`${next.value}\``);
    const { found, end } = readArguments(tokens);
    line += lineOf(text.slice(counted, next.start), next.start) - 1;
    counted = next.start;
    calls.push({
      name: next.value,
      arguments: found,
      line,
      original: text.slice(next.start, end),
    });
  }
  return calls;
}

function readArguments(tokens: Iterator<Token, never>) {
  const found = new Map<string, Literal>();
  expectSign(tokens.next().value, "(");
  for (let next = tokens.next().value; ; next = tokens.next().value) {
    if (isSign(next, ")")) return { found, end: next.end };
    if (next.kind !== "name") throw new Unreadable(next.start, `a named argument was expected, not \`${next.value}\``);
    if (found.has(next.value)) throw new Unreadable(next.start, `\`${next.value}\` is given twice`);
    expectSign(tokens.next().value, "=");
    found.set(next.value, readLiteral(tokens.next().value, tokens, 0));
    const after = tokens.next().value;
    if (isSign(after, ")")) return { found, end: after.end };
    expectSign(after, ",");
  }
}

function readLiteral(first: Token, tokens: Iterator<Token, never>, depth: number): Literal {
  if (first.kind === "text") return unquote(first);
  if (!isSign(first, "[") || depth === NESTING_MAX)
    throw new Unreadable(first.start, `a text or a list was expected, not \`${first.value}\``);
  const items: Literal[] = [];
  for (let next = tokens.next().value; !isSign(next, "]"); next = tokens.next().value) {
    items.push(readLiteral(next, tokens, depth + 1));
    const after = tokens.next().value;
    if (isSign(after, "]")) break;
    expectSign(after, ",");
  }
  return items;
}

const escapes: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  "\\": "\\",
  '"': '"',
  "'": "'",
  "\n": "",
};

/** Escapes that say a character by its number are refused: a word of a rule is one that can be read. */
function unquote({ value, start }: Token): string {
  const edge = /^("""|''')/.test(value) ? 3 : 1;
  return value.slice(edge, -edge).replaceAll(/\\([\s\S])/g, (_, letter: string) => {
    const meant = escapes[letter];
    if (meant === undefined) throw new Unreadable(start, `the escape \`\\${letter}\` is not read`);
    return meant;
  });
}

const isSign = ({ kind, value }: Token, sign: string): boolean => kind === "sign" && value === sign;

function expectSign(found: Token, sign: string): void {
  if (!isSign(found, sign)) throw new Unreadable(found.start, `\`${sign}\` was expected, not \`${found.value}\``);
}

/** From 1. */
const lineOf = (text: string, at: number): number => text.slice(0, at).split("\n").length;

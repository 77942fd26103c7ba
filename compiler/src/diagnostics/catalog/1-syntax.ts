import { define } from "../define.js";

/** Errors of spelling and shape: what the lexer and the parser say. */

export const unexpected = define<{ expected: string | null; found: string; hint: string | null }>({
  code: "HPL1001",
  slug: "unexpected",
  severity: "error",
  message: (p) => (p.expected === null ? `unexpected ${p.found}` : `expected ${p.expected}, found ${p.found}`),
  help: (p) => p.hint,
});

export const hiddenCharacter = define<{ codePoint: number }>({
  code: "HPL1002",
  slug: "hidden-character",
  severity: "error",
  message: (p) => `hidden character U+${p.codePoint.toString(16).toUpperCase().padStart(4, "0")}`,
  help: () => "it can make a policy read differently from what it does: delete it, or write `\\u{..}` in double quotes",
});

export const unknownCharacter = define<{ text: string }>({
  code: "HPL1003",
  slug: "unknown-character",
  severity: "error",
  message: (p) => `\`${p.text}\` has no meaning here`,
  help: () => "text stands in quotes, a comment starts with `#`",
});

export const missingCloser = define<{ closer: string }>({
  code: "HPL1004",
  slug: "missing-closer",
  severity: "error",
  message: (p) => `missing \`${p.closer}\`: this bracket is never closed`,
  help: (p) => `add \`${p.closer}\` before the next item`,
});

export const unterminatedText = define<{ triple: boolean }>({
  code: "HPL1005",
  slug: "unterminated-text",
  severity: "error",
  message: () => "text without a closing quote",
  help: (p) => (p.triple ? 'close it with `"""`' : 'close it on the same line; text of several lines stands in `"""`'),
});

export const badEscape = define<{ escape: string }>({
  code: "HPL1006",
  slug: "bad-escape",
  severity: "error",
  message: (p) => `unknown escape \`${p.escape}\``,
  help: () => 'the escapes are `\\"`, `\\\\`, `\\n`, `\\t` and `\\u{1F600}`; text in single quotes is raw',
});

export const badName = define<{ name: string }>({
  code: "HPL1007",
  slug: "bad-name",
  severity: "error",
  message: (p) => `\`${p.name}\` is not a name`,
  help: () => "a name starts with a small letter and holds small letters, digits and `_`",
});

export const notInThisVersion = define<{ what: string; instead: string | null }>({
  code: "HPL1008",
  slug: "not-in-this-version",
  severity: "error",
  message: (p) => `\`${p.what}\` is not part of this version of the language`,
  help: (p) => p.instead ?? "take it out: it has no effect yet, and a policy never silently ignores a line",
});

export const missingHeader = define<Record<never, never>>({
  code: "HPL1009",
  slug: "missing-header",
  severity: "error",
  message: () => "a file starts with `policy` or `library`",
  help: () => "for example `policy prod.databases governs sql`",
});

export const secondHeader = define<{ word: string }>({
  code: "HPL1010",
  slug: "second-header",
  severity: "error",
  message: (p) => `\`${p.word}\` stands only at the top of a file`,
  help: () => "one file is one module: move what follows to a file of its own",
});

export const mixedConnectives = define<{ first: string; second: string; differ: string }>({
  code: "HPL1011",
  slug: "mixed-connectives",
  severity: "error",
  message: () => "`and` mixed with `or` needs parentheses",
  help: (p) => `write \`${p.first}\` or \`${p.second}\`: they differ when ${p.differ}`,
});

export const chainedComparison = define<{ first: string; second: string }>({
  code: "HPL1012",
  slug: "chained-comparison",
  severity: "error",
  message: () => "comparisons do not chain",
  help: (p) => `write \`${p.first} and ${p.second}\``,
});

export const misplacedNot = define<{ rewritten: string }>({
  code: "HPL1013",
  slug: "misplaced-not",
  severity: "error",
  message: () => "`not` stands before the whole comparison",
  help: (p) => `write \`${p.rewritten}\``,
});

export const missingWhen = define<{ rule: string }>({
  code: "HPL1014",
  slug: "missing-when",
  severity: "error",
  message: (p) => `\`${p.rule}\` needs a \`when\``,
  help: () => "for a rule without a condition, say so: `when always`",
});

export const badNumber = define<{ text: string }>({
  code: "HPL1015",
  slug: "bad-number",
  severity: "error",
  message: (p) => `\`${p.text}\` is not a number`,
  help: () => "numbers are whole, without leading zeros, at most 9_007_199_254_740_991, with `_` only between digits",
});

export const duplicateClause = define<{ clause: string }>({
  code: "HPL1016",
  slug: "duplicate-clause",
  severity: "error",
  message: (p) => `a second \`${p.clause}\` in one body`,
  help: () => "join the two into one",
});

export const badTime = define<{ problem: string; fix: string }>({
  code: "HPL1017",
  slug: "bad-time",
  severity: "error",
  message: (p) => p.problem,
  help: (p) => p.fix,
});

export const missingLine = define<{ item: string; lines: string }>({
  code: "HPL1018",
  slug: "missing-line",
  severity: "error",
  message: (p) => `\`${p.item}\` needs ${p.lines}`,
  help: () => "without it, nothing would be limited, looked for or tested",
});

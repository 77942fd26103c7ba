import { define } from "../define.js";

/** Errors of types: comparisons that could never hold, or would not mean what they seem to. */

export const typeMismatch = define<{ expected: string; found: string; subject: string | null; hint?: string | null }>({
  code: "HPL3001",
  slug: "type-mismatch",
  severity: "error",
  message: (p) => `${p.subject === null ? "" : `\`${p.subject}\` is `}${p.expected}, not ${p.found}`,
  help: (p) => p.hint ?? null,
});

export const unknownMember = define<{
  member: string;
  subject: string;
  nearest: string | null;
  members: readonly string[];
}>({
  code: "HPL3002",
  slug: "unknown-member",
  severity: "error",
  message: (p) => `\`${p.subject}\` is never \`${p.member}\``,
  help: (p) =>
    p.nearest !== null
      ? `did you mean \`${p.nearest}\`?`
      : `it is one of ${p.members
          .slice(0, 20)
          .map((name) => `\`${name}\``)
          .join(", ")}${p.members.length > 20 ? ", .." : ""}`,
});

export const notACondition = define<{ found: string; text: string; hint: string | null }>({
  code: "HPL3003",
  slug: "not-a-condition",
  severity: "error",
  message: (p) => `\`${p.text}\` is ${p.found}, not a condition`,
  help: (p) => p.hint ?? "compare it with something",
});

export const valueAfterConnective = define<{ text: string; connective: string; rewritten: string }>({
  code: "HPL3004",
  slug: "value-after-connective",
  severity: "error",
  message: (p) => `\`${p.connective}\` joins conditions, and \`${p.text}\` is a value`,
  help: (p) => `write \`${p.rewritten}\``,
});

export const patternInEquality = define<{ pattern: string; rewritten: string }>({
  code: "HPL3005",
  slug: "pattern-in-equality",
  severity: "error",
  message: (p) => `\`${p.pattern}\` looks like a pattern, and is compared letter by letter`,
  help: (p) => `write \`${p.rewritten}\`; for a real star, \`like\` with \`\\*\` in single quotes`,
});

export const missingPresence = define<{ path: string; restricts: boolean }>({
  code: "HPL3006",
  slug: "missing-presence",
  severity: "error",
  message: (p) => `\`${p.path}\` may be absent`,
  help: (p) =>
    p.restricts
      ? `say what happens then: \`(${p.path} is absent or ..)\` fires without it, \`${p.path} is present and ..\` does not`
      : `test it first: \`${p.path} is present and ..\`; without it, this rule grants nothing`,
});

export const emptySet = define<Record<never, never>>({
  code: "HPL3007",
  slug: "empty-set",
  severity: "error",
  message: () => "an empty set",
  help: () => "nothing is in it, so the test would never, or always, hold: list what is meant",
});

export const wrongOperator = define<{ operator: string; subject: string; found: string; hint: string | null }>({
  code: "HPL3008",
  slug: "wrong-operator",
  severity: "error",
  message: (p) => `\`${p.operator}\` does not work on \`${p.subject}\`, which is ${p.found}`,
  help: (p) => p.hint,
});

export const badGlob = define<{ glob: string; problem: string }>({
  code: "HPL3009",
  slug: "bad-glob",
  severity: "error",
  message: (p) => `the pattern \`${p.glob}\` ${p.problem}`,
  help: () => "`*` stops at separators, `**` does not, `{a,b}` is either, `\\` makes the next sign plain",
});

export const columnGlobSegments = define<{ glob: string; count: number; suggestion: string }>({
  code: "HPL3010",
  slug: "column-glob-segments",
  severity: "error",
  message: (p) =>
    `\`${p.glob}\` has ${p.count} ${p.count === 1 ? "part" : "parts"}, a column has three: schema.table.column`,
  help: (p) => `write \`${p.suggestion}\``,
});

export const badTransform = define<{ text: string; problem: string }>({
  code: "HPL3011",
  slug: "bad-transform",
  severity: "error",
  message: (p) => `\`${p.text}\` ${p.problem}`,
  help: () => "for example `partial(keep_domain)`, `partial(last: 4)` or `partial(first: 2, last: 2)`",
});

export const badApproval = define<{ problem: string }>({
  code: "HPL3012",
  slug: "bad-approval",
  severity: "error",
  message: (p) => p.problem,
  help: () => "for example `from 2 of people.dba within 30m`, at most `within 7d`",
});

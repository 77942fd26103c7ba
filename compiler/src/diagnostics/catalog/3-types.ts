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

export const patternInEquality = define<{ pattern: string; rewritten: string; isRange: boolean }>({
  code: "HPL3005",
  slug: "pattern-in-equality",
  severity: "error",
  message: (p) => `\`${p.pattern}\` looks like a pattern, and is compared letter by letter`,
  help: (p) => `write \`${p.rewritten}\`${p.isRange ? "" : "; for a real star, `like` with `\\*` in single quotes"}`,
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

export const badRegex = define<{ pattern: string; problem: string; help: string | null }>({
  code: "HPL3013",
  slug: "bad-regex",
  severity: "error",
  message: (p) => `the regular expression \`${p.pattern}\` ${p.problem}`,
  help: (p) => p.help,
});

export const literalRegex = define<{ pattern: string; subject: string }>({
  code: "HPL3014",
  slug: "literal-regex",
  severity: "error",
  message: (p) => `\`matches\` is about the whole text, and \`${p.pattern}\` matches nothing but itself`,
  help: (p) => `write \`.*${p.pattern}.*\` to look for it anywhere, or \`${p.subject} == "${p.pattern}"\``,
});

export const badAddress = define<{ text: string; problem: string; help: string }>({
  code: "HPL3015",
  slug: "bad-address",
  severity: "error",
  message: (p) => `\`${p.text}\` ${p.problem}`,
  help: (p) => p.help,
});

export const badWindow = define<{ problem: string; help: string }>({
  code: "HPL3016",
  slug: "bad-window",
  severity: "error",
  message: (p) => `the window ${p.problem}`,
  help: (p) => p.help,
});

export const unknownZone = define<{ zone: string; nearest: string | null }>({
  code: "HPL3017",
  slug: "unknown-zone",
  severity: "error",
  message: (p) => `unknown time zone \`${p.zone}\``,
  help: (p) =>
    p.nearest !== null
      ? `did you mean \`${p.nearest}\`?`
      : "zones have the names of the IANA database, such as `Europe/Berlin`, or `UTC`",
});

export const badGrant = define<Record<never, never>>({
  code: "HPL3018",
  slug: "bad-grant",
  severity: "error",
  message: () => "a grant lasts 1s to 7d, in whole seconds",
  help: () => "for what people may do at any time, write an `allow` for their group",
});

export const badData = define<{ problem: string; help: string }>({
  code: "HPL3019",
  slug: "bad-data",
  severity: "error",
  message: (p) => `data: ${p.problem}`,
  help: (p) => p.help,
});

export const wrongArguments = define<{ name: string; given: number; needed: number; signature: string }>({
  code: "HPL3020",
  slug: "wrong-arguments",
  severity: "error",
  message: (p) => `\`${p.name}\` takes ${p.needed} ${p.needed === 1 ? "argument" : "arguments"}, not ${p.given}`,
  help: (p) => `it is \`${p.signature}\``,
});

export const badAttribute = define<{ path: string; problem: string; help: string }>({
  code: "HPL3021",
  slug: "bad-attribute",
  severity: "error",
  message: (p) => `\`${p.path}\` ${p.problem}`,
  help: (p) => p.help,
});

export const badAmount = define<{ problem: string; help: string }>({
  code: "HPL3022",
  slug: "bad-amount",
  severity: "error",
  message: (p) => p.problem,
  help: (p) => p.help,
});

export const badDetector = define<{ name: string; problem: string; help: string }>({
  code: "HPL3023",
  slug: "bad-detector",
  severity: "error",
  message: (p) => `the detector \`${p.name}\` ${p.problem}`,
  help: (p) => p.help,
});

import { define } from "../define.js";

/** Warnings: policies that mean something, but perhaps not all of what was meant. */

export const unusedName = define<{ what: string; name: string }>({
  code: "HPL5001",
  slug: "unused-name",
  severity: "warning",
  message: (p) => `${p.what} \`${p.name}\` is never used`,
  help: () => "take it out, or use it where it was meant to be",
});

export const verbList = define<{ effects: readonly string[] }>({
  code: "HPL5002",
  slug: "verb-list",
  severity: "warning",
  message: () => "a list of statement kinds forgets statements that do the same in another way",
  help: (p) => `test what the statement does: \`statement.effects has any {${p.effects.join(", ")}}\``,
});

export const guardSkipsRule = define<{ path: string; rule: string }>({
  code: "HPL5003",
  slug: "guard-skips-rule",
  severity: "warning",
  message: (p) => `\`${p.rule}\` does not fire when \`${p.path}\` is absent`,
  help: (p) => `if it should, write \`(${p.path} is absent or ..)\``,
});

export const badSuppression = define<{ problem: string }>({
  code: "HPL5020",
  slug: "bad-suppression",
  severity: "warning",
  message: (p) => `this suppression ${p.problem}`,
  help: () => "it hides nothing as it stands",
});

export const unusedSuppression = define<{ code: string }>({
  code: "HPL5021",
  slug: "unused-suppression",
  severity: "warning",
  message: (p) => `there is no ${p.code} here to hide`,
  help: () => "take the suppression out",
});

export const lookAlike = define<{ word: string; letter: string; script: string }>({
  code: "HPL5022",
  slug: "look-alike",
  severity: "warning",
  message: (p) => `\`${p.word}\` holds a letter that looks like another one`,
  help: (p) =>
    `\`${p.letter}\` (U+${(p.letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}) is ${p.script}; type the word again`,
});

export const onUnknownIgnore = define<{ rule: string }>({
  code: "HPL5004",
  slug: "on-unknown-ignore",
  severity: "warning",
  message: (p) => `\`${p.rule}\` does nothing when its condition is unknown`,
  help: () => "whoever can make a fact unknown is past this rule: be sure that another one holds them",
});

export const proofNotDecided = define<{ proof: string; reason: string }>({
  code: "HPL5005",
  slug: "proof-not-decided",
  severity: "warning",
  message: (p) => `it cannot be told whether \`${p.proof}\` is true: ${p.reason}`,
  help: () => "no request was found that contradicts it; say less in one proof, or show what you mean with a `test`",
});

export const expiredException = define<{ exception: string; until: string }>({
  code: "HPL5006",
  slug: "expired-exception",
  severity: "warning",
  message: (p) => `the exception \`${p.exception}\` ended at ${p.until}`,
  help: () => "its rule holds again without it: take it out",
});

export const shadowedRule = define<{ rule: string; by: readonly string[] }>({
  code: "HPL5008",
  slug: "shadowed-rule",
  severity: "warning",
  message: (p) =>
    `\`${p.rule}\` changes nothing: ${p.by.length > 1 ? "one of " : ""}${p.by.map((id) => `\`${id}\``).join(", ")} fires wherever it does`,
  help: () => "take it out, or say what it should catch that the other does not",
});

export const wideDetector = define<{ detector: string; pattern: string; characters_min: number }>({
  code: "HPL5007",
  slug: "wide-detector",
  severity: "warning",
  message: (p) => `\`${p.detector}\` finds whatever looks like \`${p.pattern}\``,
  help: (p) =>
    `give the pattern ${p.characters_min} fixed characters, or add a \`check\`, or \`context\` words that stand near a match`,
});

export const alwaysFires = define<{ rule: string; isScoped: boolean }>({
  code: "HPL5009",
  slug: "always-fires",
  severity: "warning",
  message: (p) => `\`${p.rule}\` fires on every request${p.isScoped ? " that its module is for" : ""}`,
  help: () => "nothing makes its condition false: say what it should leave out, or write `when always`",
});

export const redundantUnless = define<{ rule: string }>({
  code: "HPL5011",
  slug: "redundant-unless",
  severity: "warning",
  message: (p) => `this \`unless\` excuses nothing: nothing else that \`${p.rule}\` fires on meets it`,
  help: () => "take it out, or say what it should excuse",
});

export const holdsOfEmptyList = define<{ rule: string; list: string; isAllow: boolean }>({
  code: "HPL5012",
  slug: "holds-of-empty-list",
  severity: "warning",
  message: (p) =>
    `${p.isAllow ? `\`${p.rule}\` allows` : `this \`unless\` of \`${p.rule}\` excuses`} whatever has no \`${p.list}\` at all`,
  help: (p) => `\`no\` holds of an empty list, \`all\` does not: \`all x in ${p.list} where (not ..)\``,
});

export const voidException = define<{ exception: string; rule: string; blockedBy: string | null }>({
  code: "HPL5013",
  slug: "void-exception",
  severity: "warning",
  message: (p) =>
    `the exception \`${p.exception}\` excuses nothing: ${p.blockedBy === null ? `\`${p.rule}\` never fires where it holds` : `\`${p.blockedBy}\` blocks all of it too`}`,
  help: (p) => (p.blockedBy === null ? "take it out, or say whom it is for" : "a hard block has no exceptions"),
});

export const tiedMasks = define<{
  rule: string;
  other: string | null;
  label: string;
  transforms: readonly [string, string];
}>({
  code: "HPL5014",
  slug: "tied-masks",
  severity: "warning",
  message: (p) =>
    `${p.other === null ? `two transforms of \`${p.rule}\` meet` : `\`${p.rule}\` and \`${p.other}\` meet`} on \`${p.label}\`: \`${p.transforms[0]}\` and \`${p.transforms[1]}\` keep different parts, so nothing is kept`,
  help: () =>
    "neither is weaker than the other, and both hold, so the value is redacted: let their conditions exclude each other",
});

export const widePattern = define<{ pattern: string; matches: string; meant: string }>({
  code: "HPL5015",
  slug: "wide-pattern",
  severity: "warning",
  message: (p) => `\`${p.pattern}\` matches \`${p.matches}\` too`,
  help: (p) => `write \`${p.meant}\``,
});

export const maskWithoutColumn = define<{ rule: string }>({
  code: "HPL5016",
  slug: "mask-without-column",
  severity: "warning",
  message: (p) => `no catalog has a column that \`${p.rule}\` could hide`,
  help: () =>
    "catalogs are those of the connections in examples and tests: compare the names of schema, table and column with the label's",
});

export const defaultDecides = define<{ module: string; verdict: string }>({
  code: "HPL5017",
  slug: "default-decides",
  severity: "warning",
  message: (p) => `\`default\` of \`${p.module}\` decides (${p.verdict}) what no rule speaks of`,
  help: () => "it is meant as it is, or a rule is missing",
});

export const ruleWithoutHit = define<{ rule: string }>({
  code: "HPL5018",
  slug: "rule-without-hit",
  severity: "warning",
  message: (p) => `no \`hit\` shows what \`${p.rule}\` is for`,
  help: () => "write down one statement that it must fire on: whoever edits it later will be told",
});

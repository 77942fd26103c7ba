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

export const shadowedRule = define<{ rule: string; by: string }>({
  code: "HPL5008",
  slug: "shadowed-rule",
  severity: "warning",
  message: (p) => `\`${p.rule}\` changes nothing: \`${p.by}\` fires wherever it does`,
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

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

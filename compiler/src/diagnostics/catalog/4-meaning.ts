import { define } from "../define.js";

/** Errors of meaning: well-formed policies that cannot mean what they seem to. 4001 to 4004 are the analysis's. */

export const unreachableApproval = define<{ rule: string; family: string; approvers: string }>({
  code: "HPL4005",
  slug: "unreachable-approval",
  severity: "error",
  message: (p) => `approving \`${p.rule}\` never lets anything through`,
  help: (p) =>
    `no \`allow\` grants any ${p.family} action, so each one it holds is blocked anyway: ` +
    `write \`allow "${p.rule}" after approval ${p.approvers} when ..\``,
});

export const allowWithoutDefault = define<{ rule: string }>({
  code: "HPL4006",
  slug: "allow-without-default",
  severity: "error",
  message: (p) => `\`${p.rule}\` allows in a module that does not govern`,
  help: () => "a module that grants says what happens otherwise: add `default block`",
});

export const twoFamilies = define<{ first: string; second: string }>({
  code: "HPL4007",
  slug: "two-families",
  severity: "error",
  message: (p) => `one condition reads \`${p.first}\` and \`${p.second}\`: no action has the facts of both`,
  help: () => "make two rules, one for each family",
});

export const familyNotGoverned = define<{ family: string; root: string | null; module: string }>({
  code: "HPL4008",
  slug: "family-not-governed",
  severity: "error",
  message: (p) =>
    `\`${p.module}\` does not govern ${p.family}${p.root === null ? "" : `, and \`${p.root}\` is a ${p.family} fact`}`,
  help: (p) => `add \`${p.family}\` to \`governs\`, or move the rule`,
});

export const familyNeeded = define<{ rule: string; families: readonly string[] }>({
  code: "HPL4009",
  slug: "family-needed",
  severity: "error",
  message: (p) => `\`${p.rule}\` does not say which family it is for`,
  help: (p) => `write ${p.families.map((family) => `\`on ${family}\``).join(" or ")}`,
});

export const knowledgeInRestriction = define<{ path: string; rule: string; afterApproval: boolean }>({
  code: "HPL4010",
  slug: "knowledge-in-restriction",
  severity: "error",
  message: (p) => `\`${p.rule}\` restricts, and may not depend on \`${p.path}\``,
  help: (p) =>
    p.afterApproval
      ? "take it out: an `allow` counts only on a complete action anyway"
      : "take it out: a restriction fires on whatever is unknown, so that not knowing never loosens a policy",
});

export const ruleInLibrary = define<{ word: string }>({
  code: "HPL4011",
  slug: "rule-in-library",
  severity: "error",
  message: (p) => `a library holds only names, and this is \`${p.word}\``,
  help: () => "rules stand in a file that starts with `policy`: `use` never brings a rule into force",
});

export const secondDefault = define<Record<never, never>>({
  code: "HPL4012",
  slug: "second-default",
  severity: "error",
  message: () => "a second `default` in one module",
  help: () => "keep the one that is meant",
});

export const advisoryAllow = define<{ rule: string }>({
  code: "HPL4013",
  slug: "advisory-allow",
  severity: "error",
  message: (p) => `\`${p.rule}\` allows, and cannot be advisory`,
  help: () => "an advisory rule only records what it would have done: take the word or the rule out",
});

export const incompleteRestriction = define<{ rule: string }>({
  code: "HPL4014",
  slug: "incomplete-restriction",
  severity: "error",
  message: (p) => `\`${p.rule}\` restricts: \`even if incomplete\` is for \`allow\``,
  help: () => "take it out: a restriction always fires on what is unknown",
});

export const tierOutsideMask = define<{ label: string; rule: string }>({
  code: "HPL4015",
  slug: "tier-outside-mask",
  severity: "error",
  message: (p) => `\`${p.rule}\` does not mask \`${p.label}\`, so this \`but\` never counts`,
  help: () => "name a label under one of the mask's own",
});

export const scopeReadsAction = define<{ root: string }>({
  code: "HPL4016",
  slug: "scope-reads-action",
  severity: "error",
  message: (p) => `\`for\` says where a module governs, and may not read \`${p.root}\``,
  help: () => "it reads `principal`, `connection` and `session`; the rest belongs in `when`",
});

export const unreadableExample = define<{ family: string }>({
  code: "HPL4017",
  slug: "unreadable-example",
  severity: "error",
  message: (p) => `a \`hit\` or \`miss\` is \`sql\` or \`shell\` text, not \`${p.family}\``,
  help: () => "show a text that leads to such an action, for example `hit shell 'git push --force'`",
});

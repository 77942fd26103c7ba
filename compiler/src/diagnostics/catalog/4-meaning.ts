import { define } from "../define.js";

/** Errors of meaning: well-formed policies that cannot mean what they seem to. 4001 to 4004 are the analysis's. */

export const falseProof = define<{ proof: string; decision: string }>({
  code: "HPL4001",
  slug: "false-proof",
  severity: "error",
  message: (p) => `\`${p.proof}\` is not true: a request that it speaks of is decided \`${p.decision}\``,
  help: () => "change the rules that decide it, or what the proof says",
});

export const neverFires = define<{ rule: string; clauses: readonly string[] }>({
  code: "HPL4002",
  slug: "never-fires",
  severity: "error",
  message: (p) => `\`${p.rule}\` can never fire: no request meets all of its conditions`,
  help: (p) =>
    p.clauses.length === 1
      ? `nothing meets \`${p.clauses[0]}\``
      : `${p.clauses.map((clause) => `\`${clause}\``).join(" and ")} exclude each other`,
});

export const approvalNeverLets = define<{ rule: string; blockedBy: readonly string[] }>({
  code: "HPL4003",
  slug: "approval-never-lets",
  severity: "error",
  message: (p) => `approving what \`${p.rule}\` holds never lets anything through`,
  help: (p) =>
    p.blockedBy.length === 0
      ? "no `allow` grants any of it, so it is blocked anyway: write `allow .. after approval`, or widen an `allow`"
      : `${p.blockedBy.map((id) => `\`${id}\``).join(" and ")}, which no exception lifts, ${p.blockedBy.length === 1 ? "blocks" : "block"} all of it: take one of them out`,
});

export const unreachableApproval = define<{ rule: string; family: string; approvers: string; witness: string | null }>({
  code: "HPL4005",
  slug: "unreachable-approval",
  severity: "error",
  message: (p) => `approving \`${p.rule}\` never lets anything through`,
  help: (p) =>
    `no \`allow\` grants any ${p.family} action, so each one it holds${p.witness === null ? "" : `, such as \`${p.witness}\`,`} ` +
    `is blocked anyway: write \`allow "${p.rule}" after approval ${p.approvers} when ..\``,
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

export const unreadableExample = define<{ family: string; isText: boolean; hasFacts: boolean }>({
  code: "HPL4017",
  slug: "unreadable-example",
  severity: "error",
  message: (p) => `there is no ${p.family} ${p.isText ? "text to read" : "action to describe"}`,
  help: (p) =>
    p.isText && p.hasFacts
      ? `write its facts, \`${p.family} { .. }\`, or a text that leads to it, such as \`shell 'git push --force'\``
      : "text is `sql` or `shell`; facts are those of a family with a schema, such as `git { verb: push }`",
});

export const exceptionNotPossible = define<{ rule: string; level: string }>({
  code: "HPL4021",
  slug: "exception-not-possible",
  severity: "error",
  message: (p) => `\`${p.rule}\` ${p.level}, and cannot have an exception`,
  help: () =>
    "an exception lifts one soft restriction for a while: put the condition into the rule, as `unless`, or change its level",
});

export const misplacedOnUnknown = define<{ rule: string; isAllow: boolean }>({
  code: "HPL4022",
  slug: "misplaced-on-unknown",
  severity: "error",
  message: (p) =>
    `\`${p.rule}\` ${p.isAllow ? "allows" : "does not block"}: ${p.isAllow ? "`on unknown`" : "`on unknown require approval`"} is not for it`,
  help: (p) =>
    p.isAllow
      ? "take it out: an `allow` never counts on what is unknown"
      : "only a `block` can ask people instead; take it out: the rule does what it says when its condition is unknown",
});

export const misplacedPredicates = define<{ rule: string }>({
  code: "HPL4023",
  slug: "misplaced-predicates",
  severity: "error",
  message: (p) => `\`${p.rule}\` masks no labels: \`predicates\` is not for it`,
  help: () => "`predicates` says what conditions may ask of columns that a mask of labels hides: take it out",
});

export const decisionOutsideClaim = define<{ root: string }>({
  code: "HPL4024",
  slug: "decision-outside-claim",
  severity: "error",
  message: (p) => `\`${p.root}\` is about the decision, and only \`prove .. always\` and \`never\` read it`,
  help: () => "a rule cannot depend on what the rules decide: test the facts",
});

export const claimReadsFact = define<{ root: string }>({
  code: "HPL4025",
  slug: "claim-reads-fact",
  severity: "error",
  message: (p) => `a claim is about the decision, and \`${p.root}\` is a fact`,
  help: () => "say after `when` for which requests it holds: `never decision == allow when ..`",
});

export const impossibleExpectation = define<{ verdict: string; obligation: string }>({
  code: "HPL4026",
  slug: "impossible-expectation",
  severity: "error",
  message: (p) => `\`${p.verdict}\` never comes with ${p.obligation}`,
  help: (p) =>
    p.verdict === "block" ? "a blocked action has no obligations" : "who asks for approval is in an `approve`",
});

export const tiersOnValues = define<{ rule: string }>({
  code: "HPL4027",
  slug: "tiers-on-values",
  severity: "error",
  message: (p) => `\`${p.rule}\` masks what detectors find, which has no \`but\``,
  help: () => "write a second mask, each with its own `when`",
});

export const exceptionOfOtherFamily = define<{ rule: string; family: string; path: string }>({
  code: "HPL4028",
  slug: "exception-of-other-family",
  severity: "error",
  message: (p) => `\`${p.rule}\` is a rule for ${p.family}, whose actions have no \`${p.path}\``,
  help: () => "the exception would never count: test facts of the rule's own family, or of the request",
});

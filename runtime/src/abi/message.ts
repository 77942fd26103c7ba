import type { FiredRule, Verdict } from "./decision.js";

/** Why the engine itself refuses, beside any rule. Each has a code, and is one of a decision's reasons. */
export const refusals = [
  "too_large",
  "ill_typed",
  "masked_predicate",
  "lineage_lost",
  "opaque",
  "ungoverned",
  "empty",
] as const;
export type Refusal = (typeof refusals)[number];

/** Code and words of each refusal; the first that applies, in the order of `refusals`, is the one a decision names. */
export const refusalTexts: Readonly<
  Record<Refusal, { readonly code: string; readonly message: string; readonly fix: string }>
> = {
  empty: { code: "HPL8001", message: "the request holds no action", fix: "Send at least one statement." },
  ill_typed: {
    code: "HPL8002",
    message: "the facts do not have the shape of their schema",
    fix: "Compare the request with spec/facts.",
  },
  too_large: {
    code: "HPL8003",
    message: "the facts are too large to decide on",
    fix: "Split the statement, or name fewer columns.",
  },
  ungoverned: {
    code: "HPL8004",
    message: "no policy governs this",
    fix: "Write a policy with a default for this kind of action and connection.",
  },
  opaque: {
    code: "HPL8005",
    message: "nothing of this was understood",
    fix: "Rewrite it in plain statements, one at a time.",
  },
  masked_predicate: {
    code: "HPL8006",
    message: "it would compare, sort, group by or copy a masked column",
    fix: "Leave masked columns out of conditions, joins, ordering, grouping and written values.",
  },
  lineage_lost: {
    code: "HPL8007",
    message: "it cannot be told which columns its result comes from, and some are masked",
    fix: "Name the columns in a plain SELECT.",
  },
};

/** What a message is made of. `rules` is sorted, as in a decision. */
export interface MessageParts {
  readonly verdict: Verdict;
  readonly rules: readonly FiredRule[];
  readonly refusals: readonly Refusal[];
  readonly complete: boolean;
  /** Reasons of the facts. */
  readonly reasons: readonly string[];
  /** What the author wrote for a rule. */
  textsOf(rule: FiredRule): { readonly why: string | null; readonly fix: string | null };
}

export interface Message {
  readonly message: string;
  readonly fix?: string;
  readonly code?: string;
}

/**
 * The rule that decided: the first of those with the decision's verdict, one that certainly fired before one that may have, a
 * rule before a default. A decision with a code was refused by the engine itself, whichever rule may have fired beside.
 */
export function decidingRule({ verdict, rules }: Pick<MessageParts, "verdict" | "rules">): FiredRule | undefined {
  const deciding = rules.filter((rule) => rule.effect === verdict && !rule.advisory);
  const own = deciding.filter((rule) => !isDefault(rule));
  return own.find(({ certainty }) => certainty === "must") ?? own[0] ?? deciding[0];
}

/** One sentence for a person, and the next step. The same parts give the same message. */
export function messageOf(parts: MessageParts): Message {
  const rule = decidingRule(parts);
  const isOwn = rule !== undefined && !isDefault(rule);
  if (isOwn && rule.certainty === "must") return messageOfRule(rule, parts);
  const refusal = parts.verdict === "block" ? refusals.find((each) => parts.refusals.includes(each)) : undefined;
  if (refusal !== undefined) return messageOfRefusal(refusal, parts);
  return isOwn ? messageOfRule(rule, parts) : messageOfDefault(rule, parts);
}

const isDefault = (rule: FiredRule): boolean => rule.id.endsWith("/default");

const verdictWords = { allow: "allowed by", approve: "needs approval by", block: "blocked by" } as const;

function messageOfRule(rule: FiredRule, parts: MessageParts): Message {
  const { why, fix } = parts.textsOf(rule);
  const doubt = rule.certainty === "may" ? because(parts) : "";
  const said = why ?? `${verdictWords[parts.verdict]} \`${rule.id}\``;
  // With a doubt, the author's sentence goes on.
  const message = `${doubt !== "" && said.endsWith(".") ? said.slice(0, -1) : said}${doubt}${besides(parts)}`;
  return fix === null || parts.verdict === "allow" ? { message } : { message, fix };
}

function messageOfRefusal(refusal: Refusal, parts: MessageParts): Message {
  const { code, message, fix } = refusalTexts[refusal];
  return { message: `${message}${because(parts)}`, fix, code };
}

function messageOfDefault(rule: FiredRule | undefined, parts: MessageParts): Message {
  const name = rule === undefined ? "" : ` (\`${rule.id}\`)`;
  if (parts.verdict === "allow") return { message: `allowed by default${name}${besides(parts)}` };
  const what = parts.verdict === "block" ? "no rule allows this" : "no rule allows this without approval";
  return { message: `${what}${name}${because(parts)}${besides(parts)}` };
}

/**
 * What else a reader must know of something that may run: which exceptions it owes that to, and which rules limit what comes
 * back. A blocked one owes nothing to an exception, and returns nothing.
 */
function besides({ verdict, rules }: MessageParts): string {
  if (verdict === "block" || !rules.some(({ effect }) => effect === "exception" || effect === "limit")) return "";
  const named = (effect: FiredRule["effect"]): string =>
    rules.flatMap((rule) => (rule.effect === effect && !rule.advisory ? [`\`${rule.id}\``] : [])).join(", ");
  const [exceptions, limits] = [named("exception"), named("limit")];
  const notes = [
    ...(exceptions === "" ? [] : [`by exception ${exceptions}`]),
    ...(limits === "" ? [] : [`limited by ${limits}`]),
  ];
  return notes.length === 0 ? "" : ` (${notes.join("; ")})`;
}

const because = (parts: MessageParts): string =>
  parts.complete || parts.reasons.length === 0 ? "" : `: not fully understood (${parts.reasons.join(", ")})`;

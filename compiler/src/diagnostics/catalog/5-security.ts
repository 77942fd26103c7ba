import { define } from "../define.js";

/** Warnings about policies that do what they say, and are weaker than they look. */

export const denyList = define<{ module: string; rules: readonly string[] }>({
  code: "HPL5030",
  slug: "deny-list",
  severity: "warning",
  message: (p) => `\`${p.module}\` allows whatever its blocks forget to name`,
  help: (p) =>
    `write \`default block\` and allow what is needed; ${named(p.rules)} then ${p.rules.length === 1 ? "stays" : "stay"} as a second line`,
});

const named = (rules: readonly string[]): string => {
  const [first = "", second, ...more] = rules.map((rule) => `\`${rule}\``);
  if (second === undefined) return first;
  return more.length === 0 ? `${first} and ${second}` : `${first}, ${second} and ${more.length} more`;
};

export const columnByName = define<{ rule: string }>({
  code: "HPL5031",
  slug: "column-by-name",
  severity: "warning",
  message: (p) => `\`${p.rule}\` goes by the name of an output column, which \`AS\` changes`,
  help: () =>
    'label the column it comes from, `label pii.email on column "**.email"`, and test `statement.labels has pii.email`',
});

export const predicatesOnMasked = define<{ rule: string }>({
  code: "HPL5032",
  slug: "predicates-on-masked",
  severity: "warning",
  message: (p) => `\`${p.rule}\` hides values that anyone may still filter by`,
  help: () =>
    "`WHERE ssn LIKE '1%'` tells a value digit by digit: take `predicates allow` out, or clear the column for those who may know it",
});

export const approvedByPeers = define<{ rule: string; group: string }>({
  code: "HPL5033",
  slug: "approved-by-peers",
  severity: "warning",
  message: (p) => `whoever \`${p.rule}\` holds is in \`${p.group}\`, and one of \`${p.group}\` approves it`,
  help: () => "two colleagues need nobody else: ask another group, or one more person",
});

export const advisoryInProduction = define<{ rule: string }>({
  code: "HPL5034",
  slug: "advisory-in-production",
  severity: "warning",
  message: (p) => `\`${p.rule}\` is advisory, and for production alone: it stops nothing`,
  help: () => "take `advisory` out once its records show what you expect",
});

export const longTimeBox = define<{ name: string; what: "exception" | "grant" }>({
  code: "HPL5035",
  slug: "long-time-box",
  severity: "warning",
  message: (p) =>
    p.what === "grant"
      ? `the grant \`${p.name}\` lasts more than a day, and nobody agrees to it`
      : `the exception \`${p.name}\` ends in more than a year`,
  help: (p) =>
    p.what === "grant"
      ? "let it last for one piece of work, or add `after approval from ..`"
      : "what holds for so long is a rule: write it as `unless`, or let it end sooner",
});

export const ungovernedConnection = define<{ connection: string }>({
  code: "HPL5036",
  slug: "ungoverned-connection",
  severity: "warning",
  message: (p) => `no module governs the connection \`${p.connection}\`: everything on it is blocked`,
  help: () => "widen the `for` of a module, write one for it, or correct what the configuration says of it",
});

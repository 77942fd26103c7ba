import { define } from "../define.js";

/** Errors of names: what a word refers to, and who else uses it. */

const didYouMean = (nearest: string | null): string | null => nearest && `did you mean \`${nearest}\`?`;

export const unknownModule = define<{ module: string; nearest: string | null }>({
  code: "HPL2001",
  slug: "unknown-module",
  severity: "error",
  message: (p) => `unknown module \`${p.module}\``,
  help: (p) => didYouMean(p.nearest) ?? "a module is a file of this policy that starts with that name, or one of `std`",
});

export const importCycle = define<{ modules: readonly string[] }>({
  code: "HPL2002",
  slug: "import-cycle",
  severity: "error",
  message: (p) => `modules use each other in a circle: ${p.modules.map((name) => `\`${name}\``).join(" -> ")}`,
  help: () => "move the names they share to a library that uses neither",
});

export const unknownFact = define<{ path: string; nearest: string | null; hint?: string | null }>({
  code: "HPL2003",
  slug: "unknown-fact",
  severity: "error",
  message: (p) => `unknown fact \`${p.path}\``,
  help: (p) => didYouMean(p.nearest) ?? p.hint ?? null,
});

export const unknownName = define<{ name: string; nearest: string | null; module?: string | null }>({
  code: "HPL2004",
  slug: "unknown-name",
  severity: "error",
  message: (p) => `unknown name \`${p.name}\``,
  help: (p) =>
    (p.module ? `write \`use ${p.module}\` at the top` : null) ??
    didYouMean(p.nearest) ??
    "text stands in quotes; names come from items such as `let`, `define` and `group`, or from a `use`d module",
});

export const duplicateName = define<{ name: string }>({
  code: "HPL2005",
  slug: "duplicate-name",
  severity: "error",
  message: (p) => `\`${p.name}\` is declared twice`,
  help: () => "give one of them another name; for a module, `use .. as ..`",
});

export const duplicateModule = define<{ module: string; other: string }>({
  code: "HPL2006",
  slug: "duplicate-module",
  severity: "error",
  message: (p) => `module \`${p.module}\` is also \`${p.other}\``,
  help: () => "one file is one module: give one of them another name",
});

export const duplicateRule = define<{ id: string }>({
  code: "HPL2007",
  slug: "duplicate-rule",
  severity: "error",
  message: (p) => `two rules are called \`${p.id}\``,
  help: () => "decisions and approvals name rules by their id: make each unique in its module",
});

export const badRuleId = define<{ id: string }>({
  code: "HPL2008",
  slug: "bad-rule-id",
  severity: "error",
  message: (p) => (p.id === "default" ? "the id `default` is the module's default" : `\`${p.id}\` is not a rule id`),
  help: () => "an id holds small letters, digits and `-`",
});

export const reservedName = define<{ name: string }>({
  code: "HPL2009",
  slug: "reserved-name",
  severity: "error",
  message: (p) => `\`${p.name}\` already means something everywhere`,
  help: () => "choose another name; for a module, `use .. as ..`",
});

export const unknownLabel = define<{ label: string; nearest: string | null }>({
  code: "HPL2010",
  slug: "unknown-label",
  severity: "error",
  message: (p) => `unknown label \`${p.label}\``,
  help: (p) => didYouMean(p.nearest) ?? 'declare it: `label pii.email on column "**.email"`',
});

export const unknownFamily = define<{ family: string; nearest: string | null }>({
  code: "HPL2011",
  slug: "unknown-family",
  severity: "error",
  message: (p) => `unknown family \`${p.family}\``,
  help: (p) => didYouMean(p.nearest) ?? "families are `sql`, `shell`, `git`, `k8s`, `http` and so on",
});

export const unknownFixture = define<{ name: string; of: string; nearest: string | null }>({
  code: "HPL2012",
  slug: "unknown-fixture",
  severity: "error",
  message: (p) => `no ${p.of} fixture is called \`${p.name}\``,
  help: (p) => didYouMean(p.nearest) ?? `declare it: \`fixture ${p.name} = ${p.of} { .. }\``,
});

export const recursiveLet = define<{ name: string }>({
  code: "HPL2013",
  slug: "recursive-let",
  severity: "error",
  message: (p) => `\`${p.name}\` is defined by itself`,
  help: () => "a `let` stands for what is on its right: take the name out of there",
});

export const wrongKindOfName = define<{ name: string; expected: string; found: string; hint?: string | null }>({
  code: "HPL2014",
  slug: "wrong-kind-of-name",
  severity: "error",
  message: (p) => `\`${p.name}\` is ${p.found}, not ${p.expected}`,
  help: (p) => p.hint ?? null,
});

export const unknownTransform = define<{ name: string; nearest: string | null }>({
  code: "HPL2015",
  slug: "unknown-transform",
  severity: "error",
  message: (p) => `unknown transform \`${p.name}\``,
  help: (p) =>
    didYouMean(p.nearest) ??
    "transforms are `redact`, `null`, `clear`, `fixed`, `partial`, `truncate`, `round`, `bucket`, `network`, `hmac`, `surrogate`, `ff1`, `date_shift`, `json`, `composite` and `elements`",
});

export const duplicateId = define<{ what: string; id: string }>({
  code: "HPL2016",
  slug: "duplicate-id",
  severity: "error",
  message: (p) => `two ${p.what} are called \`${p.id}\``,
  help: () => "reports name them by their id: make each unique in its module",
});

export const badExceptionId = define<{ id: string }>({
  code: "HPL2017",
  slug: "bad-exception-id",
  severity: "error",
  message: (p) => `\`${p.id}\` is not the id of an exception`,
  help: () => "an id holds letters, digits and `-`, as tickets do: `INC-4312`",
});

export const duplicateAttribute = define<{ path: string; module: string }>({
  code: "HPL2018",
  slug: "duplicate-attribute",
  severity: "error",
  message: (p) => `\`${p.path}\` is an attribute already, declared in \`${p.module}\``,
  help: () => "an attribute means the same in every module: declare it once",
});

export const unknownRule = define<{ rule: string; nearest: string | null }>({
  code: "HPL2030",
  slug: "unknown-rule",
  severity: "error",
  message: (p) => `no rule is called \`${p.rule}\``,
  help: (p) => didYouMean(p.nearest) ?? "a rule of this module is written by its id, one of another as `module/id`",
});

export const unknownChoice = define<{
  what: string;
  found: string;
  choices: readonly string[];
  nearest: string | null;
}>({
  code: "HPL2031",
  slug: "unknown-choice",
  severity: "error",
  message: (p) => `\`${p.found}\` is not ${p.what}`,
  help: (p) => didYouMean(p.nearest) ?? `write ${p.choices.map((choice) => `\`${choice}\``).join(", ")}`,
});

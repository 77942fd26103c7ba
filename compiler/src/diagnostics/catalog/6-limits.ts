import { limits } from "../../source/limits.js";
import { define } from "../define.js";

/** Errors of size: see `source/limits.ts` for each limit's reason. */

const count = (number: number): string => number.toLocaleString("en-US").replaceAll(",", "_");

export const sourceTooLarge = define<{ bytes: number }>({
  code: "HPL6001",
  slug: "source-too-large",
  severity: "error",
  message: (p) => `the file has ${count(p.bytes)} bytes, at most ${count(limits.source_bytes_max)} are read`,
  help: () => "split it into several modules",
});

export const nestingTooDeep = define<{ levels_max: number }>({
  code: "HPL6002",
  slug: "nesting-too-deep",
  severity: "error",
  message: (p) => `nested more than ${p.levels_max} deep`,
  help: () => "split the condition with `let`, or write `x in {..}` instead of many `or`",
});

export const tooManyRules = define<{ rules: number }>({
  code: "HPL6003",
  slug: "too-many-rules",
  severity: "error",
  message: (p) => `the policy has ${count(p.rules)} rules, at most ${count(limits.rules_max)} are compiled`,
  help: () => "rules that differ only in a name are one rule with a set",
});

export const tooManyLabels = define<{ labels: number }>({
  code: "HPL6009",
  slug: "too-many-labels",
  severity: "error",
  message: (p) => `the policy has ${count(p.labels)} labels, at most ${count(limits.labels_max)} are compiled`,
  help: () => "a label stands for a kind of data, not for a column: give one label several columns",
});

export const setTooLarge = define<{ members: number }>({
  code: "HPL6004",
  slug: "set-too-large",
  severity: "error",
  message: (p) => `the set has ${count(p.members)} members, at most ${count(limits.set_members_max)} are compiled`,
  help: () => "a list this long belongs in the facts: a group, a label or a claim",
});

export const globTooWide = define<{ glob: string }>({
  code: "HPL6005",
  slug: "glob-too-wide",
  severity: "error",
  message: (p) => `\`${p.glob}\` stands for more than ${limits.glob_results_max} patterns`,
  help: () => "use `*`, or list the patterns with `like {..}`",
});

export const globTooLong = define<{ length: number }>({
  code: "HPL6006",
  slug: "glob-too-long",
  severity: "error",
  message: (p) =>
    `the pattern has ${count(p.length)} characters, at most ${count(limits.glob_length_max)} are compiled`,
  help: () => "use `*` for the part that varies",
});

export const tooManyModules = define<{ modules: number }>({
  code: "HPL6007",
  slug: "too-many-modules",
  severity: "error",
  message: (p) => `the policy has ${count(p.modules)} modules, at most ${count(limits.modules_max)} are compiled`,
  help: () => "join files that belong together",
});

export const conditionTooLarge = define<Record<never, never>>({
  code: "HPL6008",
  slug: "condition-too-large",
  severity: "error",
  message: () =>
    `the condition has more than ${count(limits.condition_tests_max)} tests once every \`let\` is written out`,
  help: () => "a `let` that is used twice in the next one doubles it each time: use sets, or fewer steps",
});

export const regexTooLarge = define<{ pattern: string }>({
  code: "HPL6010",
  slug: "regex-too-large",
  severity: "error",
  message: (p) => `the regular expression \`${p.pattern}\` is too large to compile`,
  help: () =>
    `at most ${count(limits.regex_length_max)} characters, and ${count(limits.regex_states_max)} states of its automaton: ` +
    "use smaller counts, `*` for a long repetition, or `like`",
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { limits, shellFrontEnd } from "../../src/shell/index.js";

const reasonsOf = (text: string): readonly string[] => {
  const { actions } = shellFrontEnd.analyse(text, { cwd: "/w" });
  return actions.flatMap((action) => (action.opaque ? action.reasons : []));
};

/** A text at the limit is read, and one beyond it is refused with the reason. */
const check = (at: (size: number) => string, limit: number, reason: string) => {
  expect(reasonsOf(at(limit))).toEqual([]);
  expect(reasonsOf(at(limit + 1))).toEqual([reason]);
};

test("text", () => check((size) => `: ${"a".repeat(size - 2)}`, limits.text_size_max, "too_long"));
test("commands", () => check((size) => ":;".repeat(size), limits.commands_count_max, "too_many_commands"));
test("actions", () => check((size) => `rm ${"x ".repeat(size - 1)}`, limits.actions_count_max, "too_many_actions"));
test("nesting", () =>
  check((size) => `${"$(".repeat(size)}x${")".repeat(size)}`, limits.nesting_depth_max, "too_deep"));
test("wrappers", () => check((size) => `${"nohup ".repeat(size)}ls`, limits.wrappers_count_max, "too_many_wrappers"));

/** The number of arguments of `f TEXT`; null when it is not known. */
const argumentsCount = (text: string): number | null => {
  const [action] = shellFrontEnd.analyse(`echo ${text}`, {}).actions;
  if (action === undefined || action.opaque || action.family !== "shell") return null;
  return Array.isArray(action.facts.argv) ? action.facts.argv.length - 1 : null;
};

test("braces", () => {
  expect(argumentsCount(`{1..${limits.expanded_count_max}}`)).toBe(limits.expanded_count_max);
  expect(argumentsCount(`{1..${limits.expanded_count_max + 1}}`)).toBeNull();
  expect(argumentsCount(`${"{".repeat(limits.braces_count_max)}`)).toBe(1);
  expect(argumentsCount(`${"{".repeat(limits.braces_count_max + 1)}`)).toBeNull();
});

test("values that a variable may have", () => {
  const line = (count: number) =>
    `for x in ${Array.from({ length: count }, (_, i) => `a${i}`).join(" ")}; do "$x"; done`;
  const programs = (text: string) =>
    shellFrontEnd.analyse(text, {}).actions.filter((action) => !action.opaque && action.family === "shell").length;
  expect(programs(line(limits.alternatives_count_max))).toBe(limits.alternatives_count_max);
  expect(programs(line(limits.alternatives_count_max + 1))).toBe(1);
});

test("ways to read the words of a command", () => {
  const removals = (count: number): number => {
    const names = Array.from({ length: count }, (_, i) => `f${i}`).join(" ");
    const { actions } = shellFrontEnd.analyse(`for f in ${names}; do rm $f; done`, { cwd: "/w" });
    return actions.filter((action) => !action.opaque && action.facts.complete === true && action.family === "fs")
      .length;
  };
  expect(removals(limits.readings_count_max)).toBe(limits.readings_count_max);
  expect(removals(limits.readings_count_max + 1)).toBe(0);
});

const hostile: Readonly<Record<string, string>> = {
  "50,000 semicolons": ";".repeat(50_000),
  "5,000 open substitutions": "$(".repeat(5_000),
  "3,000 nested substitutions": `${"$(".repeat(3_000)}x${")".repeat(3_000)}`,
  "1 MB": `echo ${"a".repeat(1 << 20)}`,
  "32,000 commands": "a;".repeat(32_000),
  "32,000 arguments": `rm ${"x ".repeat(32_000)}`,
  "2^20 words of braces": `echo ${"{a,b}".repeat(20)}`,
  "30,000 braces": `echo ${"{".repeat(30_000)}`,
  "30,000 brackets": `echo ${"[".repeat(30_000)}`,
  "30,000 parentheses": "(".repeat(30_000),
  "16,000 quotes": "'\"".repeat(16_000),
  "9,000 here-documents": "cat <<A <<B <<C\n".repeat(3_000),
  "a fork bomb": ":(){ :|:& };:",
  "functions that double": `${Array.from({ length: 30 }, (_, i) => `f${i}(){ f${i + 1};f${i + 1}; }`).join(";")};f0`,
  "a value that doubles": `x=aa;${"x=$x$x;".repeat(60)}echo $x`,
  "5,000 times eval": `${"eval ".repeat(5_000)}x`,
  "5,000 times sudo": `${"sudo ".repeat(5_000)}x`,
  "10,000 variables in a word": `x=${"$x".repeat(10_000)}`,
  "3,000 commands of find": `find . ${"-exec rm {} \\; ".repeat(3_000)}`,
  "loops in loops": `${"while x; do ".repeat(200)}y; ${"done; ".repeat(200)}`,
};

test.each(Object.keys(hostile))("%s: an answer within a second", (name) => {
  const start = performance.now();
  shellFrontEnd.analyse(hostile[name] ?? "", { cwd: "/w" });
  // Ten times what it takes: this is about growth, not about speed.
  expect(performance.now() - start).toBeLessThan(5_000);
});

test("whatever is written, nothing throws", () => {
  const piece = fc.constantFrom(
    ..."abcx =$(){}[]<>|&;'\"`\\\n#*?~!-/",
    "rm ",
    "sh -c ",
    "eval ",
    "<<E\n",
    "\nE\n",
    "if ",
    "then ",
    "fi",
    "git push ",
    "kubectl ",
    "curl ",
    "psql -c ",
    "find . -exec ",
    "xargs ",
    "${x:-",
    "$((",
  );
  const text = fc.array(piece, { maxLength: 40 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(text, (each) => {
      shellFrontEnd.analyse(each, {});
    }),
    { numRuns: 5_000 },
  );
});

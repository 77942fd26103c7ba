import fc from "fast-check";
import { expect, test } from "vitest";
import { accepts, automatonOf } from "../src/3-check/regex/automaton.js";
import { compileRegex, newRegexCache } from "../src/3-check/regex/compile-regex.js";
import { minimize } from "../src/3-check/regex/minimize.js";
import { nfaOf } from "../src/3-check/regex/nfa.js";
import { parseRegex } from "../src/3-check/regex/parse-regex.js";
import { matchesOneOf } from "../src/reference/regex.js";
import { limits } from "../src/source/limits.js";

const span = { file: 0, start: 0, end: 0 };
const compile = (text: string) => compileRegex(text, span, newRegexCache());
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

function matches(pattern: string, text: string): boolean {
  const output = compile(pattern);
  if (output.kind === "problem") throw new Error(`${pattern}: ${output.diagnostic.message}`);
  return accepts(output.regex.automaton, utf8(text));
}

/** Pairs of a pattern and the same in JavaScript's words, where ASCII sets and folding of ASCII letters are written out. */
interface Both {
  readonly own: string;
  readonly js: string;
}
const both = (own: string, js = own): Both => ({ own, js });
const letter = fc.constantFrom("a", "b", "K", "s", "ü", "€", "😀", "\u{10FFFF}", "\n");
const escaped = fc.constantFrom(
  both("\\d", "[0-9]"),
  both("\\w", "[0-9A-Za-z_]"),
  both("\\s", "[\\t\\n\\f\\r ]"),
  both("\\D", "[^0-9]"),
  both("\\W", "[^0-9A-Za-z_]"),
  both("\\S", "[^\\t\\n\\f\\r ]"),
  both("\\."),
  both("\\n"),
  both("\\t"),
  both("\\r"),
  both("\\x{20AC}", "\\u{20AC}"),
  both("\\x{1F600}", "\\u{1F600}"),
);
const classMember = fc.oneof(
  letter.map((text) => both(text)),
  fc.constantFrom(
    both("a-z"),
    both("\\d", "0-9"),
    both("\\-"),
    both("\\]"),
    both("ü-€"),
    both("€-😀"),
    both("\\x{0}-\\x{7F}", "\\0-\\x7F"),
  ),
);
const set = fc
  .tuple(fc.constantFrom("", "^"), fc.array(classMember, { minLength: 1, maxLength: 3 }))
  .map(([sign, members]) =>
    both(`[${sign}${members.map(({ own }) => own).join("")}]`, `[${sign}${members.map(({ js }) => js).join("")}]`),
  );
const quantifier = fc.constantFrom("*", "+", "?", "{2}", "{0,2}", "{1,}", "{0}");

const pattern: fc.Arbitrary<Both> = fc.letrec<{ node: Both }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(
      letter.map((text) => both(text)),
      escaped,
      set,
      fc.constant(both(".")),
    ),
    fc.array(tie("node"), { minLength: 1, maxLength: 4 }).map((parts) => join(parts, "")),
    fc.array(tie("node"), { minLength: 1, maxLength: 3 }).map((parts) => wrap(join(parts, "|"))),
    fc.tuple(tie("node"), quantifier).map(([node, sign]) => wrap(node, sign)),
  ),
})).node;

const join = (parts: readonly Both[], sign: string): Both =>
  both(parts.map(({ own }) => own).join(sign), parts.map(({ js }) => js).join(sign));
const wrap = ({ own, js }: Both, sign = ""): Both => both(`(?:${own})${sign}`, `(?:${js})${sign}`);

const text = fc
  .array(
    fc.constantFrom("a", "b", "K", "k", "s", "ſ", "ü", "€", "😀", "\u{10FFFF}", "\n", "-", "]", "0", "\u2028", "."),
    {
      maxLength: 6,
    },
  )
  .map((parts) => parts.join(""));

test("a pattern matches what JavaScript's own engine says it matches", () => {
  fc.assert(
    fc.property(pattern, fc.array(text, { minLength: 1, maxLength: 8 }), ({ own, js }, texts) => {
      const output = compile(own);
      const expected = new RegExp(`^(?:${js})$`, "su");
      for (const found of texts) {
        const isMatch = output.kind === "regex" && accepts(output.regex.automaton, utf8(found));
        expect(isMatch, `${own} on ${JSON.stringify(found)}`).toBe(expected.test(found));
      }
    }),
    { numRuns: 2_000 },
  );
});

test("the reference evaluator, which has its own way, says the same", () => {
  fc.assert(
    fc.property(
      pattern,
      fc.constantFrom("", "(?i)"),
      fc.array(text, { minLength: 1, maxLength: 8 }),
      ({ own }, flag, texts) => {
        const output = compile(`${flag}${own}`);
        if (output.kind === "problem") return;
        for (const found of texts)
          expect(accepts(output.regex.automaton, utf8(found)), `${flag}${own} on ${JSON.stringify(found)}`).toBe(
            matchesOneOf([output.regex], found),
          );
      },
    ),
    { numRuns: 2_000 },
  );
});

test("bytes that are no UTF-8 match nothing", () => {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const piece = fc.oneof(fc.uint8Array({ maxLength: 4 }), text.map(utf8), fc.constantFrom(utf8("😀").slice(0, 3)));
  fc.assert(
    fc.property(pattern, fc.array(piece, { maxLength: 4 }), ({ own, js }, pieces) => {
      const bytes = Uint8Array.from(pieces.flatMap((part) => [...part]));
      const output = compile(own);
      const isMatch = output.kind === "regex" && accepts(output.regex.automaton, bytes);
      expect(isMatch).toBe(isText(bytes, decoder) && new RegExp(`^(?:${js})$`, "su").test(decoder.decode(bytes)));
    }),
    { numRuns: 1_000 },
  );
});

function isText(bytes: Uint8Array, decoder: TextDecoder): boolean {
  try {
    decoder.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

test("an automaton is the smallest one, and its state 0 is dead", () => {
  fc.assert(
    fc.property(pattern, ({ own }) => {
      const output = compile(own);
      if (output.kind === "problem") return;
      const { next, accepting, classes_count, states_count, start } = output.regex.automaton;
      expect(next.slice(0, classes_count).every((state) => state === 0)).toBe(true);
      expect(accepting[0]).toBe(0);
      const rows = Array.from({ length: states_count }, (_, i) =>
        Uint32Array.from(next.slice(i * classes_count, (i + 1) * classes_count)),
      );
      const again = minimize({
        next: rows,
        accepting: [...accepting].map((found) => found === 1),
        start,
        classes_count,
      });
      expect(again.next.length).toBe(states_count);
    }),
  );
});

test("one language has one automaton", () => {
  const automatonIn = (own: string) => {
    const output = compile(own);
    return output.kind === "regex" ? output.regex.automaton : null;
  };
  expect(automatonIn("a(b|c)*")).toEqual(automatonIn("(a|a)(?:[bc]{0,})"));
  expect(automatonIn(".*")).toEqual(automatonIn("[^a]*(a[^a]*)*"));
});

test("`(?i)` folds ASCII letters and nothing else", () => {
  expect(matches("(?i)drop", "DrOp")).toBe(true);
  expect(matches("(?i)k", "\u212A")).toBe(false);
  expect(matches("(?i)ü", "Ü")).toBe(false);
  expect(matches("(?i)[^a]", "A")).toBe(false);
  expect(matches("(?i)[Z-a]", "z")).toBe(true);
  expect(matches("(?i)\\x{41}", "a")).toBe(true);
});

test.each([
  ["^a", "whole text"],
  ["a$", "whole text"],
  ["a\\b", "unknown escape"],
  ["(a)\\1", "unknown escape"],
  ["(?=a)", "has `(?=a"],
  ["(?P<x>a)", "has `(?P<"],
  ["a(?i)b", "has `(?i)`"],
  ["a*?", "after a repetition"],
  ["a++", "after a repetition"],
  ["a**", "repeats a repetition"],
  ["*a", "nothing before"],
  ["a{2", "no repetition"],
  ["a{,2}", "no repetition"],
  ["a{3,2}", "greater"],
  ["a{1001}", "more than 1000"],
  ["}", "opens or closes nothing"],
  ["[]", "empty"],
  ["[a", "never closes"],
  ["[a-\\d]", "no range"],
  ["[z-a]", "no range"],
  ["[a-c-e]", "no range"],
  ["[[:alpha:]]", "named class"],
  ["(a", "never closes"],
  ["a)", "never opens"],
  ["\\x{D800}", "no character"],
  ["\\x41", "no character"],
  ["\\q", "unknown escape"],
  ["\\", "single"],
  ["", "empty"],
  ["[^\\x{0}-\\x{10FFFF}]", "no text at all"],
])("%s is refused", (own, problem) => {
  const output = compile(own);
  expect(output.kind === "problem" ? output.diagnostic.message : "no problem").toContain(problem);
});

/** Patterns made to cost: each is compiled or refused within the budget, and the process lives. */
test.each([
  ["(a|a)*b", true],
  ["(a*)*b", true],
  ["(.*a.{20})", false],
  ["(a|b)*a(a|b){20}", false],
  [".{0,300}", true],
  [".{0,1000}", false],
  ["((((a{1000}){1000}){1000}){1000})", false],
  ["((a?){100}){100}", false],
  ["((a?){30}){30}", true],
  [`${"(".repeat(511)}a${")".repeat(511)}`, true],
  [`(${"x?".repeat(500)})`, true],
  ["(.*.*.*.*.*.*=.*)*", true],
])("%s is within the limits: %s", (own, isCompiled) => {
  const output = compile(own);
  expect(output.kind === "problem" ? output.diagnostic.code : "compiled").toBe(isCompiled ? "compiled" : "HPL6010");
});

test("an automaton of as many states as the limit is built, and of one more is not", () => {
  const build = (own: string) => {
    const output = parseRegex(own);
    const nfa = output.kind === "tree" ? nfaOf(output.tree, limits.regex_parts_max) : null;
    return nfa && automatonOf(nfa, limits.regex_states_max, { steps: limits.regex_steps_max });
  };
  // A dead state, one before each character, and the end.
  const states = (count: number) => `a{1000}a{1000}a{1000}a{1000}a{${count - 4_002}}`;
  expect(build(states(limits.regex_states_max))?.states_count).toBe(limits.regex_states_max);
  expect(build(states(limits.regex_states_max + 1))).toBe(null);
});

test("the budget of a policy ends for all its patterns", () => {
  const cache = { byText: new Map(), budget: { steps: 5_000_000 } };
  const trap = (i: number) => compileRegex(`(a|b)*a(a|b){20}x{${i}}`, span, cache).kind;
  expect([trap(1), trap(2), cache.budget.steps <= 0]).toEqual(["problem", "problem", true]);
  expect(compileRegex("abc+", span, cache)).toMatchObject({ kind: "problem", diagnostic: { code: "HPL6010" } });
});

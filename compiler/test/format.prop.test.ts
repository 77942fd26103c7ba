import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parse } from "../src/1-parse/parse.js";
import { scan } from "../src/1-parse/scan.js";
import { lower } from "../src/4-lower/lower.js";
import { semanticDigest } from "../src/5-emit/emit.js";
import { check } from "../src/check.js";
import { format } from "../src/format/format.js";
import { derive, itemRules } from "./generators/sentences.js";

const root = new URL("../../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), "utf8");
const cases = readdirSync(new URL("spec/conformance/", root), { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".hpl"))
  .map((path) => `spec/conformance/${path}`);
const written = ["examples/quickstart/policy.hpl", "stdlib/sql/sql.hpl"];
const libraries = [{ path: "std/sql/sql.hpl", text: read("stdlib/sql/sql.hpl") }];

const formatted = (text: string): string | null => format({ path: "p.hpl", text }).text;
const imagesOf = (text: string): readonly string[] => scan(text, 0).tokens.map((token) => token.image);
const commentsOf = (text: string): readonly string[] => {
  const stripped = imagesOf(text)
    .filter((image) => /^["']/.test(image))
    .reduce((rest, image) => rest.replace(image, ""), text);
  return (stripped.match(/#.*/g) ?? []).map((comment) => comment.trimEnd());
};

test.each(written)("%s is formatted", (path) => {
  expect(formatted(read(path))).toBe(read(path));
});

/** Adds and removes spaces where there are some, adds blank lines where there are line ends, and comments at line ends. */
const respaced = (text: string): fc.Arbitrary<string> => {
  const pieces = text.split(/( +|\n+)/);
  const space = fc.constantFrom(" ", "  ", "\t", "    ");
  const line = fc.constantFrom("\n", "\n\n", "\n\n\n\n", " # a note\n", "\n  # a note\n", "\r\n");
  return fc
    .tuple(
      ...pieces.map((piece) => (piece.startsWith("\n") ? line : piece.startsWith(" ") ? space : fc.constant(piece))),
    )
    .map((parts) => parts.join(""));
};
/** Literals and comments keep their own spaces, so texts with spaces in them are left out. */
const respaceable = (text: string): string =>
  text.replace(/^\s*(hit|miss|why|fix|#).*\n/gm, "").replace(/\{\s*\}/g, "");

const examples = readdirSync(new URL("compiler/test/examples/", root)).map((name) => `compiler/test/examples/${name}`);
const policies = [...written, ...cases, ...examples].map(read).filter((text) => !text.includes("# file:"));

test("formatting moves white space and nothing else, and a second time nothing at all", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...policies).chain((text) => respaced(respaceable(text))),
      (text) => {
        const once = formatted(text);
        fc.pre(once !== null);
        if (once === null) return;
        expect(imagesOf(once)).toEqual(imagesOf(text));
        expect(commentsOf(once)).toEqual(commentsOf(text.replaceAll("\r\n", "\n")));
        expect(formatted(once)).toBe(once);
      },
    ),
    { numRuns: 500 },
  );
});

/** The tree of a text as data, without the places of its parts. */
const treeOf = (text: string): unknown => {
  const { header, items } = parse({ path: "p.hpl", text }, 0).tree;
  return JSON.parse(JSON.stringify({ header, items }, (_key, value) => (isSpan(value) ? undefined : value)));
};
const isSpan = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "file" in value && "end" in value;

test("a formatted text has the tree of the text, and is what formatting it again gives", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("file", ...itemRules).chain((rule) => derive(rule, 9)),
      (sentence) => {
        const text = /^(?:policy|library)\\b/.test(sentence) ? sentence : `policy p governs sql\n${sentence}`;
        const once = formatted(text);
        fc.pre(once !== null);
        if (once === null) return;
        expect(treeOf(once)).toEqual(treeOf(text));
        expect(formatted(once)).toBe(once);
      },
    ),
    { numRuns: Number(process.env.FUZZ_RUNS ?? 500) },
  );
});

test.each([...written, ...cases])("formatting %s keeps its semantic digest", (path) => {
  const digestOf = (text: string): string | null => {
    const { policy } = check({ sources: [{ path, text }], libraries });
    return policy === null ? null : semanticDigest(lower(policy));
  };
  for (const part of read(path).split(/^# file: .+$/m)) {
    expect(digestOf(formatted(part) ?? "")).toEqual(digestOf(part));
  }
});

test.each([
  ["a set and a body", 'block "b" when x  in { a,b } { why "c" }', 'block "b" when x in {a, b} { why "c" }'],
  ["a call", 'mask "m" pii with partial( first : 1,last:2 )', 'mask "m" pii with partial(first: 1, last: 2)'],
  ["a quantifier", 'block "b" when any t in xs where( not t.a )', 'block "b" when any t in xs where (not t.a)'],
  ["a clause on its own line", 'allow "a"\n        when x', 'allow "a"\n  when x'],
  ["columns", 'group a = "x"\ngroup abc = "y"', 'group a   = "x"\ngroup abc = "y"'],
  ["a set over lines", "let a = x in {\nb,\n      c\n}", "let a = x in {\n  b,\n  c\n}"],
  [
    "lines of a limit",
    'limit "l" { rows 5 then stop time 1s bytes 1 MB }',
    'limit "l" { rows 5 then stop  time 1s  bytes 1 MB }',
  ],
  [
    "a test",
    'test "t" {\ngiven sql "a" as b on c\nexpect allow\n}',
    'test "t" {\n  given  sql "a" as b on c\n  expect allow\n}',
  ],
  [
    "facts",
    'block "b" when x {\nhit git {verb:push , a:{b}} as c on d\nmiss unknown_tool "e" as cc on d\n}',
    'block "b" when x {\n  hit  git { verb: push, a: {b} } as c  on d\n  miss unknown_tool "e"           as cc on d\n}',
  ],
  [
    "windows",
    'window a = daily in "UTC"\nwindow abc = daily in "UTC"',
    'window a   = daily in "UTC"\nwindow abc = daily in "UTC"',
  ],
  [
    "grants",
    "grant a to b lasting 1h\ngrant aa to bb,c lasting 1h",
    "grant a  to b     lasting 1h\ngrant aa to bb, c lasting 1h",
  ],
  ["an attribute", "attribute claim.team :String ?", "attribute claim.team: String?"],
  ["a definition", "define f( a :{ String } )=g( a,{1} )", "define f(a: {String}) = g(a, {1})"],
  [
    "a detector",
    'detector d {\npattern \'a\'\ncheck luhn\ncontext { "b" }\nwhy "c"\n}',
    'detector d {\n  pattern \'a\'\n  check   luhn\n  context {"b"}\n  why     "c"\n}',
  ],
  [
    "a body on a line of its own",
    'block "b" when x\n{\nwhy "c"\non unknown require approval from d\nwithin 1h\n}',
    'block "b" when x\n  {\n  why "c"\n  on unknown require approval from d\n    within 1h\n}',
  ],
  [
    "an exception",
    'exception "E" to "b" when x\nuntil 2026-12-01T00:00Z reason "c" approved by "d"',
    'exception "E" to "b" when x\n  until 2026-12-01T00:00Z reason "c" approved by "d"',
  ],
  [
    "a comment in a body",
    'block "b" when x {\n# why\nwhy "c"\n# end\n}',
    'block "b" when x {\n  # why\n  why "c"\n  # end\n}',
  ],
])("%s", (_what, before, after) => {
  const header = "policy p governs sql\n";
  expect(formatted(`${header}${before}\n`)).toBe(`${header}${after}\n`);
});

test("a file with a syntax error is not touched", () => {
  expect(format({ path: "p.hpl", text: 'policy p governs sql\nblock "b" when\n' })).toMatchObject({
    text: null,
    diagnostics: [{}],
  });
});

import { expect, test } from "vitest";
import { NESTING_MAX, readLiteralCalls } from "./literal-calls.js";

const argumentsOf = (text: string) => {
  const read = readLiteralCalls(text);
  return read.ok ? read.calls.map(({ name, line, arguments: given }) => [name, line, Object.fromEntries(given)]) : read;
};

test.each([
  ["", []],
  ["# nothing\n", []],
  ['f(a = "x")', [["f", 1, { a: "x" }]]],
  [
    "f()\n\ng(\n  a = ['x', [\"y\",],],\n)",
    [
      ["f", 1, {}],
      ["g", 3, { a: ["x", ["y"]] }],
    ],
  ],
  [`f(a="""x "y"\nz""", b='it\\'s', c="\\\\ \\n")`, [["f", 1, { a: 'x "y"\nz', b: "it's", c: "\\ \n" }]]],
  ['f(a="#no comment") # one', [["f", 1, { a: "#no comment" }]]],
])("%j", (text, calls) => {
  expect(argumentsOf(text)).toEqual(calls);
});

test.each([
  ['f(a="x" + "y")', 1, "literal"],
  ["\nx = 1", 2, "`(`"],
  ["f(1)", 1, "literal"],
  ['f("x")', 1, "named argument"],
  ['f(a="x", a="y")', 1, "twice"],
  ['f(a="x"', 1, "`,`"],
  ['f(a=["x"', 1, "`,`"],
  ['f(a="x', 1, "literal"],
  ["f(a='x\ny')", 1, "literal"],
  ["f(a=True)", 1, "a text or a list"],
  ['f(a="\\x41")', 1, "escape"],
  ['load("x", "y")', 1, "named argument"],
  ["for x in y: f()", 1, "`(`"],
  ['f(a="x"))', 1, "a call was expected"],
])("%j is refused", (text, line, reason) => {
  const read = readLiteralCalls(text);
  expect(read).toMatchObject({ ok: false, line });
  expect(read).toHaveProperty("reason", expect.stringContaining(reason));
});

test("lists in lists have a limit", () => {
  const nested = (depth: number) => readLiteralCalls(`f(a=${"[".repeat(depth)}${"]".repeat(depth)})`).ok;
  expect([nested(NESTING_MAX), nested(NESTING_MAX + 1)]).toEqual([true, false]);
});

test("what is long is read in time that grows with its length", () => {
  for (const part of ['"', "'''", "\\", "[", 'f(a="x")\n', "#", "f("])
    expect(typeof readLiteralCalls(part.repeat(50_000)).ok).toBe("boolean");
});

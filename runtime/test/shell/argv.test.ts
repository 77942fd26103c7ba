import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { expandWord } from "../../src/shell/expand.js";
import { parseShell, type Word as SyntaxWord } from "../../src/shell/parser.js";
import { fork, type State } from "../../src/shell/state.js";
import { hole, literal, mayMatch, partsOf, textsOf, type Word } from "../../src/shell/value.js";

// What bash makes of a word is what we say it makes of it, or what our holes can be filled to. One bash reads all words.

const pieces = [
  ..."ab1-_=~,.:/%@^#!+{}*?[]\\'\"$ \t",
  "\\\n",
  "\r",
  "\v",
  "\f",
  "\u00a0",
  "é",
  "{a,b}",
  "{1..3}",
  "{c..a}",
  "{01..3}",
  "{,x}",
  "$'",
  '$"',
  "\\x41",
  "\\n",
  "\\'",
  '\\"',
  "\u0024{x}",
  "\u0024{x:-y}",
  "$x",
  "''",
  '""',
  "x=",
  "~/",
];
const word = fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 9 }).map((parts) => parts.join(""));

/** Arguments of each word, or null where bash refuses it. In an empty folder, with nothing in the environment. */
function argumentsInBash(words: readonly string[]): readonly (readonly string[] | null)[] {
  const folder = mkdtempSync(join(tmpdir(), "argv-"));
  const script = String.raw`f() { for a in "$@"; do printf '%s\0' "$a"; done; }
    while IFS= read -r -d '' w; do if eval "f $w" 2>/dev/null; then printf '\001\0'; else printf '\002\0'; fi; done`;
  const { stdout } = spawnSync("bash", ["--norc", "-c", script], {
    input: words.map((each) => `${each}\0`).join(""),
    cwd: folder,
    env: { HOME: "/home/dev", LC_ALL: "C.UTF-8", PATH: process.env.PATH ?? "" },
    maxBuffer: 1 << 28,
  });
  rmSync(folder, { recursive: true });
  const found: (readonly string[] | null)[] = [];
  let args: string[] = [];
  for (const each of stdout.toString("utf8").split("\0").slice(0, -1)) {
    if (each !== "\u0001" && each !== "\u0002") args.push(each);
    else {
      found.push(each === "\u0001" ? args : null);
      args = [];
    }
  }
  return found;
}

const state: State = {
  cwd: hole("cwd"),
  variables: new Map([["HOME", { value: literal("/home/dev"), is_exported: true }]]),
  functions: new Map(),
  aliases: new Map(),
  positional: null,
  place: "local",
  wrappers: [],
  privileged: false,
  env: [],
  loaders: [],
  depth: 0,
};

function ourWords(text: string): readonly Word[] | null {
  const script = parseShell(`f ${text}`);
  const [statement, ...more] = script?.commands ?? [];
  if (script === null || more.length > 0 || statement?.command.type !== "Command") return null;
  const { args, redirects } = statement.command;
  if (redirects.length > 0) return null;
  const own = fork(state);
  return args.flatMap((each) => expandWord(each as SyntaxWord, { state: own, outputOf: () => hole("substitution") }));
}

const canBe = ({ value }: Word, text: string): boolean =>
  textsOf(value)?.includes(text) ?? mayMatch(partsOf(value), text);

test("6,000 hostile words become the arguments that bash makes of them", () => {
  const words = [...new Set(fc.sample(word, { numRuns: 8_000, seed: 7 }))].slice(0, 6_000);
  expect(words.length).toBeGreaterThan(5_000);
  const real = argumentsInBash(words);
  expect(real.length).toBe(words.length);
  const wrong: unknown[] = [];
  let certain_count = 0;
  words.forEach((text, i) => {
    const bash = real[i] ?? null;
    const ours = ourWords(text);
    if (bash === null || ours === null) return;
    if (ours.some(({ count }) => count === "any")) return;
    if (ours.every(({ value }) => value.kind === "literal")) certain_count++;
    // A glob is one or more words that match it: what lies in the root folder is found by `/*`.
    const isGlob =
      ours.some(({ count }) => count === "glob") && bash.every((each) => ours.some((own) => canBe(own, each)));
    const isEqual = isGlob || (ours.length === bash.length && ours.every((each, at) => canBe(each, bash[at] ?? "")));
    if (!isEqual) wrong.push({ text, bash, ours: ours.map(({ value }) => partsOf(value)) });
  });
  expect(wrong.slice(0, 10)).toEqual([]);
  expect(certain_count).toBeGreaterThan(2_000);
});

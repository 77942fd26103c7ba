/**
 * Question: how fast are twenty detectors beside twenty regular expressions of JavaScript, and do they miss anything?
 *
 * Both look for the same patterns in the same bytes. The answer that is checked is coverage: every byte that an expression
 * covers, a detector covers. The expressions get the text as a string of one character a byte, which is the best case for them.
 */
import { coverOf, type Detectors, openDetectors, type Span } from "@hpl/runtime";
import { type Bench, type Findings, type GoalCheck, type RunSize, type Table, WrongAnswer } from "./bench.js";
import { patterns } from "./detect/patterns.js";
import { adversarialText, denseRows, proseText } from "./detect/texts.js";
import { mustCompile } from "./must-compile.js";

const speedup_goal = 10;

/** Best of a few runs, in megabytes a second. */
function megabytesPerSecond(bytes_count: number, runs_count: number, run: () => void): number {
  let best_ms = Number.POSITIVE_INFINITY;
  for (let i = 0; i < runs_count; i++) {
    const start = performance.now();
    run();
    best_ms = Math.min(best_ms, performance.now() - start);
  }
  return bytes_count / 1_000 / best_ms;
}

function openAll(): Detectors {
  const items = Object.entries(patterns).map(
    ([name, { pattern, startsWord }]) =>
      `detector ${name} { pattern '${pattern}' ${startsWord ? "check starts_word" : ""} }`,
  );
  const set = `let every = {${Object.keys(patterns).join(", ")}}`;
  const opened = openDetectors(
    mustCompile(`policy p governs text\n${items.join("\n")}\n${set}\nmask "m" values every with redact\n`),
  );
  if (!opened.ok) throw new WrongAnswer(opened.failure.message);
  return opened.detectors;
}

const expressions = Object.values(patterns).map(
  ({ pattern, startsWord }) => new RegExp(startsWord ? `\\b${pattern}` : pattern, "g"),
);

function matchAll(text: string): readonly Span[] {
  const spans: Span[] = [];
  for (const expression of expressions) {
    expression.lastIndex = 0;
    for (let match = expression.exec(text); match !== null; match = expression.exec(text))
      spans.push({ start: match.index, end: match.index + match[0].length });
  }
  return spans;
}

/** Bytes of `wanted` that `cover`, in order and apart, leaves out. */
function missed(wanted: readonly Span[], cover: readonly Span[]): number {
  const covered = new Set<number>();
  for (const { start, end } of cover) for (let at = start; at < end; at++) covered.add(at);
  let count = 0;
  for (const { start, end } of wanted) for (let at = start; at < end; at++) if (!covered.has(at)) count++;
  return count;
}

async function run(size: RunSize): Promise<Findings> {
  const [bytes_count, runs_count] = size === "full" ? [4_000_000, 7] : [20_000, 1];
  const detectors = openAll();
  const rows: Table["rows"][number][] = [];
  const goals: GoalCheck[] = [];
  for (const [name, make] of Object.entries({ prose: proseText, rows: denseRows, adversarial: adversarialText })) {
    const text = make(bytes_count);
    const bytes = Buffer.from(text, "latin1");
    const expected = matchAll(text);
    const cover = coverOf(detectors.detect(bytes));
    const missed_count = missed(coverOf(expected), cover);
    if (missed_count > 0)
      throw new WrongAnswer(`${name}: ${missed_count} bytes that an expression covers are not covered`);
    const ours = megabytesPerSecond(bytes.length, runs_count, () => detectors.detect(bytes));
    const theirs = megabytesPerSecond(bytes.length, Math.min(3, runs_count), () => matchAll(text));
    rows.push([name, expected.length, ours, theirs, ours / theirs]);
    const found = `${(ours / theirs).toFixed(1)} x`;
    goals.push({
      what: name,
      goal: `${speedup_goal} x`,
      found,
      is_met: size === "full" ? ours / theirs >= speedup_goal : null,
    });
  }
  return {
    tables: [
      { title: "Twenty patterns", columns: ["text", "matches", "detectors, MB/s", "RegExp, MB/s", "ratio"], rows },
    ],
    goals,
    notes: [
      "Detectors report every match of every pattern with its place; the expressions stop at those that overlap.",
    ],
  };
}

export const detectBench: Bench = {
  name: "detect",
  question: "How fast are twenty detectors beside twenty regular expressions of JavaScript, and do they miss anything?",
  goal: `${speedup_goal} times as fast, covering every byte they cover`,
  worst_case: "text that is nothing but matches that run into each other",
  run,
};

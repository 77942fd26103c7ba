/** Facts to decision, beside other engines deciding by the same rules on the same questions. */
import type { Bench, Entry, Findings, GoalCheck, RunSize, Table } from "./bench.js";
import { expectSame } from "./bench.js";
import { startsTable } from "./engine-starts.js";
import type { Engine } from "./grants/engine.js";
import { engines, enginesFor, OPA_WASM_VARIABLE, SEEN } from "./grants/engines.js";
import { type Grants, isAllowed } from "./grants/grants.js";
import { makeGrants } from "./grants/rule-sets.js";
import { inTurn, type Timing, timeInTurns } from "./meter.js";
import type { Plot } from "./plot.js";
import { ratio, shown } from "./report.js";

/** Fewer questions where the slowest engine takes tens of milliseconds for each. */
const sizes = {
  full: [
    { rules_count: 10, questions_count: 300 },
    { rules_count: 100, questions_count: 300 },
    { rules_count: 1_000, questions_count: 300 },
    { rules_count: 10_000, questions_count: 60 },
  ],
  tiny: [
    { rules_count: 10, questions_count: 100 },
    { rules_count: 30, questions_count: 100 },
  ],
} as const;

export const factsToDecision: Bench = {
  name: "facts-to-decision",
  question: "What does one decision cost on ready facts, as rules are added, beside other engines?",
  goal: "50 ns from JavaScript, and no more than twice that for a thousand times the rules.",
  worst_case: "A question nobody may ask: no engine can stop at a rule that allows or forbids.",
  run,
};

/** Times of one size, by engine. */
interface SizeTimes {
  readonly rules_count: number;
  readonly denied: Readonly<Record<string, Timing>>;
  readonly mixed: Readonly<Record<string, Timing>>;
}

async function run(size: RunSize): Promise<Findings> {
  const plain = await timesOf("plain", size);
  const realistic = await timesOf("realistic", size);
  const starts = await startsTable(
    size,
    sizes[size].map(({ rules_count }) => rules_count),
  );
  return {
    tables: [
      tableOf("Plain rules, one question that is denied (the worst case)", plain, ({ denied }) => denied),
      tableOf("Plain rules, all questions in turn, another session nearly each time", plain, ({ mixed }) => mixed),
      tableOf("Realistic rules, one question that is denied (the worst case)", realistic, ({ denied }) => denied),
      tableOf("Realistic rules, all questions in turn", realistic, ({ mixed }) => mixed),
      starts,
    ],
    goals: [...goalsOf("plain", plain), ...goalsOf("realistic", realistic)],
    notes: notesOf(),
    plots: [plotOf("plain", plain), plotOf("realistic", realistic)],
  };
}

async function timesOf(sort: Grants["sort"], size: RunSize): Promise<readonly SizeTimes[]> {
  const times: SizeTimes[] = [];
  for (const { rules_count, questions_count } of sizes[size])
    times.push(await runSize(size, makeGrants(sort, rules_count, questions_count)));
  return times;
}

async function runSize(size: RunSize, grants: Grants): Promise<SizeTimes> {
  const opened = new Map<string, Engine>();
  for (const { name, load } of enginesFor(grants)) {
    const file = await load();
    opened.set(name, await file.openEngine(await file.makeArtefact(grants), grants));
  }
  for (const [name, engine] of opened) checkAnswers(name, engine, grants);
  const callsBy = (call: (engine: Engine) => () => unknown) =>
    Object.fromEntries([...opened].map(([name, engine]) => [name, call(engine)]));
  const inTurnBy = (engine: Engine): (() => unknown) =>
    inTurn(
      grants.questions.map((question) => engine.prepare(question)),
      (answer) => answer(),
    );
  return {
    rules_count: grants.rules.length,
    denied: await timeInTurns(
      size,
      callsBy((engine) => engine.prepare(grants.denied)),
    ),
    mixed: await timeInTurns(size, callsBy(inTurnBy)),
  };
}

/** Nothing is timed before every engine has given the right answer to every question, some of them yes and some no. */
function checkAnswers(name: string, engine: Engine, grants: Grants): void {
  const questions = [...grants.questions, grants.denied];
  const expected = questions.map((question) => isAllowed(grants, question));
  expectSame("questions of both sorts", new Set(expected).size, 2);
  expectSame("the question of the worst case", expected.at(-1), false);
  const found = questions.map((question) => engine.prepare(question)());
  expectSame(`${name}, ${grants.rules.length} ${grants.sort} rules`, found, expected);
}

function notesOf(): readonly string[] {
  const notes = engines.flatMap(({ name, rules_max }) =>
    Number.isFinite(rules_max)
      ? [
          `${name}: not measured above ${shown(rules_max)} rules, nor on realistic ones: it parses all policies each time.`,
        ]
      : [],
  );
  const hasOpa = engines.some(({ name, sorts }) => name === "opa" && sorts.length > 0);
  const opa = hasOpa
    ? "opa: measured on plain rules alone, with the compiled policy that was named."
    : `opa: not measured: there is no Rego compiler on npm, see README (${OPA_WASM_VARIABLE}).`;
  return [...notes, `${opa} Realistic rules: not measured, for the same want of a compiler.`];
}

function tableOf(
  title: string,
  times: readonly SizeTimes[],
  timingsOf: (of: SizeTimes) => Readonly<Record<string, Timing>>,
): Table {
  const rows = times.flatMap((each) => {
    const base = timingsOf(each).hpl?.p50_ns ?? Number.NaN;
    return Object.entries(timingsOf(each)).map(([engine, { p50_ns, p99_ns }]): readonly Entry[] => [
      each.rules_count,
      engine,
      p50_ns / 1_000,
      p99_ns / 1_000,
      ratio(p50_ns, base),
    ]);
  });
  return { title, columns: ["rules", "engine", "p50 µs", "p99 µs", "to hpl"], rows };
}

function plotOf(sort: Grants["sort"], times: readonly SizeTimes[]): Plot {
  const names = [...new Set(times.flatMap(({ denied }) => Object.keys(denied)))];
  return {
    name: sort,
    title: `One decision that is denied, ${sort} rules`,
    x_label: "rules",
    y_label: "µs, p50",
    series: names.map((name) => ({
      name,
      points: times.flatMap(({ rules_count, denied }) => {
        const timing = denied[name];
        return timing === undefined ? [] : [{ x: rules_count, y: timing.p50_ns / 1_000 }];
      }),
    })),
  };
}

function goalsOf(sort: Grants["sort"], times: readonly SizeTimes[]): readonly GoalCheck[] {
  const [least, most] = [times[0], times.at(-1)];
  const least_ns = least?.denied.hpl?.p50_ns ?? Number.NaN;
  const most_ns = most?.denied.hpl?.p50_ns ?? Number.NaN;
  const seen_ns = Math.max(...times.map(({ denied }) => denied[SEEN]?.p50_ns ?? Number.NaN));
  return [
    {
      what: `decide on facts seen before, up to ${shown(most?.rules_count ?? 0)} ${sort} rules`,
      goal: "50 ns",
      found: `${shown(seen_ns)} ns`,
      is_met: seen_ns <= 50,
    },
    {
      what: `decide on new facts, ${shown(least?.rules_count ?? 0)} ${sort} rules`,
      goal: "50 ns",
      found: `${shown(least_ns)} ns`,
      is_met: least_ns <= 50,
    },
    {
      what: `${shown(most?.rules_count ?? 0)} ${sort} rules to ${shown(least?.rules_count ?? 0)}`,
      goal: "2 x",
      found: ratio(most_ns, least_ns),
      is_met: most_ns <= 2 * least_ns,
    },
  ];
}

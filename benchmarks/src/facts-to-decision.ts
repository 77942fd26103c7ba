/** Facts to decision, beside Cedar and OPA deciding the same policy on the same questions. */
import type { Bench, Entry, Findings, GoalCheck, RunSize } from "./bench.js";
import { expectSame } from "./bench.js";
import { cedarPlainEngine, cedarPreparsedEngine } from "./grants/cedar.js";
import {
  deniedQuestion,
  type Grants,
  type GrantsEngine,
  isAllowed,
  makeGrants,
  makeQuestions,
} from "./grants/grants.js";
import { hplEngine } from "./grants/hpl.js";
import { OPA_WASM_VARIABLE, opaEngine } from "./grants/opa.js";
import { inTurn, type Timing, timeInTurns } from "./meter.js";
import { ratio, shown } from "./report.js";

const sizes = {
  full: { rules: [10, 100, 1_000], questions_count: 300 },
  tiny: { rules: [10, 30], questions_count: 25 },
} as const;

export const factsToDecision: Bench = {
  name: "facts-to-decision",
  question: "What does one decision cost on ready facts, as rules are added, beside Cedar and OPA?",
  goal: "50 ns from JavaScript, and no more than twice that for a thousand times the rules.",
  worst_case: "A question nobody may ask: no engine can stop at a rule that allows.",
  run,
};

/** Times of one size, by engine. */
interface SizeTimes {
  readonly rules_count: number;
  readonly denied: Readonly<Record<string, Timing>>;
  readonly mixed: Readonly<Record<string, Timing>>;
}

async function run(size: RunSize): Promise<Findings> {
  const times: SizeTimes[] = [];
  for (const rules_count of sizes[size].rules) times.push(await runSize(size, rules_count));
  const isOpaThere = times.some(({ denied }) => "opa" in denied);
  return {
    tables: [
      tableOf("One question that is denied (the worst case)", times, ({ denied }) => denied),
      tableOf("All questions in turn, another session nearly each time", times, ({ mixed }) => mixed),
    ],
    goals: goalsOf(times),
    notes: isOpaThere ? [] : [`OPA: not measured: needs a Rego compiler, see README (${OPA_WASM_VARIABLE}).`],
  };
}

async function runSize(size: RunSize, rules_count: number): Promise<SizeTimes> {
  const grants = makeGrants(rules_count);
  const opa = await opaEngine(grants);
  const others = opa === null ? [] : [opa];
  const engines = [hplEngine(grants), cedarPreparsedEngine(grants), cedarPlainEngine(grants), ...others];
  const questions = makeQuestions(grants, sizes[size].questions_count);
  const denied = deniedQuestion(grants);
  for (const engine of engines) checkAnswers(engine, grants, [...questions, denied]);
  const callsBy = (call: (engine: GrantsEngine) => () => unknown) =>
    Object.fromEntries(engines.map((engine) => [engine.name, call(engine)]));
  return {
    rules_count,
    denied: await timeInTurns(
      size,
      callsBy((engine) => engine.prepare(denied)),
    ),
    mixed: await timeInTurns(
      size,
      callsBy((engine) =>
        inTurn(
          questions.map((question) => engine.prepare(question)),
          (answer) => answer(),
        ),
      ),
    ),
  };
}

/** Nothing is timed before every engine has given the right answer to every question, some of them yes and some no. */
function checkAnswers(engine: GrantsEngine, grants: Grants, questions: ReturnType<typeof makeQuestions>): void {
  const expected = questions.map((question) => isAllowed(grants, question));
  expectSame("questions of both sorts", new Set(expected).size, 2);
  const found = questions.map((question) => engine.prepare(question)());
  expectSame(`${engine.name}, ${grants.rules.length} rules`, found, expected);
}

function tableOf(
  title: string,
  times: readonly SizeTimes[],
  timesOf: (of: SizeTimes) => Readonly<Record<string, Timing>>,
): Findings["tables"][number] {
  const rows = times.flatMap((each) => {
    const base = timesOf(each).hpl?.p50_ns ?? Number.NaN;
    return Object.entries(timesOf(each)).map(([engine, { p50_ns, p99_ns }]): readonly Entry[] => [
      each.rules_count,
      engine,
      p50_ns / 1_000,
      p99_ns / 1_000,
      ratio(p50_ns, base),
    ]);
  });
  return { title, columns: ["rules", "engine", "p50 µs", "p99 µs", "to hpl"], rows };
}

function goalsOf(times: readonly SizeTimes[]): readonly GoalCheck[] {
  const [least, most] = [times[0], times.at(-1)];
  const least_ns = least?.denied.hpl?.p50_ns ?? Number.NaN;
  const most_ns = most?.denied.hpl?.p50_ns ?? Number.NaN;
  return [
    {
      what: `decide, ${least?.rules_count} rules`,
      goal: "50 ns",
      found: `${shown(least_ns)} ns`,
      is_met: least_ns <= 50,
    },
    {
      what: `${most?.rules_count} rules to ${least?.rules_count}`,
      goal: "2 x",
      found: ratio(most_ns, least_ns),
      is_met: most_ns <= 2 * least_ns,
    },
  ];
}

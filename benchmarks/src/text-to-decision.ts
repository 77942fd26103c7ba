/** PostgreSQL text to decision, beside libpg-query's own parse of the same texts. */
import {
  actionsOf,
  type FrontEnds,
  type Judgement,
  judge,
  loadPolicy,
  type Policy,
  type PolicySession,
  rememberFacts,
} from "@hpl/runtime";
import { loadPostgres, postgresFrontEnd } from "@hpl/runtime/sql";
import { loadModule, parseSync } from "libpg-query";
import { type Bench, expectSame, type Findings, type GoalCheck, type RunSize } from "./bench.js";
import { inTurn, type Timing, timeInTurns } from "./meter.js";
import { mustCompile } from "./must-compile.js";
import { ratio, shown } from "./report.js";
import { shopCatalog, shopContext, shopPolicyText } from "./texts/shop.js";
import { type Shape, shapes } from "./texts/statements.js";

const variants_count = { full: 64, tiny: 3 } as const;

export const textToDecision: Bench = {
  name: "text-to-decision",
  question: "What does it cost to decide on a PostgreSQL text, new or seen before, beside parsing it?",
  goal: "New: 1.5 times libpg-query's own parse. Seen: 1 µs.",
  worst_case: "A long text with many output columns, each with lineage and some with a mask.",
  run,
};

/** What is timed of each shape: the peer, then the whole way from a text in three states of knowledge. */
type Way = "parse" | "fresh" | "seen" | "seen_bytes";
type ShapeTimes = Readonly<Record<Way, Timing>>;

async function run(size: RunSize): Promise<Findings> {
  await Promise.all([loadPostgres(), loadModule()]);
  const loaded = loadPolicy(mustCompile(shopPolicyText));
  if (!loaded.ok) throw new Error(loaded.failure.message);
  const times = new Map<Shape, ShapeTimes>();
  for (const shape of shapes) times.set(shape, await runShape(size, loaded.policy, shape));
  return { tables: [tableOf(times)], goals: goalsOf(times), notes };
}

async function runShape(size: RunSize, policy: Policy, shape: Shape): Promise<ShapeTimes> {
  const texts = Array.from({ length: variants_count[size] }, (_, i) => shape.text(i));
  const asBytes = texts.map((text) => Buffer.from(text));
  const [fresh, remembering] = [{ postgres: postgresFrontEnd }, { postgres: rememberFacts(postgresFrontEnd) }];
  const session = policy.session(shopContext.principal, shopContext.connection);
  const again = (text: string): Judgement => askAgain(session, remembering, text);
  for (const text of texts) {
    checkAnswers(shape, text, ask(policy, fresh, text), again(text));
    expectSame(`${shape.name}, remembered`, again(text), again(text));
  }
  return timeInTurns(size, {
    parse: inTurn(texts, parseSync),
    fresh: inTurn(texts, (text) => ask(policy, fresh, text)),
    seen: inTurn(texts, again),
    seen_bytes: inTurn(asBytes, (bytes) => again(bytes.toString())),
  });
}

const subjectOf = (text: string) =>
  ({ kind: "sql", sql: { dialect: "postgres", text, catalog: shopCatalog, server_version: null } }) as const;

const ask = (policy: Policy, frontEnds: FrontEnds, text: string): Judgement =>
  judge(policy, frontEnds, { id: null, context: shopContext, subject: subjectOf(text) });

/** As a gateway asks: through a session, which remembers. */
function askAgain(session: PolicySession, frontEnds: FrontEnds, text: string): Judgement {
  const { actions } = actionsOf({ subject: subjectOf(text) }, frontEnds);
  return { actions, decision: session.decide(actions, shopContext) };
}

/** The decision is the one the shape names, the memory changes nothing, and the peer parses one statement. */
function checkAnswers(shape: Shape, text: string, fresh: Judgement, seen: Judgement): void {
  const { verdict, complete, obligations, reasons } = fresh.decision;
  const masked = obligations.flatMap((each) => (each.type === "mask" ? [each.index] : []));
  expectSame(
    shape.name,
    { verdict, complete, masked, reasons },
    { verdict: shape.verdict, complete: true, masked: shape.masked, reasons: [] },
  );
  expectSame(`${shape.name}, seen before`, seen, fresh);
  expectSame(`${shape.name}, parsed`, parseSync(text).stmts?.length, 1);
}

const notes = [
  "parse: `parseSync` of npm libpg-query, tree as JSON included. new: no cache at all. seen: the same JavaScript string again, in a session of the policy. " +
    "seen, from bytes: the text decoded from the wire's bytes each time, so that looking it up hashes all of it.",
];

function tableOf(times: ReadonlyMap<Shape, ShapeTimes>): Findings["tables"][number] {
  const rows = [...times].map(([shape, { parse, fresh, seen, seen_bytes }]) => [
    shape.name,
    shape.text(0).length,
    parse.p50_ns / 1_000,
    fresh.p50_ns / 1_000,
    fresh.p99_ns / 1_000,
    ratio(fresh.p50_ns, parse.p50_ns),
    seen.p50_ns / 1_000,
    seen_bytes.p50_ns / 1_000,
    ratio(seen_bytes.p50_ns, parse.p50_ns),
  ]);
  const columns = ["text", "characters", "parse µs", "new µs", "new p99 µs", "new to parse"];
  return {
    title: "From text to decision, p50 unless said",
    columns: [...columns, "seen µs", "seen, from bytes µs", "seen, from bytes, to parse"],
    rows,
  };
}

function goalsOf(times: ReadonlyMap<Shape, ShapeTimes>): readonly GoalCheck[] {
  return [...times].flatMap(([{ name }, { parse, fresh, seen_bytes }]) => [
    {
      what: `new statement, ${name}`,
      goal: "1.5 x parse",
      found: ratio(fresh.p50_ns, parse.p50_ns),
      is_met: fresh.p50_ns <= 1.5 * parse.p50_ns,
    },
    {
      what: `seen statement, ${name}`,
      goal: "1 µs",
      found: `${shown(seen_bytes.p50_ns / 1_000)} µs`,
      is_met: seen_bytes.p50_ns <= 1_000,
    },
  ]);
}

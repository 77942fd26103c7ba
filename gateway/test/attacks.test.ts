/**
 * Attacks as data against the real gateway in front of real servers: nothing hidden may come through, by any channel, and two
 * databases that differ only in what is hidden must look the same, byte for byte. What is let through is counted, so that a
 * gateway that refuses everything, or a little more than yesterday, does not pass either.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import catalogue from "../../runtime/test/sql/lineage-attacks.json" with { type: "json" };
import { accomplices, planted } from "./attacks/accomplices.cases.js";
import { type Arena, openArena, type Regime } from "./attacks/arena.js";
import { assorted } from "./attacks/assorted.cases.js";
import { everyday } from "./attacks/benign.cases.js";
import { channels, disguises } from "./attacks/catalogue.cases.js";
import { type Outcome, runAttack } from "./attacks/judge.js";
import { oracles } from "./attacks/oracles.cases.js";
import { openRaw } from "./attacks/raw-client.js";
import { shapes } from "./attacks/shapes.cases.js";
import { type Attack, attack } from "./attacks/steps.js";
import { machines } from "./attacks/wire.cases.js";

let arena: Arena;
beforeAll(async () => {
  arena = await openArena();
});
afterAll(() => arena.close());

const known = catalogue.map(({ id, messages }) => attack(id, ...messages));

async function runAll(regime: Regime, attacks: readonly Attack[]): Promise<readonly (Outcome & { name: string })[]> {
  const outcomes: (Outcome & { name: string })[] = [];
  for (const each of attacks) outcomes.push({ name: each.name, ...(await runAttack(arena, regime, each)) });
  return outcomes;
}

const faultsOf = (outcomes: readonly (Outcome & { name: string })[]): readonly string[] =>
  outcomes.flatMap(({ name, faults }) => faults.map((fault) => `${name}: ${fault}`));

const wholly = (outcomes: readonly Outcome[]) => ({
  through: outcomes.filter(({ isLetThrough, isRefused }) => isLetThrough && !isRefused).length,
  partly: outcomes.filter(({ isLetThrough, isRefused }) => isLetThrough && isRefused).length,
  refused: outcomes.filter(({ isLetThrough }) => !isLetThrough).length,
});

/** What is let through changes nothing and shows nothing; what is counted as partly, may do so with its own tables alone. */
const groups: readonly (readonly [Regime, string, readonly Attack[], ReturnType<typeof wholly>])[] = [
  ["quickstart", "catalogue", known, { through: 59, partly: 7, refused: 82 }],
  ["quickstart", "channels", channels, { through: 5, partly: 5, refused: 48 }],
  ["quickstart", "disguises", disguises, { through: 10, partly: 2, refused: 16 }],
  ["quickstart", "shapes", shapes, { through: 29, partly: 7, refused: 38 }],
  ["quickstart", "oracles", oracles, { through: 12, partly: 9, refused: 56 }],
  ["quickstart", "accomplices", accomplices, { through: 0, partly: 7, refused: 46 }],
  ["quickstart", "machines", machines, { through: 27, partly: 17, refused: 30 }],
  ["quickstart", "assorted", assorted, { through: 31, partly: 0, refused: 71 }],
  ["open", "catalogue", known, { through: 63, partly: 11, refused: 74 }],
  ["open", "channels", channels, { through: 7, partly: 15, refused: 36 }],
  ["open", "disguises", disguises, { through: 14, partly: 3, refused: 11 }],
  ["open", "shapes", shapes, { through: 34, partly: 12, refused: 28 }],
  ["open", "oracles", oracles, { through: 14, partly: 15, refused: 48 }],
  ["open", "accomplices", accomplices, { through: 3, partly: 37, refused: 13 }],
  ["open", "planted", planted, { through: 0, partly: 25, refused: 6 }],
  ["open", "assorted", assorted, { through: 36, partly: 0, refused: 66 }],
  ["open", "machines", machines, { through: 42, partly: 9, refused: 23 }],
];

test.each(groups)("%s policy: %s", { timeout: 300_000 }, async (regime, _group, attacks, counts) => {
  const outcomes = await runAll(regime, attacks);
  expect(faultsOf(outcomes)).toEqual([]);
  expect(wholly(outcomes)).toEqual(counts);
});

describe("what a client asks for at its start", () => {
  test.each([
    ["search_path", "x"],
    ["SEARCH_PATH", "x"],
    ["role", "postgres"],
    ["session_authorization", "postgres"],
    ["replication", "database"],
    ["replication", "1"],
    ["client_min_messages", "debug5"],
    ["session_replication_role", "replica"],
    ["options", "-c search_path=x"],
    ["options", "-csearch_path=x"],
    ["options", "--search-path=x"],
    ["options", "-c\\ search_path=x"],
    ["options", "-c statement_timeout=1 -c search_path=x"],
    ["options", "-c application_name=a\\ -c -c role=x"],
    ["options", "-d 5"],
    ["options", "-c"],
  ])("%s = %s is refused", async (name, value) => {
    const target = arena.sides[0].agent("open");
    await expect(openRaw(target, new Map([[name, value]]))).rejects.toThrow("42501");
  });
});

describe("what is sent every day runs, but for what a policy says", () => {
  test.each<[Regime, readonly string[]]>([
    [
      "quickstart",
      // Approvals, locks and limits are the policy's own words; for the others see below.
      [
        "EXPLAIN (COSTS OFF) SELECT * FROM orders WHERE id = 5",
        "insert",
        "upsert",
        "update a customer",
        "new customer",
        "reset pool",
        "timeouts",
        "for update",
        "advisory",
      ],
    ],
    // A plan shows widths, a unique column answers whether a value is there, and DISCARD ALL changes who one is.
    ["open", ["EXPLAIN (COSTS OFF) SELECT * FROM orders WHERE id = 5", "new customer", "reset pool"]],
  ])("%s policy", { timeout: 300_000 }, async (regime, refused) => {
    const outcomes = await runAll(regime, everyday);
    expect(faultsOf(outcomes)).toEqual([]);
    expect(outcomes.filter(({ isRefused }) => isRefused).map(({ name }) => name)).toEqual(refused);
  });
});

import { expect, test } from "vitest";
import { factsToDecision } from "./facts-to-decision.js";
import { type Grants, isAllowed } from "./grants/grants.js";
import { makeGrants } from "./grants/rule-sets.js";

test("every engine that is here decides as the definition says", async () => {
  const { tables, plots } = await factsToDecision.run("tiny");
  const enginesIn = (i: number) => [...new Set(tables[i]?.rows.map(([, engine]) => engine))];
  const peers = ["hpl", "hpl, facts seen", "closures", "json-logic", "casbin", "cedar, preparsed"];
  expect(enginesIn(0)).toEqual(expect.arrayContaining([...peers, "cedar, plain"]));
  expect(enginesIn(2)).toEqual(peers);
  expect(tables.map(({ rows }, i) => rows.length === 2 * enginesIn(i).length)).toEqual(Array(5).fill(true));
  expect(plots?.map(({ name }) => name)).toEqual(["plain", "realistic"]);
});

test.each<readonly [Grants["sort"], number, number]>([
  ["plain", 20, 150],
  ["realistic", 60, 200],
])("the %s questions are the same in every run, and some are allowed", (sort, least, most) => {
  const grants = makeGrants(sort, 100, 300);
  expect(makeGrants(sort, 100, 300)).toEqual(grants);
  const allowed_count = grants.questions.filter((question) => isAllowed(grants, question)).length;
  expect(allowed_count).toBeGreaterThan(least);
  expect(allowed_count).toBeLessThan(most);
  expect(isAllowed(grants, grants.denied)).toBe(false);
});

test("realistic rules of every kind decide some question", () => {
  const grants = makeGrants("realistic", 100, 300);
  const allowed = (kept: Grants) => grants.questions.filter((question) => isAllowed(kept, question)).length;
  for (const kind of ["grant", "hidden", "unbounded"] as const) {
    const without = { ...grants, rules: grants.rules.filter((rule) => rule.kind !== kind) };
    expect(allowed(without), kind).not.toBe(allowed(grants));
  }
});

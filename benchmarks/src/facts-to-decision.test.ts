import { expect, test } from "vitest";
import { factsToDecision } from "./facts-to-decision.js";
import { deniedQuestion, isAllowed, makeGrants, makeQuestions } from "./grants/grants.js";

test("every engine that is here decides as the definition says", async () => {
  const { tables } = await factsToDecision.run("tiny");
  const engines = new Set(tables.flatMap(({ rows }) => rows.map(([, engine]) => engine)));
  expect([...engines]).toEqual(expect.arrayContaining(["hpl", "cedar, preparsed", "cedar, plain"]));
  expect(tables.map(({ rows }) => rows.length)).toEqual([2 * engines.size, 2 * engines.size]);
});

test("the questions are the same in every run, and some are allowed", () => {
  const grants = makeGrants(100);
  const questions = makeQuestions(grants, 300);
  expect(makeQuestions(grants, 300)).toEqual(questions);
  const allowed_count = questions.filter((question) => isAllowed(grants, question)).length;
  expect(allowed_count).toBeGreaterThan(20);
  expect(allowed_count).toBeLessThan(150);
  expect(isAllowed(grants, deniedQuestion(grants))).toBe(false);
});

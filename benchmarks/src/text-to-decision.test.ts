import { expect, test } from "vitest";
import { textToDecision } from "./text-to-decision.js";
import { shapes } from "./texts/statements.js";

test("every shape of statement gets the decision it names, seen before or not", async () => {
  const { tables } = await textToDecision.run("tiny");
  expect(tables[0]?.rows.map(([name]) => name)).toEqual(shapes.map(({ name }) => name));
});

import { expect, test } from "vitest";
import { analysisBench } from "./analysis.js";

test("faults are found in policies of every size", async () => {
  const { tables } = await analysisBench.run("tiny");
  expect(tables[0]?.rows.map(([rules]) => rules)).toEqual([10, 40]);
});

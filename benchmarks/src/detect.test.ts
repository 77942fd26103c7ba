import { expect, test } from "vitest";
import { detectBench } from "./detect.js";

test("detectors cover what regular expressions cover", async () => {
  const { tables } = await detectBench.run("tiny");
  expect(tables[0]?.rows).toHaveLength(3);
});

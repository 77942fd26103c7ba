import { expect, test } from "vitest";
import { compileBench } from "./compile.js";

test("the policies compile, load, and decide", async () => {
  const { tables } = await compileBench.run("tiny");
  expect(tables[0]?.rows.map(([rules]) => rules)).toEqual([10, 40]);
});

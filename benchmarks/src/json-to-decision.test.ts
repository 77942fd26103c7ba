import { expect, test } from "vitest";
import { jsonToDecision } from "./json-to-decision.js";

test("the module answers as it should, from an object and from bytes", async () => {
  const { tables } = await jsonToDecision.run("tiny");
  expect(tables[0]?.rows.map(([name]) => name)).toEqual(expect.arrayContaining(["hpl, object", "hpl, bytes"]));
});

import { expect, test } from "vitest";
import { shellLine } from "./shell-line.js";

test("every line of the catalogue gets its verdict, and the peers' guards stop what they name", async () => {
  const { tables } = await shellLine.run("tiny");
  expect(tables[0]?.rows.length).toBe(4);
});

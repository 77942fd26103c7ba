import { expect, test } from "vitest";
import { isKnownMajor, loadPostgres, parse } from "./parser.js";

const trap = `SELECT ${"1+".repeat(100_000)}1`;

test("before it is loaded a grammar says so", () => {
  expect(parse("SELECT 1", 16)).toEqual({ kind: "failure", reason: "parser_not_loaded" });
});

test("an instance that trapped is replaced, again and again", async () => {
  await loadPostgres(17);
  for (let round = 0; round < 4; round++) {
    expect(parse(trap, 17)).toEqual({ kind: "failure", reason: "parser_trap" });
    expect(parse("SELECT 1", 17)).toMatchObject({ kind: "tree", statements: [{ location: 0 }] });
    // Gives the next spare time to come up.
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
});

test("two traps in a row leave texts opaque until a fresh instance is there", async () => {
  await loadPostgres(15);
  expect(
    [parse(trap, 15), parse(trap, 15), parse("SELECT 1", 15)].map(
      (answer) => answer.kind === "failure" && answer.reason,
    ),
  ).toEqual(["parser_trap", "parser_trap", "parser_not_loaded"]);
  await expect.poll(() => parse("SELECT 1", 15).kind, { timeout: 10_000 }).toBe("tree");
});

test("an unknown version loads the newest grammar", async () => {
  await loadPostgres(99);
  expect([isKnownMajor(99), isKnownMajor(18), parse("SELECT 1", 18).kind]).toEqual([false, true, "tree"]);
});

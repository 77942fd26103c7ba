import { expect, test } from "vitest";
import { steadyFunctions, volatileFunctions } from "./data/functions.generated.js";
import { listedFunctions, meaningOf } from "./functions.js";

const wordsOf = (text: string): readonly string[] => text.trim().split(/\s+/);

test("every function listed by hand is one of the server's", () => {
  const existing = new Set([...wordsOf(steadyFunctions), ...wordsOf(volatileFunctions)]);
  expect([...listedFunctions].filter((name) => !existing.has(name))).toEqual([]);
});

test("a volatile function that nobody has listed is unknown", () => {
  const unlisted = wordsOf(volatileFunctions).filter((name) => !listedFunctions.has(name));
  expect(unlisted.length).toBeGreaterThan(0);
  expect(unlisted.filter((name) => meaningOf(null, name, null).known)).toEqual([]);
});

test.each(["pg_read_file", "lo_import", "pg_terminate_backend", "nextval", "set_config", "query_to_xml", "pg_sleep"])(
  "%s does more than read",
  (name) => expect(meaningOf(null, name, null).effects).not.toEqual([]),
);

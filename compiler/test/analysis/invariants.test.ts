import { bigqueryFrontEnd, loadPostgres, mysqlFrontEnd, postgresFrontEnd } from "@hpl/runtime/sql";
import { beforeAll, expect, test } from "vitest";
import * as bigquery from "../../../runtime/test/sql/bigquery.cases.js";
import { bypasses } from "../../../runtime/test/sql/bypasses.cases.js";
import { effects, harmless } from "../../../runtime/test/sql/effects.cases.js";
import attacks from "../../../runtime/test/sql/lineage-attacks.json" with { type: "json" };
import * as mysql from "../../../runtime/test/sql/mysql.cases.js";
import { restricted } from "../../../runtime/test/sql/restricted.cases.js";
import { invariants } from "../../src/analysis/invariants.js";
import { evaluate } from "../../src/reference/condition.js";

// Proofs take the invariants for granted, so every front end must keep them: over all texts its own tests know.
const dialects = {
  postgres: { frontEnd: postgresFrontEnd, texts: textsIn([effects, harmless, bypasses, restricted, attacks]) },
  mysql: { frontEnd: mysqlFrontEnd, texts: textsIn(Object.values(mysql)) },
  bigquery: { frontEnd: bigqueryFrontEnd, texts: textsIn(Object.values(bigquery)) },
} as const;

/** Every text anywhere in `value`: those that are no statements give no facts. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

beforeAll(() => loadPostgres());

test.each(Object.entries(dialects))("%s keeps them", (dialect, { frontEnd, texts }) => {
  const met = new Set<string>();
  for (const text of texts) {
    const context = { dialect: dialect as keyof typeof dialects, catalog: null, server_version: null };
    for (const action of frontEnd.analyse(text, context).actions) {
      if (action.opaque) continue;
      const scope = { roots: { statement: action.facts }, zones: {}, items: [] };
      for (const { if: premise, implies, why } of invariants) {
        if (evaluate(premise, scope) !== "true") continue;
        met.add(why);
        expect(evaluate(implies, scope), `${text}: ${why}`).not.toBe("false");
      }
    }
  }
  expect([...met].toSorted()).toEqual(invariants.map(({ why }) => why).toSorted());
});

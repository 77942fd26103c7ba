import { expect, test } from "vitest";
import { definitions } from "./definitions.js";
import { clauseKinds, expressionKinds, reachedKinds, statementKinds } from "./node-kinds.js";
import { grammarNodes } from "./nodes.js";

/**
 * Kinds of the grammar that we do not understand on purpose. Planner and executor kinds never appear in a parse tree.
 */
const opaqueStatements = ["PLAssignStmt", "ReturnStmt", "SetOperationStmt", "RawStmt"];

test("every kind we understand is a kind of the grammar", () => {
  const invented = [...statementKinds, ...expressionKinds, ...clauseKinds].filter((kind) => !grammarNodes.has(kind));
  expect(invented).toEqual([]);
});

test("every statement of the grammar is understood or declared opaque", () => {
  const statements = [...grammarNodes.keys()].filter((kind) => kind.endsWith("Stmt"));
  const missing = statements.filter((kind) => !statementKinds.has(kind) && !opaqueStatements.includes(kind));
  expect(missing).toEqual([]);
});

test("every definition is a statement we understand, and every kind that must be reached is one we understand", () => {
  const understood = new Set([...statementKinds, ...expressionKinds, ...clauseKinds]);
  expect([...definitions.keys(), ...reachedKinds].filter((kind) => !understood.has(kind))).toEqual([]);
});

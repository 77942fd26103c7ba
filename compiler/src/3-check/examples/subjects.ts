import { type Family, families, familyOfRoot, schemaOfFamily } from "@hpl/runtime/facts";
import type { BodyLine, Circumstances, FixtureItem, Path, SubjectClause } from "../../1-parse/ast.js";
import { pathText } from "../../2-resolve/label-tree.js";
import { unknownFamily, unknownFixture, unreadableExample } from "../../diagnostics/catalog.js";
import type { CheckedCircumstances, CheckedExample, CheckedSubject } from "../checked.js";
import { lookUp } from "../operands/declared-operand.js";
import { type Place, report, suggest } from "../site.js";
import { type Facts, recordFacts } from "./fixture.js";

/** What examples and tests ask about, and under which circumstances. */

/** A `hit` or `miss` with the facts of its fixtures; null, and reported, when something in it is unknown. */
export function exampleOf(
  line: Extract<BodyLine, { kind: "example" }>,
  rule: string,
  place: Place,
): CheckedExample | null {
  const subject = subjectOf(line.subject, place);
  const circumstances = circumstancesOf(line.circumstances, place);
  if (subject === null || circumstances === null) return null;
  return { rule, expect: line.expect, subject, circumstances, span: line.span };
}

/** A text of a language that is read, or the facts of an action of a family with a schema. Reports HPL2011 and HPL4017. */
export function subjectOf(clause: SubjectClause, place: Place): CheckedSubject | null {
  const { text, span } = clause.family;
  const family = families.find((known) => known === text);
  if (family === undefined) {
    report(place.site, unknownFamily(span, { family: text, nearest: suggest(place.site, text, families) }));
    return null;
  }
  const type = actionType(family, place);
  if (clause.kind === "text" && (family === "sql" || family === "shell" || family === "text"))
    return { kind: "text", family, text: clause.text.value };
  if (clause.kind === "text" || type === null) {
    report(place.site, unreadableExample(span, { family, isText: clause.kind === "text", hasFacts: type !== null }));
    return null;
  }
  // An action that is written out is all there is to know of it, unless it says otherwise.
  const facts = { complete: true, reasons: [], ...recordFacts(clause.fields, type, family, place) };
  return { kind: "facts", family, facts };
}

/** The type of the facts of an action, without those the policy works out itself. */
function actionType(family: Family, { site }: Place) {
  const root = [...site.checker.roots.values()].find(({ name }) => familyOfRoot(name) === family);
  if (root?.type.kind !== "Record") return null;
  const derived = schemaOfFamily(family)?.properties ?? {};
  const fields = [...root.type.fields].filter(([name]) => !derived[name]?.["x-hpl-derived"]);
  return { kind: "Record", fields: new Map(fields) } as const;
}

/** The facts of the named fixtures; null, and reported, when one is unknown. */
export function circumstancesOf(clause: Circumstances, place: Place): CheckedCircumstances | null {
  const { fixtures, catalogs, emptySession } = place.site.checker;
  const principal = fixtureNamed(clause.principal, "principal", place);
  const connection = fixtureNamed(clause.connection, "connection", place);
  const session = clause.session === null ? null : fixtureNamed(clause.session, "session", place);
  if (principal === null || connection === null || (clause.session !== null && session === null)) return null;
  const factsOf = (fixture: FixtureItem): Facts => fixtures.get(fixture) ?? {};
  return {
    principal: factsOf(principal),
    connection: factsOf(connection),
    catalog: catalogs.get(connection) ?? null,
    session: session === null ? emptySession : factsOf(session),
    now: clause.at?.value ?? null,
  };
}

/** A fixture, by name, of the right kind. */
function fixtureNamed(path: Path, of: "principal" | "connection" | "session", place: Place): FixtureItem | null {
  const name = pathText(path);
  const declaration = place.module.scope.get(path.words[0]?.text ?? "");
  const found = declaration && lookUp(declaration, path, place);
  if (found === null || found?.declaration.kind === "Broken") return null;
  if (found !== undefined) place.site.checker.usedNames.add(found.declaration);
  if (found?.declaration.kind === "Fixture" && found.rest === 0 && found.declaration.item.of.text === of)
    return found.declaration.item;
  const names = [...place.module.scope].flatMap(([known, declared]) =>
    declared.kind === "Fixture" && declared.item.of.text === of ? [known] : [],
  );
  report(place.site, unknownFixture(path.span, { name, of, nearest: suggest(place.site, name, names) }));
  return null;
}

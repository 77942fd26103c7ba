import type { BodyLine, FixtureField, FixtureItem, FixtureValue, Path } from "../1-parse/ast.js";
import { type FactType, factRoots } from "../2-resolve/fact-types.js";
import { pathText } from "../2-resolve/label-tree.js";
import {
  duplicateName,
  notInThisVersion,
  typeMismatch,
  unknownFact,
  unknownFixture,
  unreadableExample,
  wrongKindOfName,
} from "../diagnostics/catalog.js";
import type { CheckedExample } from "./checked.js";
import { constantsOf, describeType, distinct } from "./constants.js";
import { lookUp } from "./operand.js";
import { type Place, report, suggest } from "./site.js";

type Facts = Readonly<Record<string, unknown>>;

/** The facts a fixture stands for, as a request has them. A fact it does not name is not in it: unknown, if required. */
export function fixtureFacts(item: FixtureItem, place: Place): Facts {
  const of = item.of.text;
  const root = of === "principal" || of === "connection" ? factRoots.get(of) : undefined;
  if (root !== undefined) return recordFacts(item.fields, root.type, of, place);
  report(
    place.site,
    wrongKindOfName(item.of.span, { name: of, expected: "`principal` or `connection`", found: "something else" }),
  );
  return {};
}

function recordFacts(fields: readonly FixtureField[], type: FactType, path: string, place: Place): Facts {
  const facts = new Map<string, unknown>();
  for (const { name, value } of fields) {
    const fieldPath = `${path}.${name.text}`;
    if (facts.has(name.text)) report(place.site, duplicateName(name.span, { name: name.text }));
    const fieldType = fieldTypeOf(type, name.text);
    if (fieldType !== null) facts.set(name.text, factOf(value, fieldType, fieldPath, place));
    else if (fieldPath === "connection.catalog")
      report(
        place.site,
        notInThisVersion(name.span, { what: "catalog", instead: "names mean plain tables as written" }),
      );
    else reportUnknown(type, path, name, place);
  }
  return Object.fromEntries(facts);
}

function fieldTypeOf(type: FactType, name: string): FactType | null {
  if (type.kind === "Map") return type.value;
  return type.kind === "Record" ? (type.fields.get(name)?.type ?? null) : null;
}

function reportUnknown(type: FactType, path: string, name: FixtureField["name"], place: Place): void {
  const known = type.kind === "Record" ? [...type.fields.keys()] : [];
  const nearest = suggest(place.site, name.text, known);
  report(
    place.site,
    unknownFact(name.span, { path: `${path}.${name.text}`, nearest: nearest && `${path}.${nearest}` }),
  );
}

function factOf(value: FixtureValue, type: FactType, path: string, place: Place): unknown {
  const isRecord = type.kind === "Record" || type.kind === "Map";
  if (isRecord && value.kind === "Record") return recordFacts(value.fields, type, path, place);
  if (type.kind === "List" && value.kind === "List")
    return distinct(value.members.map((member) => constantsOf(member, type.item, path, place) ?? []));
  if (type.kind === "List" && value.kind === "Record" && value.fields.length === 0) return [];
  // A value, not a test: a star in it is a star.
  if (type.kind === "Text" && value.kind === "Value" && value.value.kind === "Text") return value.value.value;
  if (!isRecord && type.kind !== "List" && value.kind === "Value")
    return constantsOf(value.value, type, path, place)?.[0];
  const found = { Value: "one value", List: "a set", Record: "a group of facts" }[value.kind];
  report(place.site, typeMismatch(value.span, { expected: describeType(type), found, subject: path }));
  return undefined;
}

/** A `hit` or `miss` with the facts of its fixtures; null, and reported, when something in it is unknown. */
export function exampleOf(
  line: Extract<BodyLine, { kind: "example" }>,
  rule: string,
  place: Place,
): CheckedExample | null {
  const family = line.family.text;
  const principal = fixtureNamed(line.principal, "principal", place);
  const connection = fixtureNamed(line.connection, "connection", place);
  if (family !== "sql" && family !== "shell") {
    report(place.site, unreadableExample(line.family.span, { family }));
    return null;
  }
  if (principal === null || connection === null) return null;
  return { rule, expect: line.expect, family, text: line.text.value, principal, connection, span: line.span };
}

/** The facts of a fixture, by name, of the right kind. */
function fixtureNamed(path: Path, of: "principal" | "connection", place: Place): Facts | null {
  const name = pathText(path);
  const declaration = place.module.scope.get(path.words[0]?.text ?? "");
  const found = declaration && lookUp(declaration, path, place);
  if (found === null || found?.declaration.kind === "Broken") return null;
  if (found !== undefined) place.site.checker.usedNames.add(found.declaration);
  if (found?.declaration.kind === "Fixture" && found.rest === 0 && found.declaration.item.of.text === of)
    return place.site.checker.fixtures.get(found.declaration.item) ?? null;
  const names = [...place.module.scope].flatMap(([known, { kind }]) => (kind === "Fixture" ? [known] : []));
  report(place.site, unknownFixture(path.span, { name, of, nearest: suggest(place.site, name, names) }));
  return null;
}

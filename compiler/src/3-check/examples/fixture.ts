import type { FixtureField, FixtureItem, FixtureValue } from "../../1-parse/ast.js";
import type { FactType } from "../../2-resolve/fact-types.js";
import type { ResolvedModule } from "../../2-resolve/resolve.js";
import { duplicateName, typeMismatch, unknownFact, wrongKindOfName } from "../../diagnostics/catalog.js";
import { constantsOf, distinct } from "../operands/constants.js";
import { declarationNamed } from "../operands/declared-operand.js";
import { describeType } from "../operands/describe.js";
import { fieldOf } from "../operands/fact-operand.js";
import { type Place, report, suggest } from "../site.js";
import { isCatalogField } from "./fixture-catalog.js";

export type Facts = Readonly<Record<string, unknown>>;

/** The facts a fixture stands for, as a request has them. A fact it does not name is not in it: unknown, if required. */
export function fixtureFacts(item: FixtureItem, place: Place): Facts {
  const of = item.of.text;
  const root = place.site.checker.roots.get(of);
  const fields = item.fields.filter((field) => !isCatalogField(of, field));
  if (root !== undefined && (of === "principal" || of === "connection"))
    return recordFacts(fields, root.type, of, place);
  if (root !== undefined && of === "session")
    return { ...place.site.checker.emptySession, ...sessionFacts(item.fields, root.type, place) };
  const expected = "`principal`, `connection` or `session`";
  report(place.site, wrongKindOfName(item.of.span, { name: of, expected, found: "something else" }));
  return {};
}

/** What a session is where nothing is said of it: no grants, every count at 0, no transaction. All else is unknown. */
export function emptySessionIn(modules: readonly ResolvedModule[]): Facts {
  const counters = modules.flatMap(({ name, tree }) =>
    tree.items.flatMap((item) => (item.kind === "Counter" ? [[`${name}.${item.name.text}`, 0] as const] : [])),
  );
  return { grants: [], counters: Object.fromEntries(counters), in_transaction: false };
}

/** `counters: {card_rows: 12_000}` names counters as the module does: of others, `use` has no way to say which. */
function sessionFacts(fields: readonly FixtureField[], type: FactType, place: Place): Facts {
  const counters = fields.find(({ name }) => name.text === "counters");
  const facts = recordFacts(
    fields.filter((field) => field !== counters),
    type,
    "session",
    place,
  );
  if (counters === undefined) return facts;
  const { value } = counters;
  if (value.kind === "Record")
    return { ...facts, counters: { ...countersOf(place.site.checker.emptySession), ...counts(value.fields, place) } };
  report(
    place.site,
    typeMismatch(value.span, { expected: "counts by name", found: "something else", subject: "session.counters" }),
  );
  return facts;
}

const countersOf = ({ counters }: Facts): Facts => counters as Facts;

function counts(fields: readonly FixtureField[], place: Place): Facts {
  const known = fields.flatMap(({ name, value }) => {
    const path = { words: [name], span: name.span };
    const found = declarationNamed(path, "Counter", place);
    if (found === null) return [];
    const type: FactType = { kind: found.declaration.item.what.text === "bytes" ? "Bytes" : "Number" };
    return [[`${found.module.name}.${name.text}`, factOf(value, type, `session.counters.${name.text}`, place)]];
  });
  return Object.fromEntries(known);
}

/** The facts that `fields` say of a record of type `type`, which is called `path`. */
export function recordFacts(fields: readonly FixtureField[], type: FactType, path: string, place: Place): Facts {
  const facts = new Map<string, unknown>();
  const seen = new Set<string>();
  for (const { name, value } of fields) {
    const fieldPath = `${path}.${name.text}`;
    if (seen.has(name.text)) report(place.site, duplicateName(name.span, { name: name.text }));
    seen.add(name.text);
    const field = fieldOf(type, name.text);
    if (field !== null) put(facts, field.steps ?? [name.text], factOf(value, field.type, fieldPath, place));
    else reportUnknown(type, path, name, place);
  }
  return Object.fromEntries(facts);
}

/** `tier: gold` of a connection is a label: it joins those that `labels: {..}` gives. */
function put(facts: Map<string, unknown>, [step = "", ...rest]: readonly string[], value: unknown): void {
  const known = facts.get(step);
  const both = (below: object): unknown => ({ ...(typeof known === "object" ? known : {}), ...below });
  if (rest.length > 0) facts.set(step, both({ [rest.join(".")]: value }));
  else facts.set(step, typeof value === "object" && value !== null && !Array.isArray(value) ? both(value) : value);
}

function reportUnknown(type: FactType, path: string, name: FixtureField["name"], place: Place): void {
  const known = type.kind === "Record" ? [...type.fields.keys()] : [];
  const nearest = suggest(place.site, name.text, known);
  const hint = path === "connection" ? connectionHint(name.text) : null;
  report(
    place.site,
    unknownFact(name.span, { path: `${path}.${name.text}`, nearest: nearest && `${path}.${nearest}`, hint }),
  );
}

const connectionHint = (name: string): string =>
  `a label of connections is declared: \`attribute connection.${name}: String\``;

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

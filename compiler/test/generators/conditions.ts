import { type FactSchema, type Family, isMap, schemaOfFamily, schemaOfRoot } from "@hpl/runtime/facts";
import fc from "fast-check";
import type { CidrRange, Condition, Constant, FactPath, Glob, Window } from "../../src/3-check/checked.js";
import { instant, mapKeys, scalarOf, zoneNames } from "./facts.js";
import { regex } from "./regexes.js";

const span = { file: 0, start: 0, end: 1 };

/** A place in the facts, and the schema of what stands there. */
interface Place {
  readonly path: FactPath;
  readonly schema: FactSchema;
}

/** Every place below `root` that can be reached without a quantifier. */
function placesBelow(place: Place): readonly Place[] {
  const { schema, path } = place;
  const at = (step: string, below: FactSchema): Place => ({
    path: { ...path, steps: [...path.steps, step] },
    schema: below,
  });
  if (isMap(schema)) return mapKeys.map((key) => at(key, schema.additionalProperties as FactSchema));
  if (schema.type !== "object") return [place];
  return [
    ...(path.steps.length > 0 ? [place] : []),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, field]) => placesBelow(at(name, field))),
  ];
}

const commonPlaces = ["principal", "session", "connection", "now"].flatMap(placesOfRoot);

function placesOfRoot(root: string): readonly Place[] {
  return placesBelow({ path: { root, steps: [] }, schema: schemaOfRoot(root) ?? {} });
}

/** Item places of enclosing quantifiers, innermost first. */
type Items = readonly FactSchema[];

function placesFor(family: Family | null, items: Items): readonly Place[] {
  const root = family === null ? undefined : schemaOfFamily(family)?.["x-hpl-root"];
  const own = root === undefined ? [] : placesOfRoot(root);
  const ofItems = items.flatMap((schema, item) => placesBelow({ path: { root: { item }, steps: [] }, schema }));
  return [...commonPlaces, ...own, ...own, ...ofItems, ...ofItems, ...ofItems];
}

export const glob: fc.Arbitrary<Glob> = fc.record({
  text: fc
    .array(fc.constantFrom("a", "b", ".", "*", "**", "s", "t", "email", "/", "\\*", "ü"), { maxLength: 5 })
    .map((p) => p.join("")),
  separator: fc.constantFrom(".", "/", null),
});

function constantOf(schema: FactSchema): fc.Arbitrary<Constant> {
  if (schema["x-hpl-type"] === "Label") return fc.constantFrom("pii.email", "pii.ssn", "pci");
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  return schema.type === "boolean" ? fc.boolean() : scalarOf(schema);
}

/** A condition over the facts of `family` (null: common facts alone), at most `depth` connectives deep. */
export function condition(family: Family | null, depth: number, items: Items = []): fc.Arbitrary<Condition> {
  const atom = fc.constantFrom(...placesFor(family, items)).chain((place) => atomAt(place, family, depth, items));
  const constant = fc.boolean().map((value): Condition => ({ kind: "Constant", value, span }));
  if (depth === 0) return fc.oneof({ weight: 9, arbitrary: atom }, { weight: 1, arbitrary: constant });
  const below = condition(family, depth - 1, items);
  return fc.oneof(
    { weight: 4, arbitrary: atom },
    { weight: 1, arbitrary: inWindow },
    { weight: 2, arbitrary: below.map((operand): Condition => ({ kind: "Not", operand, span })) },
    {
      weight: 4,
      arbitrary: fc
        .tuple(fc.constantFrom("And" as const, "Or" as const), fc.array(below, { minLength: 1, maxLength: 3 }))
        .map(([kind, operands]): Condition => ({ kind, operands, span })),
    },
  );
}

function atomAt(place: Place, family: Family | null, depth: number, items: Items): fc.Arbitrary<Condition> {
  const { path, schema } = place;
  const present = fc.constant<Condition>({ kind: "IsPresent", path, span });
  if (schema.type === "array") return fc.oneof(listAtom(place), quantified(place, family, depth, items));
  if (schema.type === "object") return present;
  const constant = constantOf(schema);
  const several = fc.array(constant, { minLength: 1, maxLength: 3 });
  const compare = fc
    .tuple(fc.constantFrom("==" as const, "!=" as const), constant)
    .map(([operator, value]): Condition => ({ kind: "Compare", operator, path, value, span }));
  const isIn = several.map((values): Condition => ({ kind: "In", path, values, span }));
  if (schema.type === "boolean")
    return fc.oneof(fc.constant<Condition>({ kind: "IsTrue", path, span }), compare, present);
  if (schema.type === "integer") {
    const ordered = fc
      .tuple(fc.constantFrom("<" as const, "<=" as const, ">" as const, ">=" as const), constant)
      .map(([operator, value]): Condition => ({ kind: "Compare", operator, path, value, span }));
    return fc.oneof(compare, ordered, isIn, present);
  }
  const like = fc
    .array(glob, { minLength: 1, maxLength: 2 })
    .map((globs): Condition => ({ kind: "Like", path, globs, span }));
  const matches = fc
    .array(regex, { minLength: 1, maxLength: 2 })
    .map((patterns): Condition => ({ kind: "Matches", path, patterns, span }));
  const inCidr = fc
    .array(cidrRange, { minLength: 1, maxLength: 2 })
    .map((ranges): Condition => ({ kind: "InCidr", path, ranges, span }));
  const texts = placesFor(family, items).filter(
    (other) => other.schema.type === "string" && other.schema.enum === undefined,
  );
  const same = fc
    .constantFrom(...texts)
    .map((other): Condition => ({ kind: "CompareFacts", operator: "==", left: path, right: other.path, span }));
  if (schema["x-hpl-format"] === "ip") return fc.oneof(inCidr, inCidr, like, present);
  return fc.oneof(compare, isIn, like, matches, inCidr, present, same);
}

function listAtom({ path, schema }: Place): fc.Arbitrary<Condition> {
  if (schema.items?.type === "object") return fc.constant<Condition>({ kind: "IsPresent", path, span });
  const values = fc.array(constantOf(schema.items ?? {}), { minLength: 1, maxLength: 3 });
  return fc.oneof(
    fc
      .tuple(fc.constantFrom("any" as const, "all" as const), values)
      .map(([quantifier, own]): Condition => ({ kind: "Has", quantifier, list: path, values: own, span })),
    values.map((own): Condition => ({ kind: "Only", list: path, values: own, span })),
  );
}

function quantified(place: Place, family: Family | null, depth: number, items: Items): fc.Arbitrary<Condition> {
  const inner: Items = [place.schema.items ?? {}, ...items];
  return fc
    .tuple(
      fc.constantFrom("any" as const, "all" as const, "no" as const),
      condition(family, Math.max(0, depth - 1), inner),
    )
    .map(([quantifier, body]): Condition => ({ kind: "Quantified", quantifier, list: place.path, body, span }));
}

const bytes = (...start: number[]): fc.Arbitrary<readonly number[]> => fc.constant(start);

/** Ranges with their host bits cleared, as the checker leaves them; some hold the generated addresses. */
const cidrRange: fc.Arbitrary<CidrRange> = fc
  .oneof(
    fc.tuple(fc.oneof(bytes(10, 20, 30, 40), bytes(192, 168, 0, 0)), fc.constantFrom(0, 7, 8, 16, 23, 24, 31, 32)),
    fc.tuple(
      bytes(0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1),
      fc.constantFrom(0, 16, 29, 32, 64, 127, 128),
    ),
  )
  .map(([address, prefix]) => ({
    prefix,
    address: address.map((byte, i) => byte & (0xff00 >> Math.min(8, Math.max(0, prefix - i * 8))) & 0xff),
  }));

const window: fc.Arbitrary<Window> = fc.oneof(
  fc
    .tuple(instant, instant)
    .map(([a, b]): Window => ({ kind: "range", from_ms: Math.min(a, b), to_ms: Math.max(a, b) })),
  fc.record({
    kind: fc.constant("weekly" as const),
    days: fc.subarray([0, 1, 2, 3, 4, 5, 6], { minLength: 1 }),
    from_min: fc.constantFrom(0, 1, 30, 540, 1_410, 1_439, 1_440),
    to_min: fc.constantFrom(0, 1, 60, 540, 1_020, 1_440),
    zone: fc.constantFrom("UTC", ...zoneNames),
  }),
);

const inWindow: fc.Arbitrary<Condition> = fc
  .array(window, { minLength: 1, maxLength: 3 })
  .map((windows) => ({ kind: "InWindow", windows, span }));

import { type FactSchema, type Family, familyOfRoot, isMap, schemaOfRoot } from "@hpl/runtime/facts";
import fc from "fast-check";
import type {
  Approval,
  CheckedDefault,
  CheckedEffect,
  CheckedModule,
  CheckedPolicy,
  CheckedRule,
  Condition,
  Constant,
  FactPath,
  Glob,
  Transform,
} from "../../src/3-check/checked.js";
import { generatedFamilies, mapKeys, word } from "./facts.js";

const span = { file: 0, start: 0, end: 1 };
const source = { path: "generated.hpl", text: "policy generated governs sql\n" };

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

const roots = ["statement", "git", "command"] as const;

function placesFor(family: Family | null, items: Items): readonly Place[] {
  const own = roots.filter((root) => familyOfRoot(root) === family).flatMap(placesOfRoot);
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
  if (schema.type === "boolean") return fc.boolean();
  return schema.type === "integer" ? fc.integer({ min: -2, max: 2 }) : word;
}

/** A condition over the facts of `family` (null: common facts alone), at most `depth` connectives deep. */
export function condition(family: Family | null, depth: number, items: Items = []): fc.Arbitrary<Condition> {
  const atom = fc.constantFrom(...placesFor(family, items)).chain((place) => atomAt(place, family, depth, items));
  const constant = fc.boolean().map((value): Condition => ({ kind: "Constant", value, span }));
  if (depth === 0) return fc.oneof({ weight: 9, arbitrary: atom }, { weight: 1, arbitrary: constant });
  const below = condition(family, depth - 1, items);
  return fc.oneof(
    { weight: 4, arbitrary: atom },
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
  const texts = placesFor(family, items).filter(
    (other) => other.schema.type === "string" && other.schema.enum === undefined,
  );
  const same = fc
    .constantFrom(...texts)
    .map((other): Condition => ({ kind: "CompareFacts", operator: "==", left: path, right: other.path, span }));
  return fc.oneof(compare, isIn, like, present, same);
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

const approval: fc.Arbitrary<Approval> = fc.record({
  all: fc.constantFrom([{ group: "dba", count: 1 }], [{ group: "dba", count: 2 }], [{ group: "sec", count: 1 }]),
  within_s: fc.constantFrom(60, 600),
});

const transform: fc.Arbitrary<Transform> = fc.constantFrom<Transform>(
  { kind: "null" },
  { kind: "redact" },
  { kind: "clear" },
  { kind: "partial", keep: "domain" },
  { kind: "partial", keep: "ends", first: 0, last: 4 },
);

const labelPaths = ["pci", "pii.email", "pii.ssn"];
const labelSet = fc.subarray([0, 1, 2], { minLength: 1 });

function effectFor(family: Family): fc.Arbitrary<CheckedEffect> {
  const plain = fc.oneof(
    fc.boolean().map((evenIfIncomplete): CheckedEffect => ({ kind: "allow", evenIfIncomplete })),
    fc.constant<CheckedEffect>({ kind: "block" }),
    approval.map((own): CheckedEffect => ({ kind: "approve", approval: own })),
  );
  if (family !== "sql") return plain;
  const tier = fc.record({
    transform,
    labels: fc.option(labelSet, { nil: null }),
    condition: condition("sql", 1),
  });
  const mask = fc.record({ labels: labelSet, transform, tiers: fc.array(tier, { maxLength: 2 }) });
  return fc.oneof(
    { weight: 3, arbitrary: plain },
    { weight: 2, arbitrary: mask.map((own): CheckedEffect => ({ kind: "mask", mask: own })) },
  );
}

const moduleDefault: fc.Arbitrary<CheckedDefault | null> = fc.oneof(
  fc.constantFrom<CheckedDefault | null>(null, { verdict: "allow", span }, { verdict: "block", span }),
  approval.map((own): CheckedDefault => ({ verdict: "approve", approval: own, span })),
);

const moduleNamed = (name: string): fc.Arbitrary<CheckedModule> =>
  fc.record({
    name: fc.constant(name),
    families: fc.subarray([...generatedFamilies], { minLength: 1 }),
    scope: fc.oneof(
      { weight: 2, arbitrary: fc.constant<Condition>({ kind: "Constant", value: true, span }) },
      { weight: 1, arbitrary: condition(null, 1) },
    ),
    default: moduleDefault,
    span: fc.constant(span),
  });

function ruleIn(module: CheckedModule, index: number, number: number): fc.Arbitrary<CheckedRule> {
  return fc.constantFrom(...module.families).chain((family) =>
    fc.record({
      id: fc.constant(`${module.name}/r${number}`),
      module: fc.constant(index),
      families: fc.constant<readonly Family[]>([family]),
      level: fc.constantFrom("hard" as const, "soft" as const, "soft" as const, "advisory" as const),
      condition: condition(family, 2),
      effect: effectFor(family),
      why: fc.constantFrom(null, "because"),
      fix: fc.constantFrom(null, "do not"),
      controls: fc.constant([]),
      span: fc.constant(span),
    }),
  );
}

/** A policy of up to two modules and six rules, rules sorted as the checker sorts them. */
export const policy: fc.Arbitrary<CheckedPolicy> = fc
  .array(fc.nat(1), { minLength: 1, maxLength: 2 })
  .chain((names) => fc.tuple(...names.map((_, i) => moduleNamed(`m${i}`))))
  .chain((modules) =>
    fc
      .tuple(
        fc
          .array(fc.nat(modules.length - 1), { maxLength: 6 })
          .chain((owners) =>
            fc.tuple(...owners.map((owner, number) => ruleIn(modules[owner] as CheckedModule, owner, number))),
          ),
        fc.array(fc.array(glob, { minLength: 1, maxLength: 2 }), { minLength: 3, maxLength: 3 }),
      )
      .map(([rules, columns]) => ({
        sources: [source],
        modules,
        rules: rules.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
        labels: labelPaths.map((path, i) => ({ path, columns: columns[i] ?? [], span })),
        examples: [],
      })),
  );

import type { Action, FactSchema, Request } from "@hpl/runtime/facts";
import { commonRoots, isMap, schemaOfFamily, schemaOfRoot } from "@hpl/runtime/facts";
import fc from "fast-check";

/** Few words, so that random policies and random facts meet. `a.b` and `a.b.c` look like SQL names. */
export const words = ["a", "b", "ab", "a.b", "a.b.c", "s.t.email", "s.t.ssn", "x/y", "", "ü"] as const;
export const word = fc.constantFrom(...words);
export const mapKeys = ["pci", "team"] as const;

const unknown = fc.constant({ "?": "nobody_knows" });

/** A fact of `schema`: mostly known, sometimes unknown, lists sometimes open, optional and even required fields missing. */
export function factOf(schema: FactSchema): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 8, arbitrary: knownFactOf(schema) }, { weight: 1, arbitrary: unknown });
}

function knownFactOf(schema: FactSchema): fc.Arbitrary<unknown> {
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.type === "array") return listOf(schema.items ?? {});
  if (isMap(schema)) return fc.dictionary(fc.constantFrom(...mapKeys), factOf({ type: "string" }), { maxKeys: 2 });
  if (schema.type === "object") return recordOf(schema);
  if (schema.type === "boolean") return fc.boolean();
  return schema.type === "integer" ? fc.integer({ min: -2, max: 2 }) : word;
}

function listOf(items: FactSchema): fc.Arbitrary<unknown> {
  const list = fc.array(factOf(items), { maxLength: 3 });
  return fc.oneof(
    { weight: 4, arbitrary: list },
    { weight: 1, arbitrary: list.map((known) => ({ items: known, open: true })) },
  );
}

function recordOf(schema: FactSchema): fc.Arbitrary<unknown> {
  const fields = Object.entries(schema.properties ?? {}).filter(([, field]) => !field["x-hpl-derived"]);
  const present = fields.map(([name, field]) => {
    const isRequired = schema.required?.includes(name) ?? false;
    return fc
      .option(factOf(field), { nil: undefined, freq: isRequired ? 20 : 2 })
      .map((value) => [name, value] as const);
  });
  return fc.tuple(...present).map((entries) => Object.fromEntries(entries.filter(([, value]) => value !== undefined)));
}

/** Families whose facts the generators know. */
export const generatedFamilies = ["sql", "git", "shell"] as const;

const action: fc.Arbitrary<Action> = fc.constantFrom(...generatedFamilies).chain((family) => {
  const known = recordOf(schemaOfFamily(family) ?? {}).map((facts) => ({ family, opaque: false, facts }));
  const opaque = fc.constant({ family, opaque: true, reasons: ["parse_error"] });
  return fc.oneof({ weight: 9, arbitrary: known }, { weight: 1, arbitrary: opaque }) as fc.Arbitrary<Action>;
});

const context = fc
  .tuple(...commonRoots.map((root) => knownFactOf(schemaOfRoot(root) ?? {})))
  .map((values) => Object.fromEntries(commonRoots.map((root, i) => [root, values[i]])));

export const request: fc.Arbitrary<Request> = fc
  .tuple(context, fc.array(action, { maxLength: 3 }))
  .map(([common, actions]) => ({ ...common, actions }) as unknown as Request);

import type { Action, FactSchema, Family, Request } from "@hpl/runtime/facts";
import { commonRoots, families, isMap, schemaOfFamily, schemaOfRoot } from "@hpl/runtime/facts";
import fc from "fast-check";

/** Few words, so that random policies and random facts meet. `a.b` and `a.b.c` look like SQL names. */
export const words = ["a", "b", "ab", "a.b", "a.b.c", "s.t.email", "s.t.ssn", "x/y", "", "ü"] as const;
export const word = fc.constantFrom(...words);
export const mapKeys = ["pci", "team"] as const;

/** Addresses, texts that nearly are, and ways to write one address twice. */
const knownAddress = fc.constantFrom(
  "10.20.30.40",
  "10.20.31.1",
  "192.168.0.1",
  "0.0.0.0",
  "::ffff:10.20.30.40",
  "::ffff:a14:1e28",
  "2001:db8::1",
  "2001:DB8:0:0:0:0:0:1",
  "::",
  "::1",
  "1:2:3:4:5:6:7:8",
  "1::8",
  "fe80::1%eth0",
  "010.20.30.40",
  "10.20.30",
  "10.20.30.256",
  "1:2:3:4:5:6:7::8",
  "::1::",
  "localhost",
);

/** Parts of addresses in any order: most are none, and both evaluators must agree which. */
const nearAddress = fc
  .array(fc.constantFrom("::", ":", ":", ".", "0", "1", "10", "255", "256", "db8", "ffff", "fffff", "1.2.3.4", "g"), {
    maxLength: 16,
  })
  .map((parts) => parts.join(""));

const address = fc.oneof({ weight: 3, arbitrary: knownAddress }, { weight: 1, arbitrary: nearAddress });

/** Around the days and hours of generated windows: half hours of two weeks, from a Friday on, and a few odd times. */
export const instant = fc.oneof(
  { weight: 6, arbitrary: fc.nat(14 * 48).map((half_hours) => Date.UTC(2026, 10, 20) + half_hours * 1_800_000) },
  // The first minutes of a Monday, and the last of a Sunday.
  {
    weight: 2,
    arbitrary: fc.integer({ min: -3, max: 90 }).map((minutes) => Date.UTC(2026, 10, 23) + minutes * 60_000),
  },
  { weight: 1, arbitrary: fc.constantFrom(0, -1, 1, 59_999, -60_000, -3_700_000, Date.UTC(2026, 10, 23) - 1) },
);

/** Two time zones that policies name; one more that none does. */
export const zoneNames = ["Asia/Kolkata", "Europe/Berlin"] as const;

const zones = fc.option(
  fc.dictionary(fc.constantFrom(...zoneNames, "Europe/Rome"), fc.constantFrom(-720, -90, 0, 60, 330, 840), {
    maxKeys: 3,
  }),
  { nil: undefined, freq: 4 },
);

const unknown = fc.constant({ "?": "nobody_knows" });

/** A fact of `schema`: mostly known, sometimes unknown, lists sometimes open, optional and even required fields missing. */
export function factOf(schema: FactSchema): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 8, arbitrary: knownFactOf(schema) }, { weight: 1, arbitrary: unknown });
}

function knownFactOf(schema: FactSchema): fc.Arbitrary<unknown> {
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.type === "array") return listOf(schema.items ?? {});
  if (isMap(schema)) {
    const value = factOf(schema.additionalProperties as FactSchema);
    return fc.dictionary(fc.constantFrom(...mapKeys), value, { maxKeys: 2 });
  }
  if (schema.type === "object") return recordOf(schema);
  if (schema.type === "boolean") return fc.boolean();
  return scalarOf(schema);
}

/** A number or a text, among those that are likely to meet. */
export function scalarOf(schema: FactSchema): fc.Arbitrary<number | string> {
  if (schema["x-hpl-type"] === "Time") return instant;
  if (schema.type === "integer") return fc.integer({ min: -2, max: 2 });
  return schema["x-hpl-format"] === "ip"
    ? fc.oneof({ weight: 9, arbitrary: address }, { weight: 1, arbitrary: word })
    : word;
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

/** SQL has labels and masks: it comes more often than the others. */
const action: fc.Arbitrary<Action> = fc.constantFrom<Family>("sql", "sql", ...families).chain((family) => {
  const known = recordOf(schemaOfFamily(family) ?? {}).map((facts) => ({ family, opaque: false, facts }));
  const opaque = fc.constant({ family, opaque: true, reasons: ["parse_error"] });
  return fc.oneof({ weight: 9, arbitrary: known }, { weight: 1, arbitrary: opaque }) as fc.Arbitrary<Action>;
});

/** The time is sometimes unknown, and sometimes not given at all. */
const now = fc.oneof(
  { weight: 6, arbitrary: instant as fc.Arbitrary<unknown> },
  { weight: 1, arbitrary: unknown },
  { weight: 1, arbitrary: fc.constant(undefined) },
);

const given = (entries: readonly (readonly [string, unknown])[]): object =>
  Object.fromEntries(entries.filter(([, value]) => value !== undefined));

const context = fc
  .tuple(fc.tuple(...commonRoots.map((root) => (root === "now" ? now : knownFactOf(schemaOfRoot(root) ?? {})))), zones)
  .map(([values, offsets]) => given([...commonRoots.map((root, i) => [root, values[i]] as const), ["zones", offsets]]));

export const request: fc.Arbitrary<Request> = fc
  .tuple(context, fc.array(action, { maxLength: 3 }))
  .chain(([common, actions]) =>
    fc.tuple(...actions.map((_, i) => fc.constantFrom(undefined, ...actions.slice(0, i).keys()))).map((parents) => {
      const related = actions.map((each, i) => (parents[i] === undefined ? each : { ...each, parent: parents[i] }));
      return { ...common, actions: related } as unknown as Request;
    }),
  );

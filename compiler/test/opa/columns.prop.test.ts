import fc from "fast-check";
import { expect, test } from "vitest";
import { decideNative } from "./decide-native.js";
import { decideOpa } from "./decide-opa.js";
import { allowed, openExample, requestOf, selectWith } from "./example-policy.js";

/** Columns taken at random are seldom certain, and what is not certain is refused under masks: here most of them are. */
const unknown = fc.constant({ "?": "why" });
const rarely = (usual: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 50, arbitrary: usual }, { weight: 1, arbitrary: unknown });
const source = fc.constantFrom("public.users.email", "hr.people.ssn", "public.orders.id", "a.b", 'ü."x".email');
const column = rarely(
  fc.record(
    {
      name: rarely(fc.string({ unit: "binary", maxLength: 6 }).filter((name) => name.isWellFormed())),
      sources: rarely(
        fc.oneof(
          { weight: 40, arbitrary: fc.array(source, { maxLength: 3 }) },
          { weight: 1, arbitrary: fc.record({ items: fc.array(source, { maxLength: 1 }), open: fc.constant(true) }) },
        ),
      ),
      exact: rarely(fc.boolean()),
    },
    { requiredKeys: ["sources"] },
  ),
);
const statement = fc.record({
  columns: fc.array(column, { maxLength: 5 }),
  predicate_columns: fc.oneof(
    { weight: 9, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(source, { maxLength: 1 }) },
  ),
  effects: fc.subarray(["read", "write"], { minLength: 1 }),
});

const { native, opa } = openExample();

test("masks, approvals and limits of several statements are the same for both targets", () => {
  let masks_count = 0;
  fc.assert(
    fc.property(fc.array(statement, { minLength: 1, maxLength: 3 }), fc.boolean(), (statements, isHuman) => {
      const asked = requestOf(...statements.map(selectWith));
      const input = { ...asked, principal: { ...allowed.principal, kind: isHuman ? "human" : "agent" } };
      const decision = decideOpa(opa, input);
      expect(decision).toEqual(decideNative(native, input));
      masks_count += decision.obligations.filter(({ type }) => type === "mask").length;
    }),
    { numRuns: Number(process.env.FUZZ_RUNS ?? 1_000) },
  );
  expect(masks_count).toBeGreaterThan(100);
});

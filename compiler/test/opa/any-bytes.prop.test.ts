import { readFileSync } from "node:fs";
import { loadPolicy } from "@hpl/runtime";
import type { Decision } from "@hpl/runtime/abi";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import { lower } from "../../src/4-lower/lower.js";
import { emit } from "../../src/5-emit/emit.js";
import { emitOpa } from "../../src/5-emit/opa/emit-opa.js";
import { request } from "../generators/facts.js";
import { policy } from "../generators/policies.js";
import { decideNative } from "./decide-native.js";
import { decideOpa, sdk } from "./decide-opa.js";
import { inputOf } from "./input-of.js";
import { readStrictJson } from "./strict-json.js";

/** Inputs tried for each property. `FUZZ_RUNS` makes it longer. */
const numRuns = Number(process.env.FUZZ_RUNS ?? 3_000);

/** Policies that allow something by default, so that what is refused is refused by the reader. */
const pairs = fc.sample(policy, { numRuns: 12, seed: 7 }).map((checked) => {
  const modules = checked.modules.map((module) => ({
    ...module,
    default: { verdict: "allow" as const, span: module.span },
  }));
  const lowered = lower({ ...checked, modules });
  const native = loadPolicy(emit(lowered, { ...checked, modules }));
  if (!native.ok) throw new Error(native.failure.message);
  return { native: native.policy, opa: sdk.loadPolicySync(emitOpa(lowered, { ...checked, modules })) };
});
const pair = fc.constantFrom(...pairs);

const schemaFile = new URL("../../../spec/decision.schema.json", import.meta.url);
const isDecision = new Ajv2020({ strict: false }).compile(JSON.parse(readFileSync(schemaFile, "utf8")));

const code = (decision: Decision) => decision.code ?? null;

/** Holds the module to the definition: JSON or not, and then the same decision, or block where it is stricter still. */
function hold({ native, opa }: (typeof pairs)[number], bytes: Uint8Array): void {
  const decision = decideOpa(opa, bytes);
  if (!isDecision(decision)) throw new Error(`not a decision: ${JSON.stringify([decision, isDecision.errors])}`);
  const read = readStrictJson(bytes);
  if (read === null) {
    expect(decision).toMatchObject({ verdict: "block", code: bytes.length === 0 ? "HPL8010" : "HPL8009" });
    return;
  }
  expect(["HPL8009", "HPL8010"]).not.toContain(code(decision));
  if (code(decision) === "HPL8002") expect(decision).toMatchObject({ verdict: "block", rules: [], obligations: [] });
  else expect(decision).toEqual(decideNative(native, read.value as Record<string, unknown>));
}

test("any bytes at all are answered, never with a trap", () => {
  fc.assert(
    fc.property(pair, fc.uint8Array({ maxLength: 64 }), (each, bytes) => hold(each, bytes)),
    { numRuns },
  );
});

test("any JSON at all is answered", () => {
  fc.assert(
    fc.property(pair, fc.json(), (each, text) => hold(each, new TextEncoder().encode(text))),
    { numRuns },
  );
});

const piece = fc.constantFrom(
  ...['"', "\\", "{", "}", "[", "]", ",", ":", " ", "\0", "0", "-", ".", "e", "1e3", "null", "true", "false", "\u0001"],
  ...['"?"', '{"?":"x"}', '"items"', '"open":true', "\\ud800", "\\u0000", "\\n", "é", "\u{1f600}", '"complete":true,'],
);
const edit = fc.record({ at: fc.nat(), remove: fc.nat(3), insert: fc.oneof(piece, fc.constant("")) });

/** The text with a few places changed; mostly no longer JSON. */
const edited = (text: string, edits: readonly { at: number; remove: number; insert: string }[]): string =>
  edits.reduce((before, { at, remove, insert }) => {
    const start = at % (before.length + 1);
    return before.slice(0, start) + insert + before.slice(start + remove);
  }, text);

test("a request that was damaged is refused, or means what it says", () => {
  fc.assert(
    fc.property(pair, request, fc.array(edit, { minLength: 1, maxLength: 3 }), (each, asked, edits) => {
      hold(each, new TextEncoder().encode(edited(JSON.stringify(inputOf(asked)), edits)));
    }),
    { numRuns },
  );
});

const json = fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.constant({ "?": "x" }), fc.constant({ items: [], open: true }));

/** `value` with the part that `steps` lead to replaced; mostly JSON still, and mostly of another type. */
function replaced(value: unknown, steps: readonly number[], by: unknown): unknown {
  const [step, ...rest] = steps;
  if (step === undefined || typeof value !== "object" || value === null) return by;
  const names = Object.keys(value);
  if (names.length === 0) return by;
  const name = names[step % names.length] ?? "";
  const copy: Record<string, unknown> = Array.isArray(value) ? ([...value] as never) : { ...value };
  copy[name] = replaced(copy[name], rest, by);
  return copy;
}

test("a request with a part replaced is refused, or decided as by the native target", () => {
  fc.assert(
    fc.property(pair, request, fc.array(fc.nat(), { minLength: 1, maxLength: 6 }), json, (each, asked, steps, by) => {
      const text = JSON.stringify(replaced(inputOf(asked), steps, by));
      hold(each, new TextEncoder().encode(text));
    }),
    { numRuns },
  );
});

test("where it does not refuse a shape that the native target takes, the text says why", () => {
  fc.assert(
    fc.property(
      pair,
      request,
      fc.array(fc.nat(), { minLength: 1, maxLength: 6 }),
      json,
      ({ native, opa }, asked, steps, by) => {
        const input = replaced(inputOf(asked), steps, by) as Record<string, unknown>;
        const decision = decideOpa(opa, JSON.stringify(input));
        if (code(decision) !== "HPL8002" || !Array.isArray(input.actions)) return;
        const odd = /"\?"|"open"|"dialect"|\d[.eE]|"version"/.test(JSON.stringify(input));
        if (!odd) expect(decideNative(native, input)).toMatchObject({ verdict: "block", code: "HPL8002" });
      },
    ),
    { numRuns },
  );
});

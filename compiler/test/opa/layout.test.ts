import { META_SECTION, opaLayout as opa, opaRefusals } from "@hpl/runtime/abi";
import { FACT_TEXT_SIZE_MAX, ZONE_OFFSET_MAX_MIN } from "@hpl/runtime/facts";
import { expect, test } from "vitest";
import { compile } from "../../src/index.js";
import { decideOpa, sdk } from "./decide-opa.js";
import { allowed, compileExample } from "./example-policy.js";

test("numbers that the kernel knows are those of the facts and of messages", () => {
  expect(opa.ZONE_OFFSET_MAX).toBe(ZONE_OFFSET_MAX_MIN);
  expect(opa.FACT_TEXT_MAX).toBe(FACT_TEXT_SIZE_MAX);
  expect(opaRefusals.length).toBe(opa.REFUSALS_COUNT);
  expect(Object.entries(opa).filter(([name]) => /^REFUSAL_(?!WORDS|NAME|MESSAGE|FIX|CODE)/.test(name))).toEqual(
    opaRefusals.map((refusal, i) => [`REFUSAL_${refusal.toUpperCase()}`, i]),
  );
});

test("a module says of itself what the native one does", () => {
  const [native, hosted] = (["native", "opa"] as const).map((target) => {
    const [section] = WebAssembly.Module.customSections(new WebAssembly.Module(compileExample(target)), META_SECTION);
    return JSON.parse(new TextDecoder().decode(section)) as object;
  });
  expect({ ...hosted, pages: 0 }).toEqual({ ...native, pages: 0 });
});

/** A policy whose tables are larger than the memory that hosts bring. */
const many = Array.from({ length: 3_000 }, (_, i) => `block "no-${i}" when principal.id == "somebody-${i}"`);
const large = compile(
  {
    sources: [{ path: "large.hpl", text: ["policy large governs sql", "default allow", ...many].join("\n") }],
    libraries: [],
  },
  "opa",
).module;

test.each([2, 5])("tables of many pages load into a memory of %i, and leave room behind them", (initial) => {
  const policy = sdk.loadPolicySync(large ?? new Uint8Array(), { initial });
  const { exports } = policy.wasmInstance;
  const heap = (exports.opa_heap_ptr_get as () => number)();
  expect(heap).toBeGreaterThan(5 * 65_536);
  expect(policy.mem.buffer.byteLength - heap).toBeGreaterThanOrEqual(4 * 65_536);
  expect(decideOpa(policy, allowed)).toMatchObject({ verdict: "allow" });
  const principal = { ...allowed.principal, id: "somebody-2999" };
  expect(decideOpa(policy, { ...allowed, principal })).toMatchObject({ message: "blocked by `large/no-2999`" });
});

test("tables that memory cannot hold do not load", () => {
  expect(() => sdk.loadPolicySync(large ?? new Uint8Array(), { initial: 2, maximum: 4 })).toThrow(
    WebAssembly.RuntimeError,
  );
});

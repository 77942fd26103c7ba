import { expect, test } from "vitest";
import { decideNative } from "./decide-native.js";
import { decideOpa, sdk } from "./decide-opa.js";
import { allowed, compileExample, openExample, requestOf, selectWith } from "./example-policy.js";

const module = compileExample("opa");
const { native, opa } = openExample();
const answer = decideNative(native, allowed);

const exportNames = [
  "builtins",
  "entrypoints",
  "eval",
  "memory",
  "opa_eval",
  "opa_eval_ctx_get_result",
  "opa_eval_ctx_new",
  "opa_eval_ctx_set_data",
  "opa_eval_ctx_set_entrypoint",
  "opa_eval_ctx_set_input",
  "opa_free",
  "opa_heap_blocks_restore",
  "opa_heap_blocks_stash",
  "opa_heap_ptr_get",
  "opa_heap_ptr_set",
  "opa_heap_stash_clear",
  "opa_json_dump",
  "opa_json_parse",
  "opa_malloc",
  "opa_value_add_path",
  "opa_value_dump",
  "opa_value_free",
  "opa_value_parse",
  "opa_value_remove_path",
  "opa_wasm_abi_minor_version",
  "opa_wasm_abi_version",
];

test("the module has the exports and imports of ABI 1.3, and no more", () => {
  const compiled = new WebAssembly.Module(module);
  expect(
    WebAssembly.Module.exports(compiled)
      .map(({ name }) => name)
      .toSorted(),
  ).toEqual(exportNames);
  expect(WebAssembly.Module.imports(compiled)).toEqual([
    { module: "env", name: "opa_abort", kind: "function" },
    { module: "env", name: "memory", kind: "memory" },
  ]);
  const { opa_wasm_abi_version, opa_wasm_abi_minor_version } = opa.wasmInstance.exports;
  expect((opa_wasm_abi_version as WebAssembly.Global).value).toBe(1);
  expect((opa_wasm_abi_minor_version as WebAssembly.Global).value).toBe(3);
});

test("the example says something of everything", () => {
  expect(answer).toMatchObject({ verdict: "allow", obligations: [{ type: "mask" }, { type: "limit" }] });
  const change = decideNative(native, requestOf(selectWith({ effects: ["read", "write"], kind: "update" })));
  expect(change).toMatchObject({ verdict: "approve" });
});

test.each([
  ["as it is", allowed],
  ["with two actions", requestOf(selectWith({}), selectWith({ effects: ["write"] }))],
  ["blocked with words to be escaped", requestOf(selectWith({ effects: ["drop"] }))],
  ["out of office", { ...allowed, now: Date.UTC(2026, 10, 28) }],
  ["by exception", { ...allowed, now: Date.UTC(2026, 10, 28), principal: { ...allowed.principal, id: "alice" } }],
  ["without its zone", { ...allowed, zones: {} }],
  ["of a human", { ...allowed, principal: { ...allowed.principal, kind: "human" } }],
  [
    "with reasons that UTF-8 and UTF-16 sort differently",
    requestOf(
      selectWith({ complete: false, reasons: ["\uff5e", "\u{1f600}b", "\ue000", "\u{1f600}", "z", "\u{1f600}b"] }),
    ),
  ],
  [
    "with reasons to be escaped",
    requestOf(selectWith({ complete: false, reasons: ['"\\\u0001\u001f\u2028\ud83d\ude00', "b"] })),
  ],
  [
    "with columns half known",
    requestOf(
      selectWith({
        columns: [
          { "?": "x" },
          { sources: ["a.b.ssn", { "?": "y" }], exact: true },
          { name: { "?": "z" }, sources: { "?": "q" } },
        ],
      }),
    ),
  ],
])("a request %s is decided as by the native target", (_what, input) => {
  expect(decideOpa(opa, input)).toEqual(decideNative(native, input));
});

test("entry points go by name and by number, and one that does not exist aborts", () => {
  expect(opa.entrypoints).toEqual({ "hpl/decision": 0 });
  expect(opa.evaluate(allowed, "hpl/decision")).toEqual([{ result: answer }]);
  expect(opa.evaluate(allowed, 0)).toEqual([{ result: answer }]);
  expect(() => opa.evaluate(allowed, "other")).toThrow("entrypoint other is not valid");
  expect(() => opa.evaluate(allowed, 1)).toThrow("internal: illegal entrypoint id");
  expect(() => opa.evaluate(allowed, -1)).toThrow("internal: illegal entrypoint id");
});

test("it loads synchronously and asynchronously", async () => {
  expect(sdk.loadPolicySync(module).evaluate(allowed)).toEqual([{ result: answer }]);
  expect((await sdk.loadPolicy(module)).evaluate(allowed)).toEqual([{ result: answer }]);
});

test("data is accepted and changes nothing", () => {
  const policy = sdk.loadPolicySync(module);
  for (const data of [{}, { world: "x".repeat(100_000) }, [], { prod: { databases: { default: "allow" } } }]) {
    policy.setData(data);
    expect(policy.evaluate(allowed)).toEqual([{ result: answer }]);
  }
  policy.setData(new TextEncoder().encode('{"hello": "world"}').buffer);
  expect(policy.evaluate(allowed)).toEqual([{ result: answer }]);
  expect(() => policy.setData(new TextEncoder().encode("{").buffer)).toThrow("failed to parse json value");
});

test.each([2, 5, 100])("it works in memory of %i pages", (initial) => {
  expect(sdk.loadPolicySync(module, { initial }).evaluate(allowed)).toEqual([{ result: answer }]);
});

test("it does not load into less memory than it says", () => {
  expect(() => sdk.loadPolicySync(module, { initial: 1 })).toThrow(WebAssembly.LinkError);
});

test("large inputs, again and again, take no more memory than the first", () => {
  const policy = sdk.loadPolicySync(module, { initial: 2, maximum: 8 });
  const input = "a".repeat(2 * 65_536);
  const sizes = Array.from({ length: 16 }, () => {
    expect(decideOpa(policy, JSON.stringify(input))).toMatchObject({ verdict: "block", code: "HPL8002" });
    return policy.mem.buffer.byteLength;
  });
  expect(new Set(sizes).size).toBe(1);
});

test("memory that the host cannot grow is the host's error", () => {
  const policy = sdk.loadPolicySync(module, { initial: 2, maximum: 3 });
  expect(() => policy.evaluate("a".repeat(3 * 65_536))).toThrow(RangeError);
});

test("memory that the module cannot grow is block, and the next request finds all as it was", () => {
  const policy = sdk.loadPolicySync(module, { initial: 3, maximum: 4 });
  const large = requestOf(selectWith({ functions: Array.from({ length: 5_000 }, () => ({})) }));
  expect(decideOpa(policy, large)).toMatchObject({ verdict: "block", code: "HPL8003", reasons: ["too_large"] });
  expect(policy.evaluate(allowed)).toEqual([{ result: answer }]);
});

test("repeated evaluation gives the same answer in the same memory", () => {
  const policy = sdk.loadPolicySync(module);
  policy.evaluate(allowed);
  const size = policy.mem.buffer.byteLength;
  for (let i = 0; i < 5_000; i++) policy.evaluate(allowed);
  expect(policy.evaluate(allowed)).toEqual([{ result: answer }]);
  expect(policy.mem.buffer.byteLength).toBe(size);
});

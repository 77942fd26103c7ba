import { describe, expect, test } from "vitest";
import { decideNative } from "./decide-native.js";
import { allowed, compileExample, openExample, requestOf, selectWith } from "./example-policy.js";

const module = new WebAssembly.Module(compileExample("opa"));
const answer = decideNative(openExample().native, allowed);
const json = JSON.stringify(allowed);
const array = JSON.stringify([{ result: answer }]);

type Call = (...values: number[]) => number;

/** A host as the ABI describes one, that talks to the module by address. */
function openHost(initial = 5, maximum?: number) {
  const memory = new WebAssembly.Memory({ initial, ...(maximum === undefined ? {} : { maximum }) });
  const opa_abort = (at: number): never => {
    throw new Error(`abort: ${read(at)}`);
  };
  const exports = new WebAssembly.Instance(module, { env: { memory, opa_abort } }).exports as Record<string, Call>;
  const call = (name: string, ...values: number[]): number => exports[name]?.(...values) ?? 0;
  const read = (at: number): string => {
    const bytes = new Uint8Array(memory.buffer);
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(at, bytes.indexOf(0, at)));
  };
  const write = (at: number, text: string): number => {
    const bytes = new TextEncoder().encode(text);
    new Uint8Array(memory.buffer).set(bytes, at);
    return bytes.length;
  };
  /** The text in memory of the module's own giving. */
  const store = (text: string): readonly [address: number, size: number] => {
    const address = call("opa_malloc", new TextEncoder().encode(text).length);
    return [address, write(address, text)];
  };
  /** Writes `text` where the heap begins and evaluates, as hosts do from ABI 1.2 on. */
  const evaluate = (text: string, format = 0): string => {
    const at = call("opa_heap_ptr_get");
    const size = write(at, text);
    return read(call("opa_eval", 0, 0, 0, at, size, at + size, format));
  };
  return { memory, call, read, write, store, evaluate };
}

test("an answer is an array of one result, or OPA's set of it", () => {
  const host = openHost();
  expect(JSON.parse(host.evaluate(json))).toEqual([{ result: answer }]);
  expect(host.evaluate(json, 1)).toBe(`{{"result":${host.evaluate(json).slice('[{"result":'.length, -2)}}}`);
});

test("the input stands where the heap began, at any address, and is left as it was", () => {
  const host = openHost();
  const base = host.call("opa_heap_ptr_get");
  const escaped = json.replace("psql", "\\u0070\\u0073q\\u006c");
  for (let offset = 0; offset < 9; offset++) {
    const size = host.write(base + offset, escaped);
    const heap = base + offset + size;
    for (const _ of [1, 2]) {
      const result = host.call("opa_eval", 0, 0, 0, base + offset, size, heap, 0);
      expect(JSON.parse(host.read(result))).toEqual([{ result: answer }]);
      expect(result).toBeGreaterThanOrEqual(heap);
    }
  }
});

test("a heap that begins before the input ends does not run over it", () => {
  const host = openHost();
  const base = host.call("opa_heap_ptr_get");
  const size = host.write(base + 1_000, json);
  for (const heap of [0, base, base + 1_000, base + 1_000 + size]) {
    const result = host.call("opa_eval", 0, 0, 0, base + 1_000, size, heap, 0);
    expect(JSON.parse(host.read(result))).toEqual([{ result: answer }]);
  }
});

test("what was allocated before the heap was set back is not needed again", () => {
  const host = openHost();
  const base = host.call("opa_heap_ptr_get");
  const data = host.call("opa_json_parse", ...host.store('{"some":"data"}'));
  host.call("opa_heap_ptr_set", base);
  new Uint8Array(host.memory.buffer).fill(0xff, base);
  const size = host.write(base, json);
  const result = host.call("opa_eval", 0, 0, data, base, size, base + size, 0);
  expect(JSON.parse(host.read(result))).toEqual([{ result: answer }]);
  expect(JSON.parse(host.read(host.call("opa_json_dump", host.call("builtins"))))).toEqual({});
  expect(JSON.parse(host.read(host.call("opa_json_dump", host.call("entrypoints"))))).toEqual({ "hpl/decision": 0 });
});

test("the heap begins low: a host that does not grow memory has four pages of five for itself", () => {
  expect(openHost().call("opa_heap_ptr_get")).toBeLessThan(65_536);
});

test("memory that the host has grown is used", () => {
  const host = openHost(2);
  host.memory.grow(3);
  const base = host.call("opa_heap_ptr_get");
  const address = host.call("opa_malloc", 4 * 65_536 - base);
  expect(address + 4 * 65_536 - base).toBeLessThanOrEqual(5 * 65_536);
  expect(host.memory.buffer.byteLength).toBe(5 * 65_536);
  host.call("opa_malloc", 100_000);
  expect(host.memory.buffer.byteLength).toBeGreaterThan(5 * 65_536);
});

test("allocations are aligned, may be of nothing, and say so when they fail", () => {
  const host = openHost(2, 3);
  host.call("opa_heap_ptr_set", host.call("opa_heap_ptr_get") + 3);
  expect(host.call("opa_malloc", 0) % 8).toBe(0);
  expect(host.call("opa_malloc", 5) % 8).toBe(0);
  for (const size of [3 * 65_536, 0x7fff_ffff, -1]) {
    expect(() => host.call("opa_malloc", size)).toThrow("abort: opa_malloc: failed");
  }
  expect(host.call("opa_malloc", 16)).toBeGreaterThan(0);
});

test("freeing does nothing, to a value in the tables as to any", () => {
  const host = openHost();
  const builtins = host.call("builtins");
  for (const free of ["opa_free", "opa_value_free"]) {
    for (const address of [builtins, 0, -1, 0x7fff_ffff]) host.call(free, address);
  }
  for (const name of ["opa_heap_blocks_stash", "opa_heap_blocks_restore", "opa_heap_stash_clear"]) host.call(name);
  expect(host.read(host.call("opa_json_dump", builtins))).toBe("{}");
  expect(JSON.parse(host.evaluate(json))).toEqual([{ result: answer }]);
});

describe("the way of ABI 1.0, by a context", () => {
  const evaluate = (host: ReturnType<typeof openHost>, input: number, entrypoint = 0): number => {
    const context = host.call("opa_eval_ctx_new");
    host.call("opa_eval_ctx_set_input", context, input);
    host.call("opa_eval_ctx_set_data", context, host.call("opa_json_parse", ...host.store("{}")));
    host.call("opa_eval_ctx_set_entrypoint", context, entrypoint);
    expect(host.call("eval", context)).toBe(0);
    return host.call("opa_eval_ctx_get_result", context);
  };

  test("gives the same answers", () => {
    const host = openHost();
    const input = host.call("opa_json_parse", ...host.store(json));
    for (const _ of [1, 2]) {
      const result = evaluate(host, input);
      expect(JSON.parse(host.read(host.call("opa_json_dump", result)))).toEqual([{ result: answer }]);
      expect(host.read(host.call("opa_value_dump", result))).toMatch(/^\{\{"result":\{.*\}\}\}$/);
    }
    expect(host.read(host.call("opa_json_dump", input))).toBe(json);
  });

  test("without an input, or with one that is no value, is block", () => {
    const host = openHost();
    for (const input of [0, -1, 8, 0x7fff_ffff]) {
      const text = host.read(host.call("opa_json_dump", evaluate(host, input)));
      expect(JSON.parse(text)).toMatchObject([{ result: { verdict: "block", code: "HPL8010" } }]);
    }
  });

  test("aborts at an entry point that does not exist", () => {
    expect(() => evaluate(openHost(), 0, 7)).toThrow("abort: internal: illegal entrypoint id");
  });
});

test("JSON is parsed whole or not at all", () => {
  const host = openHost();
  const parse = (text: string, less = 0): number => {
    const [address, size] = host.store(text);
    return host.call("opa_json_parse", address, size - less);
  };
  expect(host.read(host.call("opa_json_dump", parse('{"a":[1,"é"]}\0')))).toContain('{"a":[1,"é"]}');
  for (const text of ["", "{", "{} x", "nul", "[1,]", '{"a":1,"a":2}']) expect(parse(text)).toBe(0);
  expect(parse('{"a":"é"}', 1)).toBe(0); // A host that counts UTF-16 units where bytes are meant.
  for (const [at, size] of [
    [-1, 5],
    [0x7fff_0000, 5],
    [1024, -1],
    [1024, 0x7fff_ffff],
  ] as const) {
    expect(host.call("opa_json_parse", at, size)).toBe(0);
  }
});

test("data in OPA's own notation is accepted, and any change of it", () => {
  const host = openHost();
  const data = host.call("opa_value_parse", ...host.store('{"a": {1, 2}, 3: set()}'));
  expect(host.read(host.call("opa_value_dump", data))).toBe('{"a": {1, 2}, 3: set()}');
  expect(host.call("opa_value_add_path", data, data, data)).toBe(0);
  expect(host.call("opa_value_remove_path", data, data)).toBe(0);
});

test("numbers that a host should not pass are block, never a trap", () => {
  const host = openHost();
  const base = host.call("opa_heap_ptr_get");
  for (const [input, size, heap] of [
    [-1, 10, base],
    [base, -1, base],
    [base, 0x7fff_ffff, base],
    [0x7fff_fff0, 64, base],
    [0, 0, 0],
    [0, 0, -5],
    [base, 20, 0x7fff_ffff],
  ] as const) {
    const text = host.read(host.call("opa_eval", 0, 0, 0, input, size, heap, 0));
    expect(JSON.parse(text)).toMatchObject([{ result: { verdict: "block" } }]);
  }
  host.call("opa_heap_ptr_set", base);
  expect(host.evaluate(json)).toBe(openHost().evaluate(json));
});

test("where there is no memory to write an answer, there is one already", () => {
  const host = openHost(2, 2);
  const [one = 0, set = 0] = [0, 1].map((format) => host.call("opa_eval", 0, 0, 0, 0, 0, 2 * 65_536 - 10, format));
  expect(JSON.parse(host.read(one))).toMatchObject([{ result: { verdict: "block", code: "HPL8003" } }]);
  expect(host.read(set)).toMatch(/^\{\{"result":\{"verdict":"block",.*\}\}\}$/);
});

test("a decision never depends on what was decided before", () => {
  const host = openHost();
  const other = JSON.stringify(requestOf(selectWith({ effects: ["drop"], columns: [] }), { sql: { "?": "x" } }));
  const alone = openHost().evaluate(other);
  for (const _ of [1, 2, 3]) {
    expect(host.evaluate(json)).toHaveLength(array.length);
    expect(host.evaluate(other)).toBe(alone);
    expect(host.evaluate('{"principal":')).toContain("HPL8009");
  }
});

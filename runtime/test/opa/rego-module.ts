/**
 * WebAssembly modules that speak OPA's ABI 1.3 and do one thing each: stand-ins for compiled Rego policies.
 *
 * In: what evaluating is to do. Out: the bytes of a module. There is no Rego compiler on npm; what the loader sees of a
 * policy is its exports and the JSON they leave in memory, and that is all these modules have. Values are addresses of JSON
 * text with a NUL behind; nothing is parsed.
 */

/** What `opa_eval` does. */
export type Evaluation =
  /** Returns this text as the result set. */
  | { readonly kind: "return"; readonly text: string }
  /** Returns the result `true` for exactly this input, and `false` for every other. */
  | { readonly kind: "expect_input"; readonly text: string }
  | { readonly kind: "trap" }
  | { readonly kind: "abort"; readonly text: string }
  /** Calls a built-in function by a name the library does not have. */
  | { readonly kind: "call_missing_builtin" }
  /** Traps in the first call, and returns the result `true` in later ones of the same instance. */
  | { readonly kind: "trap_first" }
  | { readonly kind: "run_out_of_memory" };

const entrypointsText = '{"authz/allow":0,"other/rule":1}';

export function makeRegoModule(evaluation: Evaluation): Uint8Array<ArrayBuffer> {
  const builtins = evaluation.kind === "call_missing_builtin" ? '{"made.up":0}' : "{}";
  const texts = layTexts([builtins, entrypointsText, '[{"result":true}]', '[{"result":false}]', textOf(evaluation)]);
  const at = (i: number): number => texts.addresses[i] ?? 0;
  const text = { address: at(4), size: utf8(textOf(evaluation)).length };
  const bodies: Readonly<Record<string, readonly number[]>> = {
    builtins: constant(at(0)),
    entrypoints: constant(at(1)),
    opa_heap_ptr_get: constant(heapAddress),
    opa_heap_ptr_set: [],
    opa_malloc: constant(heapAddress),
    opa_json_parse: local(0),
    opa_json_dump: local(0),
    opa_eval: evaluationBody(evaluation, text, at(2), at(3)),
  };
  return assemble(bodies, texts.segment);
}

const textOf = (evaluation: Evaluation): string => ("text" in evaluation ? evaluation.text : "");

/** Texts stand from here on, each with a NUL behind; the flag of `trap_first` stands before them. */
const flagAddress = 512;
const textsAddress = 1_024;
const heapAddress = 60_000;

function layTexts(texts: readonly string[]) {
  const bytes: number[] = [];
  const addresses = texts.map((text) => {
    const address = textsAddress + bytes.length;
    bytes.push(...utf8(text), 0);
    return address;
  });
  return { addresses, segment: bytes };
}

const utf8 = (text: string): readonly number[] => [...new TextEncoder().encode(text)];

// Instructions. https://webassembly.github.io/spec/core/binary/instructions.html
const I32 = 0x7f;
const EMPTY = 0x40;
const constant = (value: number): readonly number[] => [0x41, ...signed(value)];
const local = (index: number): readonly number[] => [0x20, index];
const setLocal = (index: number): readonly number[] => [0x21, index];
const call = (index: number): readonly number[] => [0x10, index];
const loadByte = [0x2d, 0, 0];
const [TRAP, ADD, NOT_EQUAL, LESS, RETURN, END] = [0x00, 0x6a, 0x47, 0x48, 0x0f, 0x0b];
const ifThen = (condition: readonly number[], body: readonly number[]) => [...condition, 0x04, EMPTY, ...body, END];

/** Parameters of `opa_eval`: reserved, entrypoint, data, input, size of the input, heap, format. One local more: 7. */
const [INPUT, SIZE, POSITION] = [3, 4, 7];
const ABORT = 0;
const BUILTIN0 = 1;

function evaluationBody(
  evaluation: Evaluation,
  text: { readonly address: number; readonly size: number },
  yes: number,
  no: number,
): readonly number[] {
  switch (evaluation.kind) {
    case "return":
      return constant(text.address);
    case "expect_input":
      return expectInput(text, yes, no);
    case "trap":
      return [TRAP];
    case "abort":
      return [...constant(text.address), ...call(ABORT), TRAP];
    case "call_missing_builtin":
      return [...constant(0), ...constant(0), ...call(BUILTIN0)];
    case "trap_first": {
      const raiseFlag = [...constant(flagAddress), ...constant(1), 0x36, 2, 0];
      return [...ifThen([...constant(flagAddress), 0x28, 2, 0, 0x45], [...raiseFlag, TRAP]), ...constant(yes)];
    }
    case "run_out_of_memory":
      // Copies to behind the end of any memory.
      return [...constant(0x7fff0000), ...constant(0), ...constant(64), 0xfc, 10, 0, 0, ...constant(yes)];
  }
}

function expectInput(
  text: { readonly address: number; readonly size: number },
  yes: number,
  no: number,
): readonly number[] {
  const answerNo = [...constant(no), RETURN];
  const byteOfInput = [...local(INPUT), ...local(POSITION), ADD, ...loadByte];
  const byteOfText = [...constant(text.address), ...local(POSITION), ADD, ...loadByte];
  const advance = [...local(POSITION), ...constant(1), ADD, ...setLocal(POSITION)];
  const again = [...local(POSITION), ...local(SIZE), LESS, 0x0d, 0];
  return [
    ...ifThen([...local(SIZE), ...constant(text.size), NOT_EQUAL], answerNo),
    ...[0x03, EMPTY, ...ifThen([...byteOfInput, ...byteOfText, NOT_EQUAL], answerNo), ...advance, ...again, END],
    ...constant(yes),
  ];
}

// The module. https://webassembly.github.io/spec/core/binary/modules.html
const unsigned = (value: number): readonly number[] =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
const signed = (value: number): readonly number[] =>
  value >= -64 && value < 64 ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(value >> 7)];
const vector = (items: readonly (readonly number[])[]): readonly number[] => [
  ...unsigned(items.length),
  ...items.flat(),
];
const sized = (bytes: readonly number[]): readonly number[] => [...unsigned(bytes.length), ...bytes];
const named = (name: string): readonly number[] => sized(utf8(name));
const section = (id: number, content: readonly number[]): readonly number[] => [id, ...sized(content)];

/** Types by number: how many i32 in, how many out. */
const types = [
  [1, 0],
  [2, 1],
  [0, 1],
  [1, 1],
  [7, 1],
] as const;

const signatures: Readonly<Record<string, number>> = {
  builtins: 2,
  entrypoints: 2,
  opa_heap_ptr_get: 2,
  opa_heap_ptr_set: 0,
  opa_malloc: 3,
  opa_json_parse: 1,
  opa_json_dump: 3,
  opa_eval: 4,
};

function assemble(bodies: Readonly<Record<string, readonly number[]>>, segment: readonly number[]) {
  const names = Object.keys(bodies);
  const global = (value: number) => [I32, 0, ...constant(value), END];
  const functions = names.map((name, i) => [...named(name), 0, 2 + i]);
  const versions = [
    [...named("opa_wasm_abi_version"), 3, 0],
    [...named("opa_wasm_abi_minor_version"), 3, 1],
  ];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(
      1,
      vector(types.map(([ins, outs]) => [0x60, ...vector(Array(ins).fill([I32])), ...vector(Array(outs).fill([I32]))])),
    ),
    ...section(
      2,
      vector([
        [...named("env"), ...named("memory"), 2, 0, 2],
        [...named("env"), ...named("opa_abort"), 0, 0],
        [...named("env"), ...named("opa_builtin0"), 0, 1],
      ]),
    ),
    ...section(3, vector(names.map((name) => unsigned(signatures[name] ?? 0)))),
    ...section(6, vector([global(1), global(3)])),
    ...section(7, vector([...functions, ...versions])),
    ...section(10, vector(names.map((name) => sized([1, 1, I32, ...(bodies[name] ?? []), END])))),
    ...section(11, vector([[0, ...constant(textsAddress), END, ...sized(segment)]])),
  ]);
}

// A policy module for OPA's hosts: the exports of ABI 1.3 around the kernel that every module has. The host puts JSON into
// memory, calls `opa_eval`, and reads JSON where that points; `hpl/decision` is the only entry point. Data is accepted and
// ignored: what a decision depends on comes with the request, so that the same request gives the same decision.
//
// Where OPA goes on with an input it cannot read as if there were none, this answers `block`, with a code. Nothing the host
// passes makes the module trap; only an entry point that does not exist, or an allocation that fails, ends in `opa_abort`.
//
// Values are 16 bytes: what they are, and the text they stand for. The module keeps no list of free blocks, so freeing and
// stashing do nothing; the host sets the heap back as a whole. Imports: memory, and `opa_abort`.
import * as opa from "../../src/abi/opa-layout";
import { decideText } from "./decide";
import { allocate, heapTop, isInMemory, setHeapTop, word } from "./heap";
import { isOutputFull, putByte, putBytes, putPiece, startOutput } from "./output";
import { scan } from "./scan";
import { decisionSize, decisionStart } from "./write-decision";

// @ts-ignore: decorator
@external("env", "opa_abort")
declare function opa_abort(text: i32): void;

export const opa_wasm_abi_version: i32 = opa.OPA_ABI_VERSION;
export const opa_wasm_abi_minor_version: i32 = opa.OPA_ABI_MINOR_VERSION;

/** Shapes of an answer: an array of results, or OPA's set of them. */
const AS_JSON: i32 = 0;

// An evaluation context: input, data, result, entry point, as OPA lays it out.
const CONTEXT_INPUT: i32 = 0;
const CONTEXT_DATA: i32 = 4;
const CONTEXT_RESULT: i32 = 8;
const CONTEXT_ENTRYPOINT: i32 = 12;
const CONTEXT_SIZE: i32 = 16;

export function builtins(): i32 {
  return word(opa.OPA_BUILTINS);
}
export function entrypoints(): i32 {
  return word(opa.OPA_ENTRYPOINTS);
}

export function opa_malloc(size: i32): i32 {
  const address = allocate(size);
  if (address == 0) {
    opa_abort(word(opa.OPA_MALLOC_FAILED));
    unreachable();
  }
  return address;
}
export function opa_free(_address: i32): void {}
export function opa_value_free(_value: i32): void {}
export function opa_heap_ptr_get(): i32 {
  return heapTop();
}
export function opa_heap_ptr_set(address: i32): void {
  setHeapTop(address);
}
export function opa_heap_blocks_stash(): void {}
export function opa_heap_blocks_restore(): void {}
export function opa_heap_stash_clear(): void {}

/** A value for the `size` bytes at `text`, which must be one whole JSON document; 0 when they are not. */
export function opa_json_parse(text: i32, size: i32): i32 {
  if (!isInMemory(text, size)) return 0;
  const before = heapTop();
  const isJson = scan(text, size) != 0;
  setHeapTop(before);
  return isJson ? makeValue(opa.VALUE_IS_TEXT, text, size) : 0;
}

/** The same for OPA's own notation, in which hosts hand over data. Nobody looks at data; an input is looked at later. */
export function opa_value_parse(text: i32, size: i32): i32 {
  return isInMemory(text, size) ? makeValue(opa.VALUE_IS_TEXT, text, size) : 0;
}

function makeValue(kind: i32, text: i32, size: i32): i32 {
  const value = opa_malloc(opa.VALUE_SIZE);
  store<i32>(value + opa.VALUE_KIND, kind);
  store<i32>(value + opa.VALUE_TEXT, text);
  store<i32>(value + opa.VALUE_TEXT_SIZE, size);
  return value;
}

export function opa_json_dump(value: i32): i32 {
  return dump(value, opa.PIECE_RESULT_OPEN, opa.PIECE_RESULT_CLOSE);
}
export function opa_value_dump(value: i32): i32 {
  return dump(value, opa.PIECE_SET_OPEN, opa.PIECE_SET_CLOSE);
}

/** Whether `value` is one of ours, and its text still in memory. */
function isValue(value: i32): bool {
  if (!isInMemory(value, opa.VALUE_SIZE)) return false;
  const kind = load<i32>(value + opa.VALUE_KIND);
  const isOurs = kind == opa.VALUE_IS_TEXT || kind == opa.VALUE_IS_RESULT;
  return isOurs && isInMemory(load<i32>(value + opa.VALUE_TEXT), load<i32>(value + opa.VALUE_TEXT_SIZE));
}

/** The value's text with a zero byte behind it. A result stands between the pieces `open` and `close`. */
function dump(value: i32, open: i32, close: i32): i32 {
  const start = startOutput();
  if (isValue(value)) {
    const isResult = load<i32>(value + opa.VALUE_KIND) == opa.VALUE_IS_RESULT;
    if (isResult) putPiece(open);
    putBytes(load<i32>(value + opa.VALUE_TEXT), load<i32>(value + opa.VALUE_TEXT_SIZE));
    if (isResult) putPiece(close);
  }
  putByte(0);
  if (isOutputFull()) {
    opa_abort(word(opa.OPA_MALLOC_FAILED));
    unreachable();
  }
  return start;
}

/** Data is not looked at, so any change of it has been made: 0. */
export function opa_value_add_path(_base: i32, _path: i32, _value: i32): i32 {
  return 0;
}
export function opa_value_remove_path(_base: i32, _path: i32): i32 {
  return 0;
}

function requireEntrypoint(entrypoint: i32): void {
  if (entrypoint == 0) return;
  opa_abort(word(opa.OPA_BAD_ENTRYPOINT));
  unreachable();
}

/** Decides on the `size` bytes at `input`, with the heap from `heap` on. Returns the answer, with a zero byte behind it. */
export function opa_eval(_reserved: i32, entrypoint: i32, _data: i32, input: i32, size: i32, heap: i32, format: i32): i32 {
  requireEntrypoint(entrypoint);
  setHeapTop(heap);
  const isJson = format == AS_JSON;
  const isWritten = decideText(input, isInMemory(input, size) ? size : 0);
  if (!isWritten) return word(isJson ? opa.OPA_NO_MEMORY : opa.OPA_NO_MEMORY_SET);
  const decision = decisionStart();
  const decision_size = decisionSize();
  const start = startOutput();
  putPiece(isJson ? opa.PIECE_RESULT_OPEN : opa.PIECE_SET_OPEN);
  putBytes(decision, decision_size);
  putPiece(isJson ? opa.PIECE_RESULT_CLOSE : opa.PIECE_SET_CLOSE);
  putByte(0);
  return isOutputFull() ? word(isJson ? opa.OPA_NO_MEMORY : opa.OPA_NO_MEMORY_SET) : start;
}

export function opa_eval_ctx_new(): i32 {
  const context = opa_malloc(CONTEXT_SIZE);
  memory.fill(context, 0, CONTEXT_SIZE);
  return context;
}
export function opa_eval_ctx_set_input(context: i32, value: i32): void {
  setContext(context, CONTEXT_INPUT, value);
}
export function opa_eval_ctx_set_data(context: i32, value: i32): void {
  setContext(context, CONTEXT_DATA, value);
}
export function opa_eval_ctx_set_entrypoint(context: i32, entrypoint: i32): void {
  setContext(context, CONTEXT_ENTRYPOINT, entrypoint);
}
export function opa_eval_ctx_get_result(context: i32): i32 {
  return isContext(context) ? load<i32>(context + CONTEXT_RESULT) : 0;
}

function isContext(context: i32): bool {
  return context >= word(opa.OPA_HEAP_BASE) && isInMemory(context, CONTEXT_SIZE);
}

function setContext(context: i32, field: i32, value: i32): void {
  if (isContext(context)) store<i32>(context + field, value);
}

/** Decides on the input of `context` and puts the result there. Always 0. */
export function eval(context: i32): i32 {
  if (!isContext(context)) return 0;
  requireEntrypoint(load<i32>(context + CONTEXT_ENTRYPOINT));
  const input = load<i32>(context + CONTEXT_INPUT);
  const isWritten = isValue(input)
    ? decideText(load<i32>(input + opa.VALUE_TEXT), load<i32>(input + opa.VALUE_TEXT_SIZE))
    : decideText(0, 0);
  const result = isWritten
    ? makeValue(opa.VALUE_IS_RESULT, decisionStart(), decisionSize())
    : makeValue(opa.VALUE_IS_TEXT, word(opa.OPA_NO_MEMORY), noMemorySize());
  store<i32>(context + CONTEXT_RESULT, result);
  return 0;
}

function noMemorySize(): i32 {
  let size = 0;
  while (load<u8>(word(opa.OPA_NO_MEMORY) + size) != 0) size++;
  return size;
}

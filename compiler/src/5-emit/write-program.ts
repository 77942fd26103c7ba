import * as abi from "@hpl/runtime/abi";
import type { Instruction, LoweredPath, Program } from "../4-lower/lowered.js";
import { unreachable } from "../diagnostics/unreachable.js";
import type { TableWriter } from "./table-writer.js";

/** Lays out `program` and everything it points at; returns the address of its first instruction. O(instructions). */
export function writeProgram(writer: TableWriter, program: Program): number {
  assertFits(program);
  const encoded = program.map((instruction) => encode(writer, instruction));
  const offsets: number[] = [];
  let offset = 0;
  for (const { words } of encoded) {
    offsets.push(offset);
    offset += words.length * 4;
  }
  const start = writer.reserve(offset / 4 + 1);
  const addressOf = (index: number): number => start + (offsets[index] ?? offset);
  encoded.forEach(({ words, target }, i) => {
    words.forEach((word, w) => {
      writer.set(addressOf(i) + w * 4, word);
    });
    if (target !== null) writer.set(addressOf(i) + (words.length - 1) * 4, addressOf(target));
  });
  writer.set(start + offset, abi.OP_END);
  return start;
}

/** Counts stack and quantifiers along the program: jumps leave the stack as falling through does. */
function assertFits(program: Program): void {
  let stack = 0;
  let depth = 0;
  for (const { op } of program) {
    if (op === "and" || op === "or") stack--;
    else if (op === "each") depth++;
    else if (op === "next") depth--;
    else if (op !== "not" && op !== "jump_if_false" && op !== "jump_if_true") stack++;
    if (stack > abi.STACK_MAX || depth > abi.QUANTIFIER_DEPTH_MAX) throw new Error("HPL9001: a condition is too deep");
  }
}

/** An instruction's words. When `target` names an instruction, its address replaces the last word. */
interface Encoded {
  readonly words: readonly number[];
  readonly target: number | null;
}

const plain = (...words: number[]): Encoded => ({ words, target: null });

const setOperations = {
  in: abi.OP_IN,
  has_any: abi.OP_HAS_ANY,
  has_all: abi.OP_HAS_ALL,
  only: abi.OP_ONLY,
} as const;

function encode(writer: TableWriter, instruction: Instruction): Encoded {
  switch (instruction.op) {
    case "constant":
      return plain(abi.OP_CONSTANT, instruction.value ? abi.TRUE : abi.FALSE);
    case "not":
      return plain(abi.OP_NOT);
    case "and":
      return plain(abi.OP_AND);
    case "or":
      return plain(abi.OP_OR);
    case "jump_if_false":
      return { words: [abi.OP_JUMP_IF_FALSE, 0], target: instruction.to };
    case "jump_if_true":
      return { words: [abi.OP_JUMP_IF_TRUE, 0], target: instruction.to };
    case "is_true":
      return plain(abi.OP_IS_TRUE, writePath(writer, instruction.path));
    case "is_present":
      return plain(abi.OP_IS_PRESENT, writePath(writer, instruction.path));
    case "compare":
      return plain(
        abi.OP_COMPARE,
        instruction.comparison,
        writePath(writer, instruction.path),
        writer.cells([instruction.value]),
      );
    case "compare_facts":
      return plain(
        abi.OP_COMPARE_FACTS,
        instruction.comparison,
        writePath(writer, instruction.left),
        writePath(writer, instruction.right),
      );
    case "in":
    case "has_any":
    case "has_all":
    case "only":
      return plain(
        setOperations[instruction.op],
        writePath(writer, instruction.path),
        instruction.values.length,
        writer.cells(instruction.values),
      );
    case "like":
      return plain(
        abi.OP_LIKE,
        writePath(writer, instruction.path),
        instruction.globs.length,
        writer.globs(instruction.globs),
      );
    case "matches": {
      const automata = writer.automata(instruction.automata);
      return plain(abi.OP_MATCHES, writePath(writer, instruction.path), instruction.automata.length, automata);
    }
    case "in_cidr": {
      const ranges = writer.ranges(instruction.ranges);
      return plain(abi.OP_IN_CIDR, writePath(writer, instruction.path), instruction.ranges.length, ranges);
    }
    case "each": {
      const quantifier = instruction.quantifier === "all" ? abi.QUANTIFIER_ALL : abi.QUANTIFIER_ANY;
      return { words: [abi.OP_EACH, quantifier, writePath(writer, instruction.path), 0], target: instruction.to };
    }
    case "next":
      return { words: [abi.OP_NEXT, 0], target: instruction.to };
    default:
      return unreachable(instruction);
  }
}

/** Lays out where a value stands; returns its address. */
export function writePath(writer: TableWriter, path: LoweredPath): number {
  const steps = path.steps.flatMap((step) => {
    if (typeof step === "number") return [step, -1];
    const { address, size } = writer.text(step);
    return [address, size];
  });
  return writer.path([path.root, path.steps.length, ...steps]);
}

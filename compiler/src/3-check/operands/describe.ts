import type { FactType } from "../../2-resolve/fact-types.js";
import type { Operand } from "./operand.js";

/** A type, as a message names it. */
export function describeType(type: FactType): string {
  const names = {
    Bool: "true or false",
    Number: "a number",
    Time: "a point in time",
    Duration: "a span of time",
    Bytes: "a size",
    Group: "a group",
    Label: "a label",
    Grant: "a grant",
    Detector: "a detector",
  };
  switch (type.kind) {
    case "Text":
      return "text";
    case "Enum":
      return "one of a fixed list of words";
    case "List":
      return "a list";
    case "Map":
    case "Record":
      return "a group of facts";
    default:
      return names[type.kind];
  }
}

const operandNames = {
  Set: "a set",
  Group: "a group",
  Grant: "a grant",
  Detector: "a detector",
  Cidr: "a set of addresses",
  Window: "a window",
  Instant: "a point in time",
  Word: "a word",
  Condition: "a condition",
  Broken: "nothing",
};

/** What an operand is, as a message names it. */
export function describeOperand(operand: Operand): string {
  switch (operand.kind) {
    case "Fact":
      return describeType(operand.type);
    case "Constant":
      return { string: "text", number: "a number", boolean: "true or false" }[
        typeof operand.value as "string" | "number" | "boolean"
      ];
    case "Measure":
      return operand.unit === "Bytes" ? "a size" : "a span of time";
    default:
      return operandNames[operand.kind];
  }
}

/** Strong Kleene truth: `and` is the least, `or` the greatest, in the order false < unknown < true. */
export type Truth = "false" | "unknown" | "true";

const order: readonly Truth[] = ["false", "unknown", "true"];

export const truthOf = (value: boolean): Truth => (value ? "true" : "false");

export const and = (...operands: readonly Truth[]): Truth => order.find((truth) => operands.includes(truth)) ?? "true";

export const or = (...operands: readonly Truth[]): Truth =>
  order.findLast((truth) => operands.includes(truth)) ?? "false";

export function not(operand: Truth): Truth {
  if (operand === "unknown") return "unknown";
  return operand === "true" ? "false" : "true";
}

import type { Value } from "./read-fact.js";
import type { ClauseTrace } from "./trace.js";

/** Longest value shown whole, in characters: the rest is counted. */
const shownLengthMax = 120;

/** A value as a person reads it in a trace; a long one is cut. */
function valueText(value: Value): string {
  const text = fullText(value);
  return text.length <= shownLengthMax ? text : `${text.slice(0, shownLengthMax)}... (${text.length} characters)`;
}

/** A fact that a test read, by path, as a person reads it: a time as RFC 3339. */
export function observedText({ path, value }: ClauseTrace["observed"][number]): string {
  const isTime = path === "now" && value.kind === "scalar" && typeof value.value === "number";
  return `${path} is ${isTime ? new Date(Number(value.value)).toISOString() : valueText(value)}`;
}

function fullText(value: Value): string {
  if (value.kind === "scalar") return JSON.stringify(value.value);
  if (value.kind === "list")
    return `{${[...value.items.map(fullText), ...(value.open ? ["perhaps more"] : [])].join(", ")}}`;
  if (value.kind === "unknown") return `unknown (${value.reason})`;
  if (value.kind === "absent") return value.kind;
  const fields = Object.entries(value.fields).map(([name, field]) => `${name}: ${JSON.stringify(field)}`);
  return `{${fields.join(", ")}}`;
}

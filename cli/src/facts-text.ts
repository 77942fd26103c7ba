import { isOpenList, isUnknown, type OpenList } from "@hpl/runtime";
import { visible } from "./visible.js";

/** Facts of one action, as `hpl facts` describes them. */
export interface DescribedAction {
  readonly family: string;
  readonly [name: string]: unknown;
}

/** What says how certain the rest is: shown once, at the end of an action. */
const knowledge = new Set(["family", "complete", "reasons", "opaque", "columns_complete"]);

/**
 * Actions for a person: a line each, below it the facts that say something. An empty list, an empty text and `false` say
 * nothing; `?why` is what is not known, `..` a list that may hold more.
 */
export function renderFacts(actions: readonly DescribedAction[]): string {
  if (actions.length === 0) return "nothing is done";
  return actions.map(renderAction).join("\n");
}

function renderAction(action: DescribedAction, index: number): string {
  const { complete, reasons } = action;
  const certainty = action.opaque === true ? "not understood" : complete === true ? "" : "incomplete";
  const why = Array.isArray(reasons) && reasons.length > 0 ? `: ${valueText(reasons)}` : "";
  const lines = Object.entries(action)
    .filter(([name, value]) => !knowledge.has(name) && !isSilent(value))
    .map(([name, value]) => `     ${name}  ${valueText(value)}`);
  return [`${index + 1}. ${action.family}${certainty === "" ? "" : `, ${certainty}${why}`}`, ...lines].join("\n");
}

const isSilent = (value: unknown): boolean =>
  value === null || value === "" || value === false || (Array.isArray(value) && value.length === 0);

function valueText(value: unknown): string {
  if (isUnknown(value)) return `?${visible(value["?"])}`;
  if (typeof value === "string") return visible(value);
  if (Array.isArray(value)) return value.map(itemText).join(", ");
  if (typeof value !== "object" || value === null) return String(value);
  const list = value as OpenList<unknown>;
  if (isOpenList(list)) return [...list.items.map(itemText), ".."].join(", ");
  return recordText(value);
}

/** An item that has a comma or a blank stands in quotes: lists stay lists to the eye. */
function itemText(item: unknown): string {
  if (typeof item !== "string") return typeof item === "object" ? valueText(item) : String(item);
  return /[\s,]|^$/.test(item) ? `"${visible(item)}"` : visible(item);
}

const recordText = (record: object): string =>
  `(${Object.entries(record)
    .filter(([, value]) => !isSilent(value))
    .map(([name, value]) => `${name}: ${valueText(value)}`)
    .join(", ")})`;

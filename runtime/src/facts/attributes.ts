import type { RequestContext } from "./action.js";
import { isUnknown, unknown } from "./fact.js";

/** A fact whose values the policy declares: `connection.env`, or a key of `connection.labels` or `principal.claims`. */
export interface Attribute {
  /** Root first: `["connection", "labels", "tier"]`. */
  readonly path: readonly string[];
  /** Null for any text. */
  readonly members: readonly string[] | null;
  readonly optional: boolean;
}

type Json = Readonly<Record<string, unknown>>;

/**
 * `context` with every attribute held to its declaration: a text that is not one of its members is unknown, and so is a
 * required one that is missing. The same object when nothing changes. Without this a misspelt environment would be a value
 * like any other, and `env == prod` false for it. O(attributes).
 */
export function declareAttributes(context: RequestContext, attributes: readonly Attribute[]): RequestContext {
  return attributes.reduce<unknown>((json, attribute) => declare(json, attribute, 0), context) as RequestContext;
}

/** `json`, which stands `depth` steps down the attribute's path, with what is below it declared. */
function declare(json: unknown, attribute: Attribute, depth: number): unknown {
  const step = attribute.path[depth];
  if (step === undefined) return declareValue(json, attribute);
  if (json === undefined) return declareMissing(attribute, depth);
  // What is unknown stays so, and what has another type than its schema says is read as unknown anyway.
  if (!isRecord(json) || isUnknown(json)) return json;
  const before = Object.hasOwn(json, step) ? json[step] : undefined;
  const after = declare(before, attribute, depth + 1);
  return after === before ? json : { ...json, [step]: after };
}

/** Where the path ends early, nothing is there: the map of labels may be missing, and a required label must still be unknown. */
function declareMissing(attribute: Attribute, depth: number): unknown {
  const step = attribute.path[depth];
  if (attribute.optional || step === undefined) return undefined;
  return { [step]: declare(undefined, attribute, depth + 1) };
}

function declareValue(value: unknown, { path, members, optional }: Attribute): unknown {
  if (value === undefined) return optional ? undefined : unknown(`attribute:${path.join(".")}`);
  const isMember = typeof value !== "string" || members === null || members.includes(value);
  return isMember ? value : unknown(`attribute:${path.join(".")}`);
}

const isRecord = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

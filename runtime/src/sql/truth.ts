/**
 * What is certain of a condition, and how AND and OR put it together: the part of deciding whether a change is restricted that
 * is the same in every dialect.
 */
import type { Fact } from "../facts/index.js";

export interface Restriction {
  readonly restricted: Fact<boolean>;
  readonly by_key: Fact<boolean>;
}

export type Truth =
  | { readonly kind: "always" }
  | { readonly kind: "never" }
  /**
   * `equals`: some column must equal one of a few constants, so that a disjunction of such tests cannot cover
   * everything.
   */
  | { readonly kind: "limits"; readonly equals: boolean }
  | { readonly kind: "unknown"; readonly reason: string };

export const always: Truth = { kind: "always" };
export const never: Truth = { kind: "never" };
export const unsure = (reason: string): Truth => ({ kind: "unknown", reason });

export const truth = (value: boolean): Truth => (value ? always : never);

export function conjunction(parts: readonly Truth[]): Truth {
  if (parts.some((part) => part.kind === "never")) return never;
  const limiting = parts.filter((part) => part.kind === "limits");
  if (limiting.length > 0)
    return { kind: "limits", equals: limiting.some((part) => part.kind === "limits" && part.equals) };
  return parts.find((part) => part.kind === "unknown") ?? always;
}

export function disjunction(parts: readonly Truth[]): Truth {
  if (parts.some((part) => part.kind === "always")) return always;
  const possible = parts.filter((part) => part.kind !== "never");
  const [first] = possible;
  if (first === undefined) return never;
  if (possible.length === 1) return first;
  const all_equal = possible.every((part) => part.kind === "limits" && part.equals);
  return all_equal ? { kind: "limits", equals: true } : unsure("disjunction");
}

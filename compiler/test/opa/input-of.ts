import type { Request } from "@hpl/runtime/facts";

/** A request as input. What cannot be said in it is said another way: an opaque action is a text, or of another family. */
export function inputOf({ actions, assumed_catalog: _, ...context }: Request): Readonly<Record<string, unknown>> {
  return {
    ...context,
    actions: actions.map((action) => {
      if (!action.opaque) return { [action.family]: action.facts };
      const hasText = action.family === "sql" || action.family === "shell";
      return hasText ? { [action.family]: { text: "?" } } : { text: "?" };
    }),
  };
}

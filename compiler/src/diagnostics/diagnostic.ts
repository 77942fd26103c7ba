import type { Span } from "../source/source-file.js";

/** One thing the compiler has to say about a policy. `code` is `HPLnnnn`; each has a page in `docs/errors/`. */
export interface Diagnostic {
  readonly code: string;
  readonly slug: string;
  readonly severity: "error" | "warning";
  /** Lower case, no final period, the author's words in backticks. */
  readonly message: string;
  /** What to do about it. */
  readonly help: string | null;
  /** What else helps to see it, a sentence each. */
  readonly notes: readonly string[];
  readonly span: Span;
  /** Id of the rule it is about, `module/rule`. */
  readonly rule: string | null;
  /** A request that shows it, as `hpl eval --request` takes it, and its statement where there is one. */
  readonly counterexample?: { readonly request: object; readonly text: string | null };
}

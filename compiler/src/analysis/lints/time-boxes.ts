import type { CheckedPolicy } from "../../3-check/checked.js";
import { longTimeBox } from "../../diagnostics/catalog.js";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { shortId } from "../short-id.js";

const DAY_MS = 86_400_000;
/** An exception that holds longer is a rule: nobody looks at it again. */
export const EXCEPTION_DAYS_MAX = 366;
/** What is held longer, and was given without anybody's consent, is no longer for one piece of work. */
export const GRANT_S_MAX = 86_400;

/** Time boxes that bound nothing. Ends of exceptions are weighed where the caller says what time it is. */
export function findLongTimeBoxes({ exceptions, grants }: CheckedPolicy, now_ms: number | null): readonly Diagnostic[] {
  const long = exceptions.filter(({ until_ms }) => now_ms !== null && until_ms - now_ms > EXCEPTION_DAYS_MAX * DAY_MS);
  const standing = grants.filter(({ approval, lasting_s }) => approval === null && lasting_s > GRANT_S_MAX);
  return [
    ...long.map((each) => longTimeBox(each.span, { name: shortId(each), what: "exception" })),
    ...standing.map(({ id, span }) => longTimeBox(span, { name: id.slice(id.lastIndexOf(".") + 1), what: "grant" })),
  ];
}

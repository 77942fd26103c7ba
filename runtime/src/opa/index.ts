/**
 * A Rego policy beside an HPL policy. Exported as `@hpl/runtime/opa`.
 *
 * In: a Rego policy that `opa build -t wasm` compiled, and what an HPL policy is asked. Out: HPL's decision, joined with
 * Rego's answer; Rego can only make it stricter. The module runs through npm `@open-policy-agent/opa-wasm`, an optional peer
 * dependency that is imported when the first policy is loaded.
 *
 * The input is the object that modules of `hpl build --target opa` take: `{"principal", "connection", "session", "now",
 * "zones", "actions": [{"sql": {..facts}}, ..]}`. Of an opaque action it holds `complete` (false) and `reasons` alone.
 *
 * The result of the entrypoint is mapped so:
 * - `true` is allow, `false` is block;
 * - `{"verdict": "allow" | "approve" | "block", "reasons"?: [text], "approval"?: {"all": [{"group", "count"}], "within_s"},
 *   "obligations"?: [{"type": "limit", "action", "rows"?, "time_ms"?, "bytes"?}], "even_if_incomplete"?: true}`, where
 *   approve must have an approval, and the other verdicts none;
 * - everything else is a failure, which is block with HPL8030: no result or several, undefined, a field that is not listed
 *   here, a trap, an abort, a built-in function that the library does not have.
 *
 * Rego does not know *unknown*: a rule that looks for `delete` among effects nobody could determine finds none. So an allow
 * counts only where all actions are complete, or it says `even_if_incomplete`; otherwise it is block with HPL8031.
 *
 * Absent: masks, for they need labels, lineage and the refusal of predicates, which are HPL's; entries in a decision's
 * `rules`, for these have a place in an HPL source: Rego's part stands in `reasons` as `rego/ENTRYPOINT`. Nothing here ends a
 * module that runs for ever: load modules that you compiled.
 */
export { type RegoAnswer, type RegoResult, readRegoResult } from "./answer.js";
export { besideRego } from "./beside.js";
export { type RegoInput, regoInputOf } from "./input.js";
export { joinRego } from "./join.js";
export { loadRego, type RegoFailure, type RegoLoaded, type RegoOptions, type RegoPolicy } from "./load.js";

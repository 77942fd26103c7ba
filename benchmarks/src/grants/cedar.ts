/** Cedar with the policies parsed once and kept inside. */
import { preparsePolicySet, statefulIsAuthorized } from "@cedar-policy/cedar-wasm/nodejs";
import { callsOf, isAllow } from "./cedar-calls.js";
import { type Engine, textOf } from "./engine.js";

export { makeArtefact } from "./cedar-calls.js";

export async function openEngine(artefact: string | Uint8Array): Promise<Engine> {
  const text = textOf(artefact);
  const preparsedPolicySetId = `grants-${text.length}`;
  const parsed = preparsePolicySet(preparsedPolicySetId, { staticPolicies: text });
  if (parsed.type !== "success") throw new Error(JSON.stringify(parsed.errors));
  return {
    prepare: (question) => {
      const calls = callsOf(question).map((call) => ({ ...call, preparsedPolicySetId }));
      return () => calls.every((call) => isAllow(statefulIsAuthorized(call)));
    },
  };
}

/** Cedar as its documentation shows it first: policies as text with every call. */
import { isAuthorized } from "@cedar-policy/cedar-wasm/nodejs";
import { callsOf, isAllow } from "./cedar-calls.js";
import { type Engine, textOf } from "./engine.js";

export { makeArtefact } from "./cedar-calls.js";

export async function openEngine(artefact: string | Uint8Array): Promise<Engine> {
  const policies = { staticPolicies: textOf(artefact) };
  return {
    prepare: (question) => {
      const calls = callsOf(question).map((call) => ({ ...call, policies }));
      return () => calls.every((call) => isAllow(isAuthorized(call)));
    },
  };
}

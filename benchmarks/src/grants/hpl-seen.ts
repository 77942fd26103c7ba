/** HPL's policy for a session, asked again about facts it has seen: what a gateway does for a statement it knows. */
import { loadPolicy } from "@hpl/runtime";
import type { Engine } from "./engine.js";
import type { Grants } from "./grants.js";
import { contextsOf, requestOf } from "./hpl.js";

export { makeArtefact } from "./hpl.js";

export async function openEngine(artefact: string | Uint8Array<ArrayBuffer>, grants: Grants): Promise<Engine> {
  const loaded = loadPolicy(typeof artefact === "string" ? new TextEncoder().encode(artefact) : artefact);
  if (!loaded.ok) throw new Error(loaded.failure.message);
  const contexts = contextsOf(grants);
  const sessions = new Map(
    [...contexts].map(([id, { principal, connection }]) => [id, loaded.policy.session(principal, connection)]),
  );
  return {
    prepare: (question) => {
      const { actions, session } = requestOf(question, contexts);
      const policySession = sessions.get(question.user.id);
      if (policySession === undefined) throw new Error(`no user ${question.user.id}`);
      // Another object each time, as a gateway makes one: the time differs.
      let now = 1_800_000_000_000;
      return () => policySession.decide(actions, { session, now: now++ }).verdict === "allow";
    },
  };
}

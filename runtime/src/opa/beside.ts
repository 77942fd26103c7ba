import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { Decision } from "../abi/decision.js";
import type { Policy } from "../engine/policy.js";
import type { Request } from "../facts/action.js";
import { joinRego } from "./join.js";
import type { RegoPolicy } from "./load.js";

/**
 * `policy` with `rego` beside it, to be used wherever a policy is. Its digest, to which approvals bind, stands for both: an
 * approval that was given under other Rego rules or data no longer holds.
 */
export function besideRego(policy: Policy, rego: RegoPolicy): Policy {
  const binding = bytesToHex(sha256(new TextEncoder().encode(`${policy.digest}+${rego.digest}`)));
  const join = (decision: Decision, request: Request): Decision =>
    joinRego(decision, rego.ask(request), {
      entrypoint: rego.entrypoint,
      actionsCount: request.actions.length,
      binding,
    });
  return {
    digest: binding,
    meta: { ...policy.meta, semantic_digest: binding },
    decide: (request) => join(policy.decide(request), request),
    section: policy.section,
    labels: policy.labels,
    session: (principal, connection) => {
      const own = policy.session(principal, connection);
      // HPL remembers what it decided until something changes that its rules look at. What Rego looks at nobody knows: the
      // time, for one. So it is asked each time.
      return {
        decide: (actions, moment) => join(own.decide(actions, moment), { ...moment, principal, connection, actions }),
      };
    },
  };
}

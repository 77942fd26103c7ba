import type { Principal } from "@hpl/runtime";
import type { Approver } from "../approvals/approval.js";
import type { StaticIdentity } from "../config/generated.js";
import { readSecret } from "../config/load-config.js";
import type { Identity, ScramVerifier } from "../session/enforcement.js";
import { createVerifier, finishScramServer, proveScramClient, startScramClient, startScramServer } from "./scram.js";

/** The users of a configuration. Passwords are turned into verifiers once and not kept. */
export interface StaticIdentities {
  verifierFor(user: string): ScramVerifier | null;
  identityOf(user: string): Identity;
  /** Who `user` is as an approver, when the password fits. Costs one key derivation, about 2 ms. */
  authenticate(user: string, password: string): Approver | null;
}

interface Known {
  readonly verifier: ScramVerifier;
  readonly identity: Identity;
}

export function openIdentities(configured: readonly StaticIdentity[], folder: string): StaticIdentities {
  const users = new Map<string, Known>(
    configured.map(({ user, password, principal }) => [
      user,
      { verifier: createVerifier(readSecret(password, folder)), identity: { principal: principalOf(principal) } },
    ]),
  );
  return {
    verifierFor: (user) => users.get(user)?.verifier ?? null,
    identityOf: (user) => {
      const known = users.get(user);
      if (known === undefined) throw new Error("HPL9001: an identity was asked for that nobody proved");
      return known.identity;
    },
    authenticate: (user, password) => {
      const known = users.get(user);
      if (known === undefined || !fits(password, known.verifier)) return null;
      return approverOf(known.identity.principal);
    },
  };
}

const principalOf = (principal: StaticIdentity["principal"]): Principal => ({
  ...principal,
  issuer: "static",
  mfa: principal.mfa ?? false,
});

function approverOf({ id, groups }: Principal): Approver {
  if (typeof id !== "string" || !Array.isArray(groups))
    throw new Error("HPL9001: a configured principal is not certain");
  return { user: id, groups };
}

/** Runs both sides of the exchange: the one comparison of passwords there is. */
function fits(password: string, verifier: ScramVerifier): boolean {
  const client = startScramClient("");
  const server = startScramServer(client.clientFirst, verifier);
  const proof = server === null ? null : proveScramClient(client, server.serverFirst, password);
  return server !== null && proof !== null && finishScramServer(server, proof.clientFinal) !== null;
}

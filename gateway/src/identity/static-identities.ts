import type { Principal } from "@hpl/runtime";
import type { Approver } from "../approvals/approval.js";
import type { ResolvedIdentity } from "../config/resolve-config.js";
import type { Identity, ScramVerifier } from "../session/enforcement.js";
import {
  createVerifier,
  finishScramServer,
  mockVerifier,
  proveScramClient,
  startScramClient,
  startScramServer,
} from "./scram.js";

/** The users of a configuration. Passwords are turned into verifiers once and not kept. */
export interface StaticIdentities {
  verifierFor(user: string): ScramVerifier | null;
  identityOf(user: string): Identity;
  /** Who `user` is as an approver, when the password fits. Costs one key derivation, about 2 ms, whoever it is. */
  authenticate(user: string, password: string): Approver | null;
}

interface Known {
  readonly verifier: ScramVerifier;
  readonly identity: Identity;
  readonly approver: Approver;
}

export function openIdentities(configured: readonly ResolvedIdentity[]): StaticIdentities {
  const users = new Map<string, Known>(
    configured.map((each) => [
      each.user,
      {
        verifier: createVerifier(each.password),
        identity: { principal: principalOf(each.principal) },
        approver: approverOf(each.principal, configured),
      },
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
      // A user that does not exist costs the same time as one that does.
      const isRight = fits(password, known?.verifier ?? mockVerifier(user));
      return isRight && known !== undefined ? known.approver : null;
    },
  };
}

const principalOf = (principal: ResolvedIdentity["principal"]): Principal => ({
  ...principal,
  issuer: "static",
  mfa: principal.mfa ?? false,
});

/** A principal under all its names: those of every login that leads to it, and of whoever it acts for. */
function approverOf(principal: ResolvedIdentity["principal"], configured: readonly ResolvedIdentity[]): Approver {
  const logins = configured.filter((each) => each.principal.id === principal.id);
  const names = logins.flatMap(({ user, principal: { email, on_behalf_of } }) => [
    user,
    email ?? [],
    on_behalf_of ?? [],
  ]);
  return { user: principal.id, names: names.flat(), kind: principal.kind, groups: principal.groups };
}

/** Runs both sides of the exchange: the one comparison of passwords there is. */
function fits(password: string, verifier: ScramVerifier): boolean {
  const client = startScramClient("");
  const server = startScramServer(client.clientFirst, verifier);
  const proof = server === null ? null : proveScramClient(client, server.serverFirst, password);
  return server !== null && proof !== null && finishScramServer(server, proof.clientFinal) !== null;
}

import type { Principal } from "@hpl/runtime";
import type { ResolvedIdentity } from "../config/resolve-config.js";
import type { Identity, ScramVerifier } from "../session/enforcement.js";
import type { Person } from "../sessions/grants.js";
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
  /** Who `user` is, when the password fits. Costs one key derivation, about 2 ms, whoever it is. */
  authenticate(user: string, password: string): Person | null;
}

interface Known {
  readonly verifier: ScramVerifier;
  readonly identity: Identity;
  readonly person: Person;
}

export function openStaticIdentities(configured: readonly ResolvedIdentity[]): StaticIdentities {
  const users = new Map<string, Known>(
    configured.map((each) => [
      each.user,
      {
        verifier: createVerifier(each.password),
        identity: { principal: principalOf(each.principal) },
        person: personOf(each.principal, configured),
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
      return isRight && known !== undefined ? known.person : null;
    },
  };
}

/** What vouches for users of the configuration. */
const issuer = "static";

const principalOf = (principal: ResolvedIdentity["principal"]): Principal => ({
  ...principal,
  issuer,
  mfa: principal.mfa ?? false,
});

/** A principal under all its names: those of every login that leads to it, and of whoever it acts for. */
function personOf(principal: ResolvedIdentity["principal"], configured: readonly ResolvedIdentity[]): Person {
  const logins = configured.filter((each) => each.principal.id === principal.id);
  const names = logins.flatMap(({ user, principal: { email, on_behalf_of } }) => [
    user,
    email ?? [],
    on_behalf_of ?? [],
  ]);
  const { id, kind, groups, on_behalf_of = null } = principal;
  return { user: id, issuer, names: names.flat(), kind, groups, on_behalf_of };
}

/** Runs both sides of the exchange: the one comparison of passwords there is. */
function fits(password: string, verifier: ScramVerifier): boolean {
  const client = startScramClient("");
  const server = startScramServer(client.clientFirst, verifier);
  const proof = server === null ? null : proveScramClient(client, server.serverFirst, password);
  return server !== null && proof !== null && finishScramServer(server, proof.clientFinal) !== null;
}

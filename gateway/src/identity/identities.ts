/**
 * Everybody who may log in: users of the configuration, and whoever the identity provider vouches for.
 *
 * In: a name and a password, or a token in its place. Out: an identity for a session, or a person for the approvals API. A
 * name of the configuration is asked for its own password and for nothing else.
 */
import type { ResolvedIdentity } from "../config/resolve-config.js";
import type { ConnectionGuard } from "../session/enforcement.js";
import type { Person } from "../sessions/grants.js";
import { isToken, type OidcVerifier } from "./oidc.js";
import { openStaticIdentities } from "./static-identities.js";

/** Somebody who has logged in, until when. */
export interface LoggedInPerson {
  readonly person: Person;
  /** Milliseconds since 1970; null: no end. */
  readonly expires_at_ms: number | null;
}

export interface Identities extends Pick<ConnectionGuard, "verifierFor" | "identityOf" | "acceptToken"> {
  /** Null when the password or token does not fit. */
  authenticate(user: string, password: string): Promise<LoggedInPerson | null>;
}

export function openIdentities(configured: readonly ResolvedIdentity[], oidc: OidcVerifier | null): Identities {
  const own = openStaticIdentities(configured);
  return {
    verifierFor: own.verifierFor,
    identityOf: own.identityOf,
    acceptToken: oidc === null ? null : async (token) => (await oidc.verify(token))?.identity ?? null,
    authenticate: async (user, password) => {
      const isOwn = own.verifierFor(user) !== null;
      if (oidc === null || isOwn || !isToken(password)) {
        const person = own.authenticate(user, password);
        return person === null ? null : { person, expires_at_ms: null };
      }
      const proved = await oidc.verify(password);
      return proved === null ? null : { person: proved.person, expires_at_ms: proved.identity.expires_at_ms ?? null };
    },
  };
}

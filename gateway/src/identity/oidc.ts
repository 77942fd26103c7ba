/**
 * Who a token of an OpenID provider says it is.
 *
 * In: a token, as a client gives it for a password. Out: an identity that ends when the token does, or null. A token counts
 * when the provider's own key signed it with an algorithm that is allowed, for this audience and no other, and it has not
 * expired. The provider is asked for its keys at the first token, and again when a token names a key that is not known, at
 * most every 30 seconds; a gateway whose provider is away starts, and takes no tokens. Absent: revocation before the end.
 */
import { createRemoteJWKSet, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from "jose";
import type { Identity } from "../session/enforcement.js";
import type { Person } from "../sessions/grants.js";
import { type ClaimNames, principalOf } from "./claims.js";

export interface OidcSettings {
  readonly issuer: string;
  readonly audience: string;
  readonly names: ClaimNames;
  readonly algorithms: readonly string[];
}

export interface TokenIdentity {
  readonly identity: Identity;
  readonly person: Person;
}

export interface OidcVerifier {
  /** Null for what proves nothing; `log` is told why, without the token. Never rejects. */
  verify(token: string): Promise<TokenIdentity | null>;
}

/** Algorithms with a public key: a token that is signed with a shared secret could be made by anybody who checks it. */
export const tokenAlgorithms = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
];

/** Longest token, in characters: a few hundred groups. */
export const tokenLength_max = 64_000;
const timeout_ms = 5_000;
/** How far clocks may be apart, for the beginning of a token; its end is exact. */
const skew_s = 5;
const refetch_ms = 30_000;
const rediscover_ms = 5_000;

/** Three parts with dots: what is plainly no password. */
export const isToken = (text: string): boolean =>
  text.length <= tokenLength_max && /^[\w-]+\.[\w-]+\.[\w-]+$/.test(text);

export function openOidc(settings: OidcSettings, now: () => Date, log: (line: string) => void): OidcVerifier {
  let keys: Promise<JWTVerifyGetKey> | null = null;
  let askAgain_ms = Number.NEGATIVE_INFINITY;
  // Anybody can send a token: a provider that is away is not asked for each of them.
  const keysNow = (): Promise<JWTVerifyGetKey> => {
    if (keys === null && now().getTime() < askAgain_ms) throw new Error("the issuer could not be reached just now");
    keys ??= discoverKeys(settings.issuer).catch((error: unknown) => {
      keys = null;
      askAgain_ms = now().getTime() + rediscover_ms;
      throw error;
    });
    return keys;
  };
  return {
    verify: async (token) => {
      try {
        if (!isToken(token)) return null;
        const { payload } = await jwtVerify(token, await keysNow(), {
          issuer: settings.issuer,
          audience: settings.audience,
          algorithms: [...settings.algorithms],
          requiredClaims: ["exp", "iat"],
          clockTolerance: skew_s,
          currentDate: now(),
        });
        return identityOf(payload, settings, now());
      } catch (error) {
        log(`a token was refused: ${error instanceof Error ? error.message : String(error)}`);
        return null;
      }
    },
  };
}

/** Throws what is wrong with a token that is genuine. */
function identityOf(payload: JWTPayload, { issuer, audience, names }: OidcSettings, now: Date): TokenIdentity {
  const { exp, aud, azp, events } = payload;
  if (exp === undefined || exp * 1000 <= now.getTime()) throw new Error("it has expired");
  // OpenID Connect Core 3.1.3.7: made for several, it must say that this one may use it.
  if (azp === undefined ? Array.isArray(aud) && aud.length > 1 : azp !== audience)
    throw new Error("it was made for another client");
  // A logout token is signed by the same key for the same audience.
  if (events !== undefined) throw new Error("it is no identity token");
  const claimed = principalOf(payload, names, issuer);
  if (!claimed.ok) throw new Error(claimed.why);
  const { principal, person } = claimed;
  return { identity: { principal, expires_at_ms: exp * 1000 }, person };
}

async function discoverKeys(issuer: string): Promise<JWTVerifyGetKey> {
  const response = await fetch(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`, {
    redirect: "error",
    signal: AbortSignal.timeout(timeout_ms),
  });
  const metadata: unknown = response.ok ? await response.json() : null;
  if (typeof metadata !== "object" || metadata === null || !("jwks_uri" in metadata) || !("issuer" in metadata))
    throw new Error("the issuer's metadata could not be read");
  if (metadata.issuer !== issuer) throw new Error("the issuer's metadata names another issuer");
  const url = String(metadata.jwks_uri);
  if (!isSafeUrl(url)) throw new Error("the issuer's keys are not on https");
  return createRemoteJWKSet(new URL(url), { timeoutDuration: timeout_ms, cooldownDuration: refetch_ms });
}

/** Keys come over TLS, or from this machine. */
export function isSafeUrl(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return protocol === "https:" || (protocol === "http:" && ["127.0.0.1", "[::1]", "localhost"].includes(hostname));
}

/**
 * Who calls the API.
 *
 * In: an `Authorization` header: a user's name and password or token (Basic), an identity provider's token (Bearer), or what
 * the page was given for one of these at its log-in. Out: a person, or null. There are no cookies: a browser adds nothing of
 * its own to a call, so no other page can make one. What the page holds ends after some time without a call, at the latest
 * with the working day, or with the token it was given for; only its digest is kept here.
 */
import { createHash, randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Identities, LoggedInPerson } from "../identity/identities.js";
import type { Person } from "../sessions/grants.js";

/** A log-in of the page ends after so long without a call, and in any case after so long. */
export const idle_ms = 30 * 60_000;
export const whole_ms = 8 * 3_600_000;
/** Log-ins kept; the oldest makes room. */
export const logIns_max = 1_000;

const prefix = "hpl_";

export interface LogIn {
  readonly token: string;
  readonly expires_at: string;
}

export interface Credentials {
  /** Null when the call proves nothing. */
  personOf(request: IncomingMessage): Promise<Person | null>;
  /** Starts a log-in for whoever the call's password or token proves. */
  logIn(request: IncomingMessage): Promise<LogIn | null>;
  logOut(request: IncomingMessage): void;
}

interface Kept {
  readonly person: Person;
  readonly ends_ms: number;
  idleEnds_ms: number;
}

export function openCredentials(authenticate: Identities["authenticate"], now: () => Date): Credentials {
  const kept = new Map<string, Kept>();
  const digestOf = (token: string): string => createHash("sha256").update(token).digest("hex");

  const keptPerson = (token: string): Person | null => {
    const key = digestOf(token);
    const logIn = kept.get(key);
    const now_ms = now().getTime();
    if (logIn === undefined || now_ms >= logIn.ends_ms || now_ms >= logIn.idleEnds_ms) {
      kept.delete(key);
      return null;
    }
    logIn.idleEnds_ms = now_ms + idle_ms;
    return logIn.person;
  };
  const prove = async (request: IncomingMessage): Promise<LoggedInPerson | null> => {
    const header = request.headers.authorization ?? "";
    const bearer = bearerOf(header);
    if (bearer !== null) return bearer.startsWith(prefix) ? null : authenticate("", bearer);
    const basic = basicOf(header);
    return basic === null ? null : authenticate(basic.user, basic.password);
  };
  return {
    personOf: async (request) => {
      const bearer = bearerOf(request.headers.authorization ?? "");
      if (bearer?.startsWith(prefix)) return keptPerson(bearer);
      return (await prove(request))?.person ?? null;
    },
    logIn: async (request) => {
      const proved = await prove(request);
      if (proved === null) return null;
      const token = `${prefix}${randomBytes(32).toString("base64url")}`;
      const now_ms = now().getTime();
      const ends_ms = Math.min(now_ms + whole_ms, proved.expires_at_ms ?? Number.POSITIVE_INFINITY);
      const [oldest] = kept.keys();
      if (kept.size >= logIns_max && oldest !== undefined) kept.delete(oldest);
      kept.set(digestOf(token), { person: proved.person, ends_ms, idleEnds_ms: now_ms + idle_ms });
      return { token, expires_at: new Date(ends_ms).toISOString() };
    },
    logOut: (request) => {
      const bearer = bearerOf(request.headers.authorization ?? "");
      if (bearer !== null) kept.delete(digestOf(bearer));
    },
  };
}

const bearerOf = (header: string): string | null => /^Bearer +([\w.~+/=-]+)$/i.exec(header)?.[1] ?? null;

function basicOf(header: string): { readonly user: string; readonly password: string } | null {
  const [, encoded] = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(header) ?? [];
  if (encoded === undefined) return null;
  const [, user, password] = /^([^:]+):(.*)$/s.exec(Buffer.from(encoded, "base64").toString("utf8")) ?? [];
  return user === undefined || password === undefined ? null : { user, password };
}

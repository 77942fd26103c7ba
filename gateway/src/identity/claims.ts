/**
 * From the claims of a verified token to who it is.
 *
 * In: the claims, and which of them mean what. Out: a principal and a person, or why the token names nobody. A token with an
 * `act` claim (RFC 8693 section 4.1) is an agent's: the actor is the principal, with none of the groups of the person it acts
 * for. What a provider left out because it was too long is unknown, not absent. Absent: whether the token is genuine.
 */
import type { FactList, Principal } from "@hpl/runtime";
import type { Person } from "../sessions/grants.js";

/** Which claims mean what. */
export interface ClaimNames {
  readonly id: string;
  readonly groups: string;
  /** Claim that says `human`, `agent` or `service`; null: a person, or an agent where there is an `act` claim. */
  readonly kind: string | null;
  /** Claim that names whoever an agent acts for. */
  readonly on_behalf_of: string | null;
}

export type Claims = Readonly<Record<string, unknown>>;

export type Claimed =
  | { readonly ok: true; readonly principal: Principal; readonly person: Person }
  | { readonly ok: false; readonly why: string };

/** Groups, and further claims, that are taken from a token. Of a longer list the rest is unknown. */
export const groups_max = 1_000;
export const claims_max = 64;
/** Characters of a claim that becomes a fact. */
const claimLength_max = 1_024;

const kinds = ["human", "agent", "service"] as const;
type Kind = (typeof kinds)[number];

/** Claims of the protocol itself: no facts. */
const ownClaims: ReadonlySet<string> = new Set(
  "iss sub aud exp nbf iat jti azp nonce at_hash c_hash s_hash auth_time acr amr act sid email".split(" "),
);

export function principalOf(claims: Claims, names: ClaimNames, issuer: string): Claimed {
  const act = recordOf(claims.act);
  const own = act ?? claims;
  const id = textIn(own, act === null ? names.id : "sub");
  if (id === null) return { ok: false, why: `the token has no ${act === null ? names.id : "act.sub"}` };
  const kind = kindOf(claims, names, act !== null);
  if (kind === null) return { ok: false, why: `the claim ${names.kind} is not human, agent or service` };
  const groups = groupsIn(own, names.groups);
  const email = claims.email_verified === false || act !== null ? null : textIn(claims, "email");
  const behalf = act === null ? behalfOf(claims, names) : textIn(claims, names.id);
  if (act !== null && behalf === null) return { ok: false, why: `the token has no ${names.id}` };
  const principal: Principal = {
    id,
    issuer,
    kind,
    groups,
    mfa: Array.isArray(claims.amr) && claims.amr.includes("mfa"),
    claims: furtherClaims(claims, names),
    ...(email === null ? {} : { email }),
    ...(behalf === null ? {} : { on_behalf_of: behalf }),
  };
  // All names of whoever it acts for count against deciding on its requests.
  const people = ["sub", "email", "preferred_username", names.id].flatMap((name) => textIn(claims, name) ?? []);
  const known = Array.isArray(groups) ? groups : "items" in groups ? groups.items : [];
  return {
    ok: true,
    principal,
    person: {
      user: id,
      issuer,
      names: [...people, ...(behalf === null ? [] : [behalf])],
      kind,
      groups: known as readonly string[],
      on_behalf_of: behalf,
    },
  };
}

function kindOf(claims: Claims, { kind }: ClaimNames, isActor: boolean): Kind | null {
  if (isActor) return "agent";
  if (kind === null) return "human";
  return kinds.find((each) => each === claims[kind]) ?? null;
}

const behalfOf = (claims: Claims, { on_behalf_of }: ClaimNames): string | null =>
  on_behalf_of === null ? null : textIn(claims, on_behalf_of);

const recordOf = (value: unknown): Claims | null =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Claims) : null;

function textIn(claims: Claims, name: string): string | null {
  const value = claims[name];
  return typeof value === "string" && value !== "" && value.length <= claimLength_max ? value : null;
}

/** A provider that has too many groups for a token names the claim and where to ask instead (`_claim_names`). */
function groupsIn(claims: Claims, name: string): FactList<string> {
  const value = claims[name];
  const isElsewhere = recordOf(claims._claim_names)?.[name] !== undefined || claims.hasgroups === true;
  if (!Array.isArray(value)) return { "?": isElsewhere ? "groups_not_in_token" : "no_groups_claim" };
  const texts = value.filter((each): each is string => typeof each === "string" && each.length <= claimLength_max);
  const items = texts.slice(0, groups_max);
  return isElsewhere || items.length < value.length ? { items, open: true } : items;
}

function furtherClaims(claims: Claims, names: ClaimNames): Readonly<Record<string, string>> {
  const taken = Object.entries(claims).filter(
    (entry): entry is [string, string] =>
      !ownClaims.has(entry[0]) &&
      entry[0] !== names.groups &&
      typeof entry[1] === "string" &&
      entry[1].length <= claimLength_max,
  );
  return Object.fromEntries(taken.slice(0, claims_max));
}

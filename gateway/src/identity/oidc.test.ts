import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  type JWK,
  type JWTHeaderParameters,
  SignJWT,
  UnsecuredJWT,
} from "jose";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { type OidcVerifier, openOidc, tokenLength_max } from "./oidc.js";

/** A provider of a few lines, that signs whatever it is asked to. */
interface Key {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}
let server: Server;
let issuer: string;
let keys: Key[];
let fetches: string[];
let metadata: (() => unknown) | null;
let now_ms: number;
let oidc: OidcVerifier;
const lines: string[] = [];

async function newKey(kid: string, alg: string): Promise<Key> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: "sig" } };
}
beforeAll(async () => {
  server = createServer((request, response) => {
    fetches.push(request.url ?? "");
    const body =
      request.url === "/jwks"
        ? { keys: keys.map(({ jwk }) => jwk) }
        : (metadata ?? (() => ({ issuer, jwks_uri: `${issuer}/jwks` })))();
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());
beforeEach(async () => {
  keys = [await newKey("k1", "ES256")];
  fetches = [];
  metadata = null;
  lines.length = 0;
  now_ms = Date.parse("2026-11-20T12:00:00Z");
  oidc = open();
});

afterEach(() => void vi.useRealTimers());

const open = (): OidcVerifier =>
  openOidc(
    {
      issuer,
      audience: "hpl",
      names: { id: "sub", groups: "groups", kind: null, on_behalf_of: null },
      algorithms: ["ES256", "RS256"],
    },
    () => new Date(now_ms),
    (line) => lines.push(line),
  );

const seconds = (): number => Math.floor(now_ms / 1000);
async function token(
  more: Readonly<Record<string, unknown>> = {},
  header: Partial<JWTHeaderParameters> = {},
  key = keys[0],
): Promise<string> {
  if (key === undefined) throw new Error("no key");
  const claims = { iss: issuer, aud: "hpl", sub: "ann", groups: ["dba"], iat: seconds(), exp: seconds() + 60, ...more };
  return new SignJWT(claims).setProtectedHeader({ alg: key.alg, kid: key.kid, ...header }).sign(key.privateKey);
}
const idOf = async (text: string) => (await oidc.verify(text))?.person.user ?? null;

test("a token says who it is, until when", async () => {
  const proved = await oidc.verify(await token({ email: "ann@corp.io", team: "payments", amr: ["pwd", "mfa"] }));
  expect(proved).toMatchObject({
    identity: {
      principal: { id: "ann", issuer, kind: "human", groups: ["dba"], email: "ann@corp.io", mfa: true },
      expires_at_ms: now_ms + 60_000,
    },
    person: { user: "ann", groups: ["dba"], names: ["ann", "ann@corp.io", "ann"] },
  });
  expect(proved?.identity.principal.claims).toEqual({ team: "payments" });
});

const foreign: readonly (readonly [string, () => Promise<string>])[] = [
  ["no token", async () => "bob-pw"],
  ["another issuer", () => token({ iss: "https://evil.example" })],
  ["another audience", () => token({ aud: "other" })],
  ["several audiences, for nobody in particular", () => token({ aud: ["hpl", "other"] })],
  ["made for another client", () => token({ aud: ["hpl", "other"], azp: "other" })],
  ["expired", () => token({ exp: seconds() })],
  ["expired within what clocks may differ", () => token({ exp: seconds() - 2 })],
  ["not yet valid", () => token({ nbf: seconds() + 60 })],
  ["without an end", () => token({ exp: undefined })],
  ["without a subject", () => token({ sub: undefined })],
  ["an empty subject", () => token({ sub: "" })],
  ["a logout token", () => token({ events: { "http://schemas.openid.net/event/backchannel-logout": {} } })],
  [
    "signed by nobody",
    async () =>
      new UnsecuredJWT({ sub: "ann" })
        .setIssuer(issuer)
        .setAudience("hpl")
        .setIssuedAt()
        .setExpirationTime("1h")
        .encode(),
  ],
  ["signed by another key of the same name", async () => token({}, {}, await newKey("k1", "ES256"))],
  [
    "signed with an algorithm that is not allowed",
    async () => {
      keys.push(await newKey("k2", "ES384"));
      return token({}, {}, keys[1]);
    },
  ],
  [
    "signed with the public key as a secret",
    async () => {
      const secret = new TextEncoder().encode(JSON.stringify(keys[0]?.jwk));
      const claims = { iss: issuer, aud: "hpl", sub: "ann", iat: seconds(), exp: seconds() + 60 };
      return new SignJWT(claims).setProtectedHeader({ alg: "HS256", kid: "k1" }).sign(secret);
    },
  ],
  [
    "with a key of its own in the header",
    async () => {
      const own = await newKey("k9", "ES256");
      return token({}, { jwk: own.jwk }, own);
    },
  ],
  [
    "changed by one character",
    async () => {
      const [head, body = "", sign] = (await token()).split(".");
      return [head, `${body.slice(0, -2)}${body.at(-2) === "A" ? "B" : "A"}${body.slice(-1)}`, sign].join(".");
    },
  ],
  ["too long", async () => `${await token()}${"A".repeat(tokenLength_max)}`],
];
test.each(foreign)("refused: %s", async (_name, make) => {
  const text = await make();
  expect(await idOf(text)).toBeNull();
  expect(lines.join("\n")).not.toContain(text);
  expect(await idOf(await token())).toBe("ann");
});

test("a new key is fetched when a token names it, and not more often than that", async () => {
  expect(await idOf(await token())).toBe("ann");
  expect(fetches).toEqual(["/.well-known/openid-configuration", "/jwks"]);
  for (let i = 0; i < 5; i++) expect(await idOf(await token({}, {}, await newKey("unknown", "ES256")))).toBeNull();
  expect(fetches.length).toBeLessThanOrEqual(3);
  keys = [await newKey("k2", "ES256")];
  vi.setSystemTime(Date.now() + 31_000);
  expect(await idOf(await token())).toBe("ann");
  keys.push(await newKey("k1", "ES256"));
  expect(await idOf(await token({}, {}, keys[1]))).toBeNull(); // A key that has gone is gone, whatever comes under its name.
});

test.each<readonly [string, () => unknown]>([
  ["is not JSON of one", () => []],
  ["names another issuer", () => ({ issuer: "https://evil.example", jwks_uri: `${issuer}/jwks` })],
  ["has its keys on plain HTTP elsewhere", () => ({ issuer, jwks_uri: "http://keys.example/jwks" })],
])("a provider whose metadata %s gives nobody access, until it is right", async (_name, wrong) => {
  metadata = wrong;
  for (let i = 0; i < 3; i++) expect(await idOf(await token())).toBeNull();
  expect(fetches.length).toBe(1);
  metadata = null;
  now_ms += 5_000;
  expect(await idOf(await token())).toBe("ann");
});

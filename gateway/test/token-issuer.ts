/** A real OpenID provider (npm `oidc-provider`), in which everybody logs in as who they want to be. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface TokenIssuer {
  readonly issuer: string;
  /** An ID token for `account`, by the authorization code flow. */
  tokenFor(account: string): Promise<string>;
  stop(): void;
}

/** The parts of the package that are used: it comes without types. */
interface Provider {
  callback(): (request: IncomingMessage, response: ServerResponse) => void;
  interactionFinished(request: IncomingMessage, response: ServerResponse, result: object): Promise<void>;
}

const redirect = "http://127.0.0.1/callback";
const client = { client_id: "hpl", client_secret: "a secret of the client" };

/** `groups` by account; tokens last `token_s` seconds. */
export async function startIssuer(
  groups: Readonly<Record<string, readonly string[]>>,
  token_s: number,
): Promise<TokenIssuer> {
  const { Provider } = await import("oidc-provider" as string);
  let provider: Provider | null = null;
  let account = "";
  const server = createServer((request, response) => {
    if (request.url?.startsWith("/login/")) {
      void provider?.interactionFinished(request, response, { login: { accountId: account } });
    } else provider?.callback()(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  provider = new Provider(issuer, settingsOf(groups, token_s)) as Provider;
  return {
    issuer,
    tokenFor: (who) => {
      account = who;
      return logIn(issuer);
    },
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function settingsOf(groups: Readonly<Record<string, readonly string[]>>, token_s: number) {
  return {
    clients: [{ ...client, redirect_uris: [redirect], response_types: ["code"], grant_types: ["authorization_code"] }],
    claims: { openid: ["sub", "groups"] },
    conformIdTokenClaims: false,
    cookies: { keys: ["a key of cookies"] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context: unknown, { uid }: { readonly uid: string }) => `/login/${uid}` },
    pkce: { required: () => false },
    ttl: { IdToken: token_s, Session: 600, Interaction: 600, Grant: 600 },
    findAccount: (_context: unknown, accountId: string) => ({
      accountId,
      claims: () => ({ sub: accountId, groups: groups[accountId] ?? [] }),
    }),
    // biome-ignore lint/suspicious/noExplicitAny: the package has no types.
    loadExistingGrant: async ({ oidc }: any) => {
      const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
      grant.addOIDCScope("openid");
      await grant.save();
      return grant;
    },
  };
}

/** What a browser does: follows redirects with its cookies, up to the client's address. */
async function logIn(issuer: string): Promise<string> {
  const cookies = new Map<string, string>();
  const query = new URLSearchParams({
    client_id: client.client_id,
    response_type: "code",
    scope: "openid",
    redirect_uri: redirect,
  });
  let url = `${issuer}/auth?${query}`;
  while (!url.startsWith(redirect)) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(url, { redirect: "manual", headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    const location = response.headers.get("location");
    if (location === null) throw new Error(`the provider answered ${response.status}: ${await response.text()}`);
    url = new URL(location, url).href;
  }
  const response = await fetch(`${issuer}/token`, {
    method: "POST",
    headers: {
      authorization: `Basic ${Buffer.from(`hpl:${encodeURIComponent(client.client_secret)}`).toString("base64")}`,
      "content-type": "application/x-www-form-urlencoded",
    },
    body: new URLSearchParams({
      grant_type: "authorization_code",
      code: new URL(url).searchParams.get("code") ?? "",
      redirect_uri: redirect,
    }),
  });
  const { id_token } = (await response.json()) as { readonly id_token: string };
  return id_token;
}

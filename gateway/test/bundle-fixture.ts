/** Bundles for tests: a policy text, packed and signed. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileForGateway } from "@hpl/cli";
import { loadPolicy, type Request } from "@hpl/runtime";
import { exportPKCS8, exportSPKI, generateKeyPair } from "jose";
import { buildBundle, signBundle } from "../src/policy/bundle/bundle.js";
import { type Vector, vectorOf } from "../src/policy/bundle/self-test.js";

export interface SigningKey {
  readonly private: string;
  readonly public: string;
}

export async function makeKey(): Promise<SigningKey> {
  const pair = await generateKeyPair("EdDSA", { extractable: true });
  return { private: await exportPKCS8(pair.privateKey), public: await exportSPKI(pair.publicKey) };
}

export function compiled(text: string): Uint8Array<ArrayBuffer> {
  const folder = mkdtempSync(join(tmpdir(), "hpl-compile-"));
  try {
    writeFileSync(join(folder, "shop.hpl"), text);
    const result = compileForGateway(folder);
    if (!result.ok) throw new Error(result.findings);
    return result.module;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What somebody asks who is nobody in particular: nothing of it is understood. */
const request: Request = {
  principal: { id: "ann", issuer: "static", kind: "human", groups: [], mfa: false },
  connection: { name: "orders", kind: "postgres", env: "dev" },
  session: {
    id: "s",
    ip: "127.0.0.1",
    client: "psql",
    origin: "native",
    in_transaction: false,
    sandboxed: false,
    grants: [],
    counters: {},
  },
  actions: [{ family: "sql", opaque: true, reasons: ["parse_error"] }],
};

export interface BundleChoices {
  readonly key: SigningKey;
  readonly revision: number;
  readonly vectors?: (own: readonly Vector[]) => readonly Vector[];
}

export async function bundleOf(text: string, { key, revision, vectors }: BundleChoices) {
  const module = compiled(text);
  const loaded = loadPolicy(module);
  if (!loaded.ok) throw new Error(loaded.failure.message);
  const own = [vectorOf(loaded.policy, request)];
  const sources = [{ path: "shop.hpl", text }];
  const parts = { sources, revision, provenance: null, vectors: vectors?.(own) ?? own };
  const bytes = await signBundle(buildBundle(module, parts), key.private, "ci");
  return { bytes, digest: loaded.policy.digest };
}

export interface BundleServer {
  readonly url: string;
  /** What the next requests get. */
  serve: Served;
  /** `If-None-Match` of each request. */
  readonly asked: (string | undefined)[];
  close(): Promise<void>;
}

/** `hang`: the answer begins and never ends. */
export type Served =
  | { readonly body: Uint8Array; readonly etag?: string }
  | { readonly status: number }
  | { readonly redirect: string }
  | "hang"
  | "reset";

export async function serveBundles(): Promise<BundleServer> {
  const asked: (string | undefined)[] = [];
  const state: { serve: Served } = { serve: { status: 404 } };
  const server = createServer((incoming, response) => {
    const { serve } = state;
    asked.push(incoming.headers["if-none-match"]);
    if (serve === "reset") return void incoming.socket.destroy();
    if (serve === "hang") return void response.writeHead(200).write("x");
    if ("status" in serve) return void response.writeHead(serve.status).end();
    if ("redirect" in serve) return void response.writeHead(302, { location: serve.redirect }).end();
    const { body, etag } = serve;
    const isKnown = etag !== undefined && incoming.headers["if-none-match"] === etag;
    response.writeHead(isKnown ? 304 : 200, etag === undefined ? {} : { etag }).end(isKnown ? undefined : body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/policy.tar.gz`,
    asked,
    get serve() {
      return state.serve;
    },
    set serve(next: Served) {
      state.serve = next;
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

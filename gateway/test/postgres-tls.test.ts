/** TLS on both sides of the gateway, and the ways in which an upstream may ask for a password. */
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TLSSocket } from "node:tls";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildMessage } from "../src/protocols/postgres/build-message.js";
import { readyForQuery } from "../src/protocols/postgres/server-messages.js";
import { connectUpstream } from "../src/protocols/postgres/upstream-login.js";
import type { UpstreamTarget } from "../src/session/enforcement.js";
import { type GatewayUnderTest, type ServerUnderTest, startEmbedded, startGateway } from "./gateway-fixture.js";

const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;
if (!hasOpenssl) process.stderr.write("openssl is not installed: TLS was not tried\n");

let server: ServerUnderTest;
let inner: GatewayUnderTest;
let tls: { readonly cert: string; readonly key: string };
beforeAll(async () => {
  server = await startEmbedded();
  if (hasOpenssl) tls = makeCertificate();
  inner = await startGateway(server.target, hasOpenssl ? { tls } : {});
});
afterAll(async () => {
  await inner.listener.close();
  await server.stop();
});

function makeCertificate(): { readonly cert: string; readonly key: string } {
  const folder = mkdtempSync(join(tmpdir(), "hpl-test-tls-"));
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"];
  execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, ...subject], {
    stdio: "ignore",
  });
  const pair = { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
  rmSync(folder, { recursive: true });
  return pair;
}

test.runIf(hasOpenssl)("a client logs in and queries over TLS, its certificate checked", async () => {
  const client = new pg.Client({ ...inner.target, ssl: { ca: tls.cert } });
  await client.connect();
  expect((await client.query("SELECT $1::text AS x", ["é".repeat(100_000)])).rows[0]?.x).toHaveLength(100_000);
  await client.end();
});

/** The same server behind TLS: answers SSLRequest and passes the rest on. */
async function behindTls(): Promise<{ readonly port: number; close(): void }> {
  const front = createServer((socket) => {
    socket.once("data", () => {
      socket.write("S");
      const secured = new TLSSocket(socket, { isServer: true, ...tls });
      const inside = connect(server.target.port, server.target.host);
      for (const side of [secured, inside]) side.on("error", () => {});
      secured.pipe(inside).pipe(secured);
    });
  });
  await new Promise<void>((resolve) => {
    front.listen(0, "127.0.0.1", () => resolve());
  });
  const address = front.address();
  return { port: typeof address === "object" && address !== null ? address.port : 0, close: () => front.close() };
}

test.runIf(hasOpenssl)("the gateway reaches its server over TLS, and checks whom it speaks to when asked", async () => {
  const front = await behindTls();
  const target = { ...server.target, port: front.port, tls: "require" } as const;
  const outer = await startGateway(target);
  const client = new pg.Client({ ...outer.target, ssl: false });
  await client.connect();
  expect((await client.query("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")).rows).toEqual([
    { ssl: false },
  ]);
  await client.end();
  await outer.listener.close();
  await expect(connectUpstream({ ...target, tls: "verify" }, new Map())).rejects.toThrow(/self-signed/u);
  front.close();
});

test("a server without TLS is not spoken to when TLS is required", async () => {
  await expect(connectUpstream({ ...server.target, tls: "require" }, new Map())).rejects.toThrow(/does not offer TLS/u);
});

test.runIf(hasOpenssl)("bytes smuggled in between SSLRequest and the handshake end the connection", async () => {
  const answer = await new Promise<string>((resolve) => {
    let text = "";
    const socket = connect(inner.listener.port, "127.0.0.1", () => {
      socket.write(Buffer.from("\0\0\0\x08\x04\xd2\x16\x2f\0\0\0\x08\0\x03\0\0", "latin1"));
    });
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
    });
    socket.on("close", () => resolve(text));
  });
  expect(answer).toContain("C08P01");
  expect(answer.startsWith("S")).toBe(false);
});

/** A server that asks for a password in its own way and notes the answer. */
async function asking(
  request: Uint8Array,
): Promise<{ readonly target: UpstreamTarget; readonly answer: Promise<string> }> {
  let settle = (_answer: string): void => {};
  const answer = new Promise<string>((resolve) => {
    settle = resolve;
  });
  const fake = createServer((socket: Socket) => {
    socket.on("error", () => {});
    socket.once("data", () => {
      socket.write(request);
      socket.once("data", (message) => {
        settle(message.subarray(5, -1).toString("latin1"));
        socket.end(Buffer.concat([buildMessage(0x52).int32(0).end(), readyForQuery("I")]));
        fake.close();
      });
    });
  });
  await new Promise<void>((resolve) => {
    fake.listen(0, "127.0.0.1", () => resolve());
  });
  const address = fake.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { target: { host: "127.0.0.1", port, user: "u", password: "p", database: "d", tls: "disable" }, answer };
}

test("an MD5 password is answered as the server computes it", async () => {
  const fake = await asking(buildMessage(0x52).int32(5).bytes(Buffer.from("salt")).end());
  (await connectUpstream(fake.target, new Map())).socket.destroy();
  const md5 = (text: string): string => createHash("md5").update(text).digest("hex");
  expect(await fake.answer).toBe(`md5${md5(`${md5("pu")}salt`)}`);
});

test.each([
  ["a password in clear without TLS", buildMessage(0x52).int32(3).end(), /needs TLS/u],
  ["GSSAPI", buildMessage(0x52).int32(7).end(), /method 7/u],
  [
    "SCRAM with channel binding only",
    buildMessage(0x52).int32(10).cstring("SCRAM-SHA-256-PLUS").int8(0).end(),
    /no SCRAM/u,
  ],
])("%s is not answered", async (_what, request, message) => {
  const fake = await asking(request);
  await expect(connectUpstream(fake.target, new Map())).rejects.toThrow(message);
});

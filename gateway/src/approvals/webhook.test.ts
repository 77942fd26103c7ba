import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook as Verifier } from "standardwebhooks";
import { afterEach, expect, test } from "vitest";
import { anApproval } from "../../test/approval-fixture.js";
import { approvalAnnouncement } from "./announcement.js";
import { sendWebhook } from "./webhook.js";

const key = `whsec_${Buffer.from("a key of thirty-two bytes, or so").toString("base64")}`;
const approval = anApproval({ statement: "UPDATE orders SET note = 'ü'", needs: [{ group: "dba", count: 2 }] });

interface Received {
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}
let stop = (): void => {};
afterEach(() => stop());

/** A receiver that answers the requests in turn. */
async function receive(
  ...answers: readonly ((response: ServerResponse) => void)[]
): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const headers = request.headers as Record<string, string>;
      received.push({ path: request.url ?? "", headers, body: Buffer.concat(chunks).toString() });
      answers[received.length - 1]?.(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, received };
}
const status =
  (code: number, headers = {}) =>
  (response: ServerResponse): void =>
    void response.writeHead(code, headers).end("x");
const send = (url: string, secret = key, signal = new AbortController().signal, log: string[] = []) =>
  sendWebhook(
    { url, secret, format: "hpl" },
    approvalAnnouncement("approval.requested", approval),
    (line) => log.push(line),
    signal,
  );

test.each([
  ["whsec_ and base64", key, new Verifier(key)],
  ["plain text", "plain text as key", new Verifier("plain text as key", { format: "raw" })],
])("another implementation accepts the signature: %s", async (_name, secret, verifier) => {
  const { url, received } = await receive(status(204));
  await send(url, secret);
  const [request] = received;
  const event = verifier.verify(request?.body ?? "", request?.headers ?? {});
  expect(event).toMatchObject({
    type: "approval.requested",
    data: { id: "a1", statement: approval.statement, needs: "2 of dba" },
  });
  expect(() => verifier.verify(`${request?.body} `, request?.headers ?? {})).toThrow();
});

test("after a 500, and after a redirect that is not followed, it is sent again with the same id and body", async () => {
  const { url, received } = await receive(status(500), status(307, { location: "/elsewhere" }), status(200));
  await send(url);
  expect(received.map(({ path }) => path)).toEqual(["/hook", "/hook", "/hook"]);
  expect(new Set(received.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
  expect(new Set(received.map(({ body }) => body)).size).toBe(1);
});

test("the end of the gateway ends a try that hangs, and a wait for the next", async () => {
  for (const answer of [() => {}, status(500)]) {
    const { url, received } = await receive(answer);
    const [abort, log] = [new AbortController(), [] as string[]];
    const sent = send(url, key, abort.signal, log);
    while (received.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    abort.abort();
    await sent;
    expect([received.length, log]).toEqual([1, []]);
    stop();
  }
});

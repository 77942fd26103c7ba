import type { IncomingMessage, ServerResponse } from "node:http";

/** What a route answers: JSON, or a text of another type. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Of a body that is text and stays as it is. */
  readonly type?: string;
}

export const ok = (body: unknown, status = 200): Answer => ({ status, body });

/** Every answer that is not 2xx is `{"error": ".."}`. */
export const failure = (status: number, error: string, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  body: { error },
  headers,
});

/** Largest request body, bytes: a rationale and some room. */
export const bodySize_max = 16_384;

export type ReadFields<R extends string, O extends string> =
  | { readonly ok: true; readonly fields: Readonly<Record<R, string>> & Readonly<Partial<Record<O, string>>> }
  | { readonly ok: false; readonly answer: Answer };

/**
 * The fields of a JSON body: exactly those that are named, all texts, `optional` ones perhaps missing. An answer says what is
 * wrong with it. A body must say that it is JSON: that is what a page of another origin cannot do.
 */
export async function readFields<R extends string, O extends string = never>(
  request: IncomingMessage,
  required: readonly R[],
  optional: readonly O[] = [],
): Promise<ReadFields<R, O>> {
  if (!/^application\/json *(;|$)/i.test(request.headers["content-type"] ?? ""))
    return { ok: false, answer: failure(415, "send application/json") };
  const body = await readBody(request);
  if (body === null)
    return {
      ok: false,
      answer: failure(413, `the body is larger than ${bodySize_max} bytes`, { connection: "close" }),
    };
  const fields = fieldsOf(body);
  const names = new Set<string>([...required, ...optional]);
  const isRight =
    fields !== null && required.every((name) => name in fields) && Object.keys(fields).every((name) => names.has(name));
  if (isRight) return { ok: true, fields: fields as Extract<ReadFields<R, O>, { ok: true }>["fields"] };
  return { ok: false, answer: failure(400, `send {${required.map((name) => `"${name}": ".."`).join(", ")}}`) };
}

/** Null past the limit. What comes behind it is passed over, so that the answer can still be sent. */
function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  return new Promise((resolve, reject) => {
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > bodySize_max) resolve(null);
      else chunks.push(chunk);
    });
    request.once("end", () => resolve(Buffer.concat(chunks)));
    request.once("error", reject);
  });
}

/** Null for what is not UTF-8, not JSON, or no object of texts. */
function fieldsOf(body: Buffer): Readonly<Record<string, string>> | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
    if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
    return Object.values(value).every((each) => typeof each === "string") ? (value as Record<string, string>) : null;
  } catch {
    return null;
  }
}

/** No page may hold this one in a frame, and this one loads nothing but its own files and runs nothing that stands in them. */
const protection: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "content-security-policy":
    "default-src 'none'; img-src data:; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

export function send(response: ServerResponse, { status, body, headers, type }: Answer): void {
  response.writeHead(status, { ...protection, "content-type": type ?? "application/json; charset=utf-8", ...headers });
  response.end(type === undefined ? `${JSON.stringify(body)}\n` : String(body));
}

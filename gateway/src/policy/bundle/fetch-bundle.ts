/**
 * Where bundles come from: any HTTP server, or a file.
 *
 * In: a place, and the tag of what was taken from it last. Out: new bytes with their tag, or that nothing is new. A server is
 * asked with `If-None-Match` and may answer 304; of a file the tag is what its folder says of it. Nothing is believed of what
 * comes: whoever asks checks the signature. Absent: retries and times between looks, which belong to whoever asks.
 */
import { readFileSync, statSync } from "node:fs";

export type Fetched =
  | { readonly kind: "same" }
  | { readonly kind: "new"; readonly bytes: Uint8Array; readonly tag: string | null };

/** Rejects with words for the operator. */
export type FetchBundle = (tag: string | null, signal: AbortSignal) => Promise<Fetched>;

/** Bytes of a bundle as it travels: a policy of 10,000 rules with its text stays below a tenth. */
export const bundleFileSize_max = 16 * 1024 * 1024;

/** Time for the whole answer of a server. */
const answer_ms = 20_000;

/** Asks `url`. Redirects are refused: they would carry headers to where nobody meant them to go. */
export function bundleFromUrl(url: string, headers: Readonly<Record<string, string>>): FetchBundle {
  return async (tag, signal) => {
    const response = await fetch(url, {
      headers: { ...headers, "accept-encoding": "identity", ...(tag === null ? {} : { "if-none-match": tag }) },
      redirect: "error",
      signal: AbortSignal.any([signal, AbortSignal.timeout(answer_ms)]),
    }).catch((error: unknown) => {
      throw new Error(whyOf(error));
    });
    if (response.status === 304 && tag !== null) return { kind: "same" };
    if (response.status !== 200) {
      await response.body?.cancel();
      throw new Error(`the server answers ${response.status}`);
    }
    const bytes = await bodyOf(response).catch((error: unknown) => {
      throw new Error(whyOf(error));
    });
    return { kind: "new", bytes, tag: response.headers.get("etag") };
  };
}

/** What `fetch` throws says little; its cause names the system's error. */
function whyOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return `no answer within ${answer_ms / 1000} s`;
  return error.cause instanceof Error ? error.cause.message : error.message;
}

async function bodyOf(response: Response): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.length;
    if (size > bundleFileSize_max) throw new Error(tooLarge);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

const tooLarge = `it has more than ${bundleFileSize_max} bytes`;

/** Reads the file at `path`. One that was just changed is left until it has stayed the same between two looks. */
export function bundleFromFile(path: string): FetchBundle {
  let seen: string | null = null;
  return async (tag) => {
    const { isFile, size, signature } = lookAt(path);
    const isStill = seen === null || seen === signature;
    seen = signature;
    if (signature === tag || !isStill) return { kind: "same" };
    if (!isFile) throw new Error("it is no file");
    if (size > bundleFileSize_max) throw new Error(tooLarge);
    return { kind: "new", bytes: readFileSync(path), tag: signature };
  };
}

function lookAt(path: string): { readonly isFile: boolean; readonly size: number; readonly signature: string } {
  try {
    const found = statSync(path);
    const { ino, size, mtimeMs, ctimeMs } = found;
    return { isFile: found.isFile(), size, signature: `${ino} ${size} ${mtimeMs} ${ctimeMs}` };
  } catch {
    throw new Error("there is no such file");
  }
}

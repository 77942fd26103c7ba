/**
 * HTTP requests as facts, from a URL in a command or from the wire.
 *
 * In: method and URL. Out: the facts of `spec/facts/http.schema.json`, with host and path in the one form in which a rule can
 * compare them: an address in four decimal numbers however it was spelt, a path decoded once and without dot segments. What
 * would be decoded twice, or is no URL, is unknown. Absent: bodies, DNS, redirects.
 */
import { type Fact, unknown } from "../facts/fact.js";
import type { HttpFacts } from "../facts/generated.js";

export interface HttpRequest {
  readonly method: Fact<string>;
  readonly url: Fact<string>;
  readonly uploads_file: Fact<boolean>;
}

type Parts = Pick<HttpFacts, "scheme" | "host" | "port" | "path" | "query">;

/** Facts of one request. Total; O(length). */
export function httpFacts({ method, url, uploads_file }: HttpRequest): HttpFacts {
  const parts = typeof url === "string" ? readUrl(url) : unknownParts(url["?"]);
  const facts = { method: typeof method === "string" ? method.toUpperCase() : method, ...parts, uploads_file };
  const reasons = Object.values(facts).flatMap((value) =>
    typeof value === "object" && "?" in value ? [value["?"]] : [],
  );
  return { ...facts, complete: reasons.length === 0, reasons: [...new Set(reasons)].toSorted() };
}

const unknownParts = (why: string): Parts => ({
  scheme: unknown(why),
  host: unknown(why),
  port: unknown(why),
  path: unknown(why),
  query: unknown(why),
});

const ports: Readonly<Record<string, number>> = { http: 80, https: 443, ftp: 21, ftps: 990, ws: 80, wss: 443 };

/** A URL as curl reads it: without a scheme it is HTTP; a user name is dropped. */
export function readUrl(url: string): Parts {
  const found =
    /^(?:([A-Za-z][A-Za-z0-9+.-]*):\/\/)?(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:]*)(?::(\d*))?([^?#]*)(?:\?([^#]*))?(?:#.*)?$/s.exec(
      url,
    );
  if (found === null || /[\s\\{}]/.test(url)) return unknownParts("url");
  const [, scheme = "http", host = "", port = "", path = "", query = ""] = found;
  const lower = scheme.toLowerCase();
  const known = port === "" ? ports[lower] : Number(port);
  return {
    scheme: lower,
    host: hostOf(host),
    port: known ?? unknown("url"),
    path: pathOf(path),
    query,
  };
}

/** Lower case, without the dot of the root; IPv4 in any of the forms `inet_aton` reads becomes four numbers. */
export function hostOf(host: string): Fact<string> {
  const name = host.toLowerCase().replace(/\.$/, "");
  if (name === "" || /[^\x21-\x7e]|%/.test(name)) return unknown("host");
  const address = addressOf(name);
  const mapped = /^\[::ffff:([\d.]+)\]$/.exec(name)?.[1];
  return address ?? mapped ?? name;
}

function addressOf(name: string): string | null {
  const numbers = name.split(".").map(readNumber);
  if (numbers.length > 4 || numbers.includes(null)) return null;
  const values = numbers.filter((each) => each !== null);
  const last = values.at(-1) ?? 0;
  const heads = values.slice(0, -1);
  if (heads.some((each) => each > 255) || last >= 256 ** (5 - values.length)) return null;
  const whole = heads.reduce((sum, each, i) => sum + each * 256 ** (3 - i), last);
  return [24, 16, 8, 0].map((shift) => Math.floor(whole / 2 ** shift) % 256).join(".");
}

function readNumber(text: string): number | null {
  if (/^0x[0-9a-f]*$/.test(text)) return Number.parseInt(text.slice(2) || "0", 16);
  if (/^0[0-7]*$/.test(text)) return Number.parseInt(text, 8);
  return /^[1-9]\d*$/.test(text) ? Number(text) : null;
}

/** Decoded once; a percent sign that is still there may be decoded again by whoever serves it, so it is not known. */
export function pathOf(path: string): Fact<string> {
  const decoded = decode(path);
  if (decoded === null || /%[0-9a-f]{2}/i.test(decoded)) return unknown("path_encoding");
  const segments: string[] = [];
  for (const segment of decoded.split("/")) {
    if (segment === "..") segments.pop();
    else if (segment !== "." && segment !== "") segments.push(segment);
  }
  return `/${segments.join("/")}`;
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** An HTTP request as it goes over the wire, as facts. Of its body only that there is one is asked, and which files it names. */
import { type Fact, unknown } from "../facts/fact.js";
import type { WireAnalysis } from "../facts/front-end.js";
import type { Headers, HttpWireRequest } from "../facts/wire.js";
import { overriddenMethod } from "./method.js";
import { httpFacts } from "./request.js";

/** One `http` action. Total; O(length of the URL). */
export function analyseHttp({ method, url, headers, body }: HttpWireRequest): WireAnalysis {
  const facts = httpFacts({ method: methodOf(method, headers), url, uploads_file: uploads(headers, body) });
  return { actions: [{ family: "http", opaque: false, facts }] };
}

function methodOf(method: string, headers: Headers): Fact<string> {
  return overriddenMethod(
    method,
    Object.entries(headers).flatMap(([name, values]) => values.map((value) => [name, value] as const)),
  );
}

/** Where the bytes of a body were before, a wire cannot say, but for a form that names its files. */
function uploads(headers: Headers, body: unknown): Fact<boolean> {
  const length = headers["content-length"]?.[0];
  const isSent = body !== undefined && body !== "" && body !== null;
  const isLong = headers["transfer-encoding"] !== undefined || (length !== undefined && length.trim() !== "0");
  if (!isSent && !isLong) return false;
  return typeof body === "string" && /^content-disposition:[^\r\n]*;\s*filename\*?=/im.test(body)
    ? true
    : unknown("body");
}

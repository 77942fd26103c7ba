/** `curl` and `wget`: the requests they send, what they send of files, and where they keep what comes. */

import { type Fact, unknown } from "../../facts/fact.js";
import { httpFacts, overriddenMethod } from "../../http/index.js";
import { readApiPath } from "../../kubernetes/index.js";
import { hasFlag, valuesOf } from "../arguments.js";
import type { Tool } from "../call.js";
import { addEffects, addPath, type Draft, doubt, factOf } from "../draft.js";
import { dropStart, hole, literal, partsOf, prefixOf, splitAt, textOf, type Value } from "../value.js";

export interface Request {
  readonly url: Value;
  /** Null when nothing says which. */
  readonly method: Fact<string> | null;
  readonly uploads_file: boolean;
}

const metadataHosts = new Set([
  "169.254.169.254",
  "metadata.google.internal",
  "metadata",
  "169.254.170.2",
  "100.100.100.200",
  "[fd00:ec2::254]",
]);

/** The request, the Kubernetes or cloud call that it is, and what of it a command does. */
export function addHttp(draft: Draft, { url, method, uploads_file }: Request): void {
  addEffects(draft, "network");
  if (uploads_file) addEffects(draft, "export");
  const {
    complete: _,
    reasons: __,
    ...facts
  } = httpFacts({
    url: urlFact(url),
    method: method ?? unknown("method"),
    uploads_file,
  });
  draft.derived.push({ family: "http", facts });
  if (typeof facts.host !== "string") doubt(draft, "host");
  else if (metadataHosts.has(facts.host)) addEffects(draft, "secret_read");
  addServices(draft, facts.path, facts.query, typeof method === "string" ? method : "POST");
}

/**
 * With a certain host and path the rest of the URL need not be known. A question mark that is not quoted is a glob, and stays
 * as it is where no file is named so: none is named like a URL.
 */
function urlFact(url: Value) {
  const start = prefixOf(url);
  if (textOf(url) !== null) return start;
  const globbed = partsOf(url).map((part) => (typeof part === "string" ? part : globSigns[part.may_be]));
  if (!globbed.includes(null)) return globbed.join("");
  return /^https?:\/\/[^/?#@\\]+\/[^?]*\?/.test(start) ? start : factOf(url);
}

const globSigns = { name: "*", letter: "?", below: null, any: null } as const;

function addServices(draft: Draft, path: unknown, query: unknown, method: string): void {
  if (typeof path !== "string") return;
  const call = readApiPath(method, path, typeof query === "string" ? query : "");
  if (call !== null && /^\/apis?\//.test(path) && call.resource !== "")
    draft.derived.push({
      family: "k8s",
      facts: { ...call, context: "", impersonates: false, scales_to_zero: false },
    });
  if (/:setIamPolicy$|:setIamPermissions$/.test(path)) addEffects(draft, "grant");
}

export function curl(tool: Tool): null {
  const { invocation, draft, walk, call } = tool;
  const bodies = [
    ...valuesOf(
      invocation,
      "--data",
      "--data-binary",
      "--data-ascii",
      "--data-urlencode",
      "--json",
      "--form",
      "--url-query",
      "--form-string",
      "--data-raw",
    ),
  ];
  const files = uploadsOf(tool);
  for (const file of files)
    if (textOf(file) !== "-" && textOf(file) !== ".") addPath(walk, draft, file, { op: "read" });
  const isUpload = files.length > 0;
  const methods = valuesOf(invocation, "--request").map((value) => textOf(value));
  const own = methods.at(-1);
  const implied = hasFlag(invocation, "--head")
    ? "HEAD"
    : hasFlag(invocation, "--get")
      ? "GET"
      : hasFlag(invocation, "--upload-file")
        ? "PUT"
        : bodies.length > 0
          ? "POST"
          : "GET";
  const sent = own === undefined ? implied : own;
  const method = sent === null ? null : overriddenMethod(sent, headersOf(tool));
  const urls = [...valuesOf(invocation, "--url"), ...invocation.operands.map(({ value }) => value)];
  for (const url of urls) {
    if (/^file:/i.test(prefixOf(url))) addPath(walk, draft, dropStart(url, "file://".length), { op: "read" });
    else addHttp(draft, { url, method, uploads_file: isUpload });
  }
  if (hasFlag(invocation, "--remote-name", "--remote-name-all")) {
    for (const url of urls) addPath(walk, draft, lastSegment(url), { op: "write" });
  }
  if (isUpload && call.stdin.kind !== "none") addEffects(draft, "export");
  if (urls.length === 0) doubt(draft, "url");
  return null;
}

/** Files whose content is sent: `-T file`, `-d @file`, `-F x=@file`. */
function uploadsOf({ invocation }: Tool): readonly Value[] {
  const bodies = valuesOf(invocation, "--data", "--data-binary", "--data-ascii", "--json");
  const encoded = valuesOf(invocation, "--data-urlencode");
  const forms = valuesOf(invocation, "--form");
  return [
    ...valuesOf(invocation, "--upload-file"),
    ...bodies.flatMap((value) => (prefixOf(value).startsWith("@") ? [dropStart(value, 1)] : [])),
    ...encoded.flatMap((value) => behindSign(value, "@")),
    ...forms.flatMap((value) => [...behindSign(value, "=@"), ...behindSign(value, "=<")]),
    ...valuesOf(invocation, "--header").flatMap((value) =>
      prefixOf(value).startsWith("@") ? [dropStart(value, 1)] : [],
    ),
  ];
}

function behindSign(value: Value, sign: string): readonly Value[] {
  const split = splitAt(value, sign);
  return split === null ? [] : [split[1]];
}

/** Headers that are certain; one that is not may be any, and is doubted where its file or variable is. */
function headersOf({ invocation }: Tool): readonly (readonly [string, string])[] {
  return valuesOf(invocation, "--header").flatMap((value) => {
    const found = /^([^:]+):\s*(.*)$/s.exec(textOf(value) ?? "");
    return found === null ? [] : [[found[1] ?? "", found[2] ?? ""] as const];
  });
}

function lastSegment(url: Value): Value {
  const text = textOf(url);
  if (text === null) return hole("url");
  return literal(
    text
      .replace(/[?#].*$/s, "")
      .split("/")
      .at(-1) || "index.html",
  );
}

export function wget(tool: Tool): null {
  const { invocation, draft, walk } = tool;
  const posts = hasFlag(invocation, "--post-data", "--post-file", "--body-data", "--body-file");
  const [method] = valuesOf(invocation, "--method");
  const files = valuesOf(invocation, "--post-file", "--body-file");
  for (const file of files) addPath(walk, draft, file, { op: "read" });
  const urls = invocation.operands.map(({ value }) => value);
  const verb = method === undefined ? (posts ? "POST" : "GET") : textOf(method);
  for (const url of urls) addHttp(draft, { url, method: verb, uploads_file: files.length > 0 });
  const [target] = valuesOf(invocation, "--output-document");
  if (target !== undefined) {
    if (textOf(target) !== "-") addPath(walk, draft, target, { op: "write" });
  } else if (!hasFlag(invocation, "--spider")) {
    const [folder] = valuesOf(invocation, "--directory-prefix");
    if (folder !== undefined) addPath(walk, draft, folder, { op: "write", recursive: true });
    else for (const url of urls) addPath(walk, draft, lastSegment(url), { op: "write" });
  }
  if (urls.length === 0) doubt(draft, "url");
  return null;
}

import type { Span } from "../source/source-file.js";
import type { Diagnostic } from "./diagnostic.js";

/** What the catalogue says once about a code. `message` and `help` are written from typed parameters, never from text. */
export interface Definition<P> {
  readonly code: `HPL${number}`;
  readonly slug: string;
  readonly severity: Diagnostic["severity"];
  readonly message: (params: P) => string;
  readonly help: (params: P) => string | null;
}

/** A diagnostic waiting for its place: call it with a span and its parameters. */
export interface DiagnosticKind<P> {
  (span: Span, params: P): Diagnostic;
  readonly code: string;
  readonly slug: string;
  readonly severity: Diagnostic["severity"];
}

/** Messages quote the author's text, which may be a megabyte; nobody reads more of it than this. */
const text_max = 1_000;

const clip = <T extends string | null>(text: T): T | string =>
  text !== null && text.length > text_max ? `${text.slice(0, text_max - 2)}..` : text;

/** One entry of the catalogue. */
export function define<P>({ code, slug, severity, message, help }: Definition<P>): DiagnosticKind<P> {
  const make = (span: Span, params: P): Diagnostic => ({
    code,
    slug,
    severity,
    message: clip(message(params)),
    help: clip(help(params)),
    notes: [],
    span,
    rule: null,
  });
  return Object.assign(make, { code, slug, severity });
}

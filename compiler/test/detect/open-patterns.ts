import { type Detectors, openDetectors } from "@hpl/runtime";
import { compile } from "../../src/index.js";

/** A detector of a test. */
export interface TestDetector {
  readonly patterns: readonly string[];
  readonly checks?: readonly string[];
  readonly context?: readonly string[];
}

/** Policy text with `detectors`, by name, all in one set. */
export function policyWith(detectors: Readonly<Record<string, TestDetector>>): string {
  const items = Object.entries(detectors).map(([name, { patterns, checks = [], context = [] }]) =>
    [
      `detector ${name} {`,
      ...patterns.map((pattern) => `  pattern '${pattern}'`),
      ...checks.map((check) => `  check ${check}`),
      ...(context.length === 0 ? [] : [`  context {${context.map((word) => JSON.stringify(word)).join(", ")}}`]),
      "}",
    ].join("\n"),
  );
  const names = Object.keys(detectors).join(", ");
  return `policy p governs text\n${items.join("\n")}\nlet every = {${names}}\nmask "m" values every with redact\n`;
}

/** Compiles a policy text, and opens its detectors. Throws on any error. */
export function detectorsOf(text: string, libraries: Parameters<typeof compile>[0]["libraries"] = []): Detectors {
  const { module, diagnostics } = compile({ sources: [{ path: "p.hpl", text }], libraries });
  if (module === null) throw new Error(diagnostics.map(({ code, message }) => `${code} ${message}`).join("\n"));
  const opened = openDetectors(module);
  if (!opened.ok) throw new Error(opened.failure.message);
  return opened.detectors;
}

export const openPatterns = (detectors: Readonly<Record<string, TestDetector>>): Detectors =>
  detectorsOf(policyWith(detectors));

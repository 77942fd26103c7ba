import { type Diagnostic, locate, type SourceFile } from "@hpl/compiler";
import type { FrontEnds } from "@hpl/runtime";
import { readLibraries } from "../policy-files.js";
import { verifyPolicy } from "../verify-policy.js";
import type { Import, ImportedRule } from "./imported.js";
import { formatImport, tooLarge, writePolicy } from "./write-policy.js";

type Read = Extract<Import, { ok: true }>;

/** A policy that `hpl check` accepts, and what it took. */
export interface KeptExamples {
  readonly text: string;
  readonly rules: readonly ImportedRule[];
  /** Examples that do not hold, as they stood: the original judges them otherwise than the import. */
  readonly dropped: readonly string[];
}

/** A rule for which there is no request: the original has one, and it does nothing. */
const NEVER_FIRES = "HPL4002";

/**
 * Writes the policy and runs the examples that came along with its rules. One that fails becomes a comment where it stood; a rule
 * that no request can meet is left out. Any other error of the policy is our mistake.
 */
export function keepExamples(read: Read, frontEnds: FrontEnds): KeptExamples {
  const { text, errors, failing } = checked(read, frontEnds);
  const idle = new Set(errors.flatMap(({ code, rule }) => (code === NEVER_FIRES && rule !== null ? [rule] : [])));
  if (idle.size > 0)
    return keepExamples({ ...read, rules: read.rules.map((rule) => withoutIdle(rule, idle)) }, frontEnds);
  const stray = errors.find((error) => !failing.includes(error));
  if (stray?.code.startsWith("HPL6")) throw tooLarge(stray.message);
  if (stray !== undefined) throw new Error(`HPL9001: an import has errors: ${stray.code} ${stray.message}`);
  const lines = new Set(failing.map(({ span }) => locate(span, [{ path: "imported.hpl", text }]).line));
  const all = text.split("\n");
  const kept = all.map((line, i) => (lines.has(i + 1) ? line.replace(/\S/, "# not so here: $&") : line)).join("\n");
  return {
    text: formatImport(kept),
    rules: read.rules,
    dropped: all.flatMap((line, i) => (lines.has(i + 1) ? [line.trim()] : [])),
  };
}

interface Checked {
  readonly text: string;
  readonly errors: readonly Diagnostic[];
  readonly failing: readonly Diagnostic[];
}

function checked(read: Read, frontEnds: FrontEnds): Checked {
  const text = writePolicy(read);
  const source: SourceFile = { path: "imported.hpl", text };
  const { diagnostics, verified } = verifyPolicy({ sources: [source], libraries: readLibraries() }, frontEnds);
  return {
    text,
    errors: diagnostics.filter(({ severity }) => severity === "error"),
    failing: verified?.verification.results.flatMap((result) => result.diagnostics) ?? [],
  };
}

function withoutIdle(rule: ImportedRule, idle: ReadonlySet<string>): ImportedRule {
  const isIdle = (item: string): boolean =>
    [...idle].some((id) => /^\w+(?: approval)? "([^"]*)"/.exec(item)?.[1] === id.slice(id.indexOf("/") + 1));
  if (!rule.items.some(isIdle)) return rule;
  return {
    ...rule,
    items: rule.items.filter((item) => !isIdle(item)),
    left_out: [...rule.left_out, "what no request can meet"],
  };
}

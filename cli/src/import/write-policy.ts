import { format } from "@hpl/compiler";
import { CommandFailure, exitCode } from "../exit-code.js";
import { visible, visibleLines } from "../visible.js";
import type { Import, ImportedRule } from "./imported.js";

/** The module an import amounts to, formatted: each rule under its original, with what was left out. */
export function writePolicy({ head, rules }: Extract<Import, { ok: true }>): string {
  const text = [head.join("\n"), ...rules.map(ruleText)].join("\n\n");
  return formatImport(text);
}

/** `text` in the one style. That it does not parse is our mistake. */
export function formatImport(text: string): string {
  const formatted = format({ path: "imported.hpl", text });
  const [error] = formatted.diagnostics;
  if (error?.code.startsWith("HPL6")) throw tooLarge(error.message);
  if (formatted.text === null) throw new Error(`HPL9001: an import does not parse: ${error?.message}`);
  return formatted.text;
}

/** A policy that the compiler has no room for: whose rules they are may split them. */
export const tooLarge = (message: string): CommandFailure =>
  new CommandFailure(`the policy would be too large: ${message}`, exitCode.findings);

const ruleText = ({ original, items, left_out, gaps }: ImportedRule): string =>
  [
    ...commentOf(original),
    ...left_out.map((each) => `# left out: ${visible(each)}`),
    ...gaps.map((each) => `# NOT IMPORTED, and nothing refuses it: ${visible(each)}`),
    ...items,
  ].join("\n");

/** `#` in front of each line. What a reviewer cannot see is shown by its number: the compiler refuses it in comments, too. */
const commentOf = (original: string): readonly string[] =>
  visibleLines(original.replaceAll("\r\n", "\n")).map((line) => `# ${line}`.trimEnd());

import { readFileSync } from "node:fs";
import { type CheckOutput, check } from "../src/check.js";
import { suppress } from "../src/lint/suppress.js";
import type { SourceFile } from "../src/source/source-file.js";

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");

/** The standard library as far as it exists, and stand-ins for what the examples use beside it. */
export const libraries: readonly SourceFile[] = [
  { path: "std/sql.hpl", text: read("../../stdlib/sql/sql.hpl") },
  {
    path: "std/shell.hpl",
    text: `library std.shell governs shell
let only_reads = command.effects only {read}
let reads_secrets = command.effects has secret_read
`,
  },
  {
    path: "std/detect.hpl",
    text: `library std.detect
detector aws_key { pattern 'AKIA[A-Z0-9]{16}' }
let secrets = {aws_key}
`,
  },
  {
    path: "org/people.hpl",
    text: `library org.people
${["dba", "engineers", "finance", "oncall", "platform", "privacy", "security", "sre", "support", "fraud", "contractors"]
  .map((group) => `group ${group} = "idp-${group}"`)
  .join("\n")}
`,
  },
];

const fileLine = /^# file: (\S+)$/m;

/** One source, or several: a line `# file: NAME` starts another one. Data files, which end in `.json`, come last. */
export function sourcesOf(text: string, path = "policy.hpl"): readonly SourceFile[] {
  const [first = "", ...rest] = text.split(fileLine);
  const others = rest.flatMap((part, i) => (i % 2 === 0 ? [{ path: part, text: rest[i + 1] ?? "" }] : []));
  return [{ path, text: first }, ...others];
}

/** The first of June 2026: what time it is for warnings. */
const now_ms = Date.UTC(2026, 5, 1);

/** The one way tests reach the front of the compiler. */
export const checkText = (text: string): CheckOutput => checkSources(sourcesOf(text));

export function checkSources(sources: readonly SourceFile[]): CheckOutput {
  const isData = ({ path }: SourceFile) => path.endsWith(".json");
  const policies = sources.filter((source) => !isData(source));
  const { policy, diagnostics } = check({ sources: policies, libraries, data: sources.filter(isData), now_ms });
  return { policy, diagnostics: suppress(diagnostics, policies) };
}

/** The codes of what `text` is told, errors only. */
export function errorsIn(text: string): readonly string[] {
  return checkText(text).diagnostics.flatMap(({ severity, code }) => (severity === "error" ? [code] : []));
}

/** A policy over SQL that only allows reads: rules are put after it. */
export const sqlPolicy = `policy p governs sql
default block
allow "reads" when statement.effects only {read}
`;

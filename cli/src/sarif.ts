import { type Diagnostic, locate, type SourceFile } from "@hpl/compiler";

/** Findings as SARIF 2.1.0 (OASIS), one run; lines and columns count from 1, in UTF-16 code units. */
export function toSarif(diagnostics: readonly Diagnostic[], sources: readonly SourceFile[]) {
  const codes = new Map(diagnostics.map(({ code, slug }) => [code, slug]));
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "hpl", rules: [...codes].map(([id, name]) => ({ id, name })) } },
        columnKind: "utf16CodeUnits",
        results: diagnostics.map((diagnostic) => toResult(diagnostic, sources)),
      },
    ],
  };
}

function toResult({ code, severity, message, help, notes, span }: Diagnostic, sources: readonly SourceFile[]) {
  const { file, line, character, end_line, end_character } = locate(span, sources);
  const region = { startLine: line, startColumn: character, endLine: end_line, endColumn: end_character };
  return {
    ruleId: code,
    level: severity,
    message: { text: [message, ...(help === null ? [] : [help]), ...notes].join(". ") },
    locations: [{ physicalLocation: { artifactLocation: { uri: encodeURI(file) }, region } }],
  };
}

import { compile, renderDiagnostics } from "@hpl/compiler";

/** The module of policy texts that have no errors; throws with the findings when they have. */
export function mustCompile(...texts: readonly string[]): Uint8Array<ArrayBuffer> {
  const sources = texts.map((text, i) => ({ path: `bench-${i}.hpl`, text }));
  const { module, diagnostics } = compile({ sources, libraries: [] });
  if (module === null) throw new Error(renderDiagnostics(diagnostics.slice(0, 5), sources, { colors: false }));
  return module;
}

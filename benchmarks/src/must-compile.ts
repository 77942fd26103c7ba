import { compile, renderDiagnostics } from "@hpl/compiler";

/** The module of one policy text that has no errors; throws with the findings when it has. */
export function mustCompile(text: string): Uint8Array<ArrayBuffer> {
  const sources = [{ path: "bench.hpl", text }];
  const { module, diagnostics } = compile({ sources, libraries: [] });
  if (module === null) throw new Error(renderDiagnostics(diagnostics.slice(0, 5), sources, { colors: false }));
  return module;
}

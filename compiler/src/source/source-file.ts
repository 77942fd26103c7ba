/** One policy file. `path` is what diagnostics print: relative to where the compiler was called, `/` between segments. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** Half-open range `[start, end)`, in UTF-16 code units of one source file, which `file` names by its index. */
export interface Span {
  readonly file: number;
  readonly start: number;
  readonly end: number;
}

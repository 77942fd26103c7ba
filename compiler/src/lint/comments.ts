import { scan } from "../1-parse/scan.js";
import type { SourceFile, Span } from "../source/source-file.js";

export interface Comment {
  /** Without the `#`, trimmed. */
  readonly text: string;
  readonly span: Span;
}

/** The comments of `source`, in order: what stands between its tokens and starts with `#`. O(n). */
export function commentsOf(source: SourceFile, file: number): readonly Comment[] {
  const { tokens } = scan(source.text, file);
  const comments: Comment[] = [];
  let end = 0;
  for (const { startOffset, image } of [...tokens, { startOffset: source.text.length, image: "" }]) {
    for (const { 0: found, index } of source.text.slice(end, startOffset).matchAll(/#[^\n]*/g)) {
      const start = end + index;
      comments.push({ text: found.slice(1).trim(), span: { file, start, end: start + found.trimEnd().length } });
    }
    end = startOffset + image.length;
  }
  return comments;
}

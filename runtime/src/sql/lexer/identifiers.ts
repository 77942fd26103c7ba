/** Every name a text mentions, whatever it stands for. */
import type { Tokens } from "./lexer.js";
import type { TokenRange } from "./statements.js";

/**
 * All words and quoted names of `range`, in lower case, quotes and doubled quotes taken off, in order of appearance:
 * keywords, aliases and functions too. More than a statement touches, never less.
 */
export function identifiersOf({ text, kinds, starts, ends }: Tokens, range: TokenRange): ReadonlySet<string> {
  const names = new Set<string>();
  for (let i = range.start; i < range.end; i++) {
    const written = text.slice(starts[i], ends[i]);
    if (kinds[i] === "word") names.add(written.toLowerCase());
    else if (kinds[i] === "quoted") for (const name of namesIn(written)) names.add(name);
  }
  return names;
}

/** BigQuery quotes whole paths: their parts are names as well. */
function namesIn(written: string): readonly string[] {
  const quote = written.charAt(written.length - 1);
  const name = written.slice(written.indexOf(quote) + 1, -1).replaceAll(quote + quote, quote);
  const folded = name.toLowerCase();
  return quote === "`" && folded.includes(".") ? [folded, ...folded.split(".")] : [folded];
}

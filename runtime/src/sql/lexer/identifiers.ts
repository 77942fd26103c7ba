/** Every name a text mentions, whatever it stands for. */
import type { FactList } from "../../facts/index.js";
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

/** What a statement mentions, as a fact: open where a name is written in escapes (`U&"\\0075sers"`). */
export function mentionsOf(tokens: Tokens, range: TokenRange): FactList<string> {
  const items = [...identifiersOf(tokens, range)];
  return items.some(isEscaped) ? { items, open: true } : items;
}

/**
 * The part of a statement of PostgreSQL before the value it gives a setting, whose words name nothing and may be secret: behind
 * `=` or TO in `SET ..` and `ALTER SYSTEM | ROLE | DATABASE .. SET ..`, and behind SET TIME ZONE. The whole range for any other.
 */
export function beforeSettingValue(tokens: Tokens, range: TokenRange): TokenRange {
  const textAt = (i: number): string => tokens.text.slice(tokens.starts[i], tokens.ends[i]).toLowerCase();
  const first = textAt(range.start);
  const isOfServer = first === "alter" && /^(?:system|role|user|database)$/.test(textAt(range.start + 1));
  if (first !== "set" && !isOfServer) return range;
  let isSetting = false;
  for (let i = range.start; i < range.end; i++) {
    const text = textAt(i);
    if (isSetting && (text === "=" || text === "to" || text === "zone")) return { start: range.start, end: i + 1 };
    if (text === "set") isSetting = true;
  }
  return range;
}

const isEscaped = (name: string): boolean => name.includes("\\");

/** BigQuery quotes whole paths: their parts are names as well. */
function namesIn(written: string): readonly string[] {
  const quote = written.charAt(written.length - 1);
  const name = written.slice(written.indexOf(quote) + 1, -1).replaceAll(quote + quote, quote);
  const folded = name.toLowerCase();
  return quote === "`" && folded.includes(".") ? [folded, ...folded.split(".")] : [folded];
}

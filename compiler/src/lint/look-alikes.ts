import { scan, spanOf } from "../1-parse/scan.js";
import { Text } from "../1-parse/tokens.js";
import { lookAlike } from "../diagnostics/catalog.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { SourceFile } from "../source/source-file.js";

/** Words before a text that people read and nothing is compared with. */
const beforeProse: ReadonlySet<string> = new Set(["why", "fix", "reason", "by", "asking", "test"]);

/**
 * Words in texts that mix scripts whose letters look alike (`аdmin` with a Cyrillic first letter), or hold fullwidth or other
 * compatibility letters: a pattern with one never matches what its reader thinks it does. Mixtures that writing systems need
 * (Latin with Chinese, Japanese or Korean) are not reported. Unicode TS 39, section 5. O(n).
 */
export function findLookAlikes(source: SourceFile, file: number): readonly Diagnostic[] {
  if (!/[^\t-~]/.test(source.text)) return [];
  const { tokens } = scan(source.text, file);
  return tokens.flatMap((found, i) => {
    const isText = found.tokenType === Text || found.tokenType.CATEGORIES?.includes(Text) === true;
    if (!isText || beforeProse.has(tokens[i - 1]?.image ?? "")) return [];
    const problem = problemOf(found.image);
    return problem === null ? [] : [lookAlike(spanOf(found, file), problem)];
  });
}

// Scripts whose letters pass for one another's.
const scripts = [
  ["Latin", /\p{Script=Latin}/u],
  ["Cyrillic", /\p{Script=Cyrillic}/u],
  ["Greek", /\p{Script=Greek}/u],
  ["Armenian", /\p{Script=Armenian}/u],
  ["Cherokee", /\p{Script=Cherokee}/u],
  ["Coptic", /\p{Script=Coptic}/u],
  ["Lisu", /\p{Script=Lisu}/u],
] as const;

const scriptOf = (letter: string): string | null => scripts.find(([, pattern]) => pattern.test(letter))?.[0] ?? null;

interface LookAlike {
  readonly word: string;
  readonly letter: string;
  /** What the letter is, for instance `Cyrillic`. */
  readonly script: string;
}

function problemOf(text: string): LookAlike | null {
  for (const [word] of text.matchAll(/[\p{L}\p{M}\p{N}_]+/gu)) {
    const letters = Array.from(word);
    const compatible = letters.find((letter) => letter.normalize("NFKC") !== letter && /\p{L}|\p{N}/u.test(letter));
    if (compatible !== undefined) return { word, letter: compatible, script: "a compatibility form" };
    const [first, ...others] = letters.flatMap((letter) => {
      const script = scriptOf(letter);
      return script === null ? [] : [{ letter, script }];
    });
    const other = others.find(({ script }) => script !== first?.script);
    if (first === undefined || other === undefined) continue;
    const odd = first.script === "Latin" ? other : first;
    return { word, ...odd };
  }
  return null;
}

import type { RegexNode } from "./regex-tree.js";

/** The text and how far it has been read. After the first problem there is nothing left to read. */
export interface Reader {
  readonly characters: readonly string[];
  at: number;
  readonly bothCases: boolean;
  /** Whether nothing but plain characters has been met. */
  isPlain: boolean;
  problem: { readonly problem: string; readonly help: string | null } | null;
}

/** The next character; undefined at the end. */
export const peek = (reader: Reader): string | undefined => reader.characters[reader.at];

/** Notes what is wrong, unless something was before, and ends the reading. */
export function fail(reader: Reader, problem: string, help: string | null): RegexNode {
  reader.problem ??= { problem, help };
  reader.at = reader.characters.length;
  return { kind: "sequence", parts: [] };
}

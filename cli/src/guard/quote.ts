/** A word as POSIX shells read it back exactly, whatever is in it: nothing in single quotes is special. */
export const quoteWord = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

/** The command line that runs `words` as they are: the first is a program, never a keyword, an alias or an assignment. */
export const quoteWords = (words: readonly string[]): string => words.map(quoteWord).join(" ");

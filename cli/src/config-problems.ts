import type { ConfigProblem } from "@hpl/gateway";

/** Each problem on a line: file, line and character, field, what is wrong. */
export const describeProblems = (path: string, problems: readonly ConfigProblem[]): string =>
  problems
    .map(
      ({ field, line, character, message }) =>
        `${path}:${line}:${character}: ${field === "" ? "" : `\`${field}\`: `}${message}`,
    )
    .join("\n");

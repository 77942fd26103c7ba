import fc from "fast-check";
import type { Regex } from "../../src/3-check/checked.js";
import { compileRegex, newRegexCache } from "../../src/3-check/regex/compile-regex.js";

const span = { file: 0, start: 0, end: 1 };

const piece = fc.constantFrom(
  "a",
  "b",
  "s",
  "t",
  "\\.",
  "/",
  ".",
  "ü",
  "\\x{fc}",
  "email",
  "\\d",
  "\\w",
  "\\s",
  "\\D",
  "\\W",
  "\\S",
  "[ab]",
  "[^a]",
  "[a-s]",
  "[^\\w]",
  "[A-Z.]",
);

const { branch } = fc.letrec<{ branch: string; repeated: string }>((tie) => ({
  branch: fc
    .array(
      fc.array(fc.oneof({ maxDepth: 2, depthIdentifier: "regex" }, piece, tie("repeated")), {
        minLength: 1,
        maxLength: 4,
      }),
      {
        minLength: 1,
        maxLength: 2,
      },
    )
    .map((branches) => branches.map((pieces) => pieces.join("")).join("|")),
  repeated: fc
    .tuple(fc.constantFrom("(", "(?:"), tie("branch"), fc.constantFrom("", "*", "+", "?", "{2}", "{1,}", "{0,3}"))
    .map(([open, inner, count]) => `${open}${inner})${count}`),
}));

/** Patterns of the subset, with the automata the checker makes of them; those it refuses are left out. */
const anyRegex: fc.Arbitrary<Regex> = fc
  .tuple(fc.boolean(), branch)
  .map(([folds, text]) => compileRegex(folds ? `(?i)${text}` : text, span, newRegexCache()))
  .filter((output) => output.kind === "regex")
  .map(({ regex: compiled }) => compiled);

/** Building automata takes most of the time of a run: most patterns are among a few that are built once. */
const known = fc.sample(anyRegex, { numRuns: 48, seed: 1 });

export const regex: fc.Arbitrary<Regex> = fc.oneof(
  { weight: 15, arbitrary: fc.constantFrom(...known) },
  { weight: 1, arbitrary: anyRegex },
);

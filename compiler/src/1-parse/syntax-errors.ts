import { EOF, type IToken } from "chevrotain";
import { unexpected } from "../diagnostics/catalog.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { nearestName } from "../diagnostics/nearest-name.js";
import { limits } from "../source/limits.js";
import type { Span } from "../source/source-file.js";
import { describeFound } from "./error-messages.js";
import type { ItemOutput, ParserError } from "./item-parser.js";
import { shapeOf } from "./item-shapes.js";
import { type Part, partsOf, repair } from "./repair.js";
import { spanOf } from "./scan.js";
import { isLineStart, type Segment } from "./segments.js";
import { body, Equals, Identifier, item, reserved, Word } from "./tokens.js";

/**
 * What is wrong with an item of which the parser said `output`: its first error and, as far as its parts can be told apart,
 * those in its other parts, which `parseAgain` reads without the wrong ones.
 */
export function errorsOf(
  output: ItemOutput,
  segment: Segment,
  file: number,
  text: string,
  parseAgain: (tokens: readonly IToken[]) => ItemOutput,
): readonly Diagnostic[] {
  if (output.error === null) return [...output.diagnostics, ...output.missing];
  const said = new Map<string, Diagnostic>();
  const say = (found: Diagnostic) => said.set(`${found.code} ${found.span.start} ${found.message}`, found);
  output.diagnostics.forEach(say);
  const unblamed = new Set(segment.tokens);
  let parts = partsOf(segment.tokens, text);
  let error: ParserError | null = output.error;
  for (let count = 0; error !== null && count < limits.repairs_per_item_max; count++) {
    // What is wrong at the same place again, or at what was put in, follows from a repair.
    const isNew = error.found.tokenType === EOF ? !endsRepaired(parts) : unblamed.delete(error.found);
    if (isNew && !isDisplaced(error, parts)) say(syntaxError(error, segment, file, text));
    parts = parts === null ? null : repair(parts, error.found, error.inBody);
    if (parts === null) break;
    const again = parseAgain(parts.flatMap((part) => part.tokens));
    again.diagnostics.forEach(say);
    error = again.error;
  }
  return [...said.values()];
}

/** Whether the end of the item is not as it was written. */
const endsRepaired = (parts: readonly Part[] | null): boolean =>
  parts?.findLast((part) => part.tokens.length > 0 || part.isRepaired)?.isRepaired === true;

/**
 * Whether a clause in excess is none of its own: after a head that lacked it, it only stands in the wrong place, and a
 * second `when` after any mistake is that of an item whose own word was not read as one.
 */
const isDisplaced = ({ expected, inBody, found }: ParserError, parts: readonly Part[] | null): boolean => {
  if (expected !== "" || inBody) return false;
  return parts?.[0]?.isRepaired === true || (found.tokenType === reserved.when && parts?.some(isRepaired) === true);
};

const isRepaired = (part: Part): boolean => part.isRepaired;

function syntaxError({ expected, found }: ParserError, segment: Segment, file: number, text: string): Diagnostic {
  const last = segment.tokens.at(-1);
  const isEnd = found.tokenType === EOF;
  const span: Span = isEnd ? endOf(last, file) : spanOf(found, file);
  return unexpected(span, {
    expected: expected === "" ? null : expected,
    found: isEnd ? "the end of the item" : describeFound(found),
    hint: (isEnd ? null : misspelledWord(found, segment, text)) ?? shapeOf(segment.tokens[0]?.image ?? ""),
  });
}

/** The last character of an item: where something is missing. */
function endOf(last: IToken | undefined, file: number): Span {
  const end = last === undefined ? 0 : last.startOffset + last.image.length;
  return { file, start: Math.max(0, end - 1), end };
}

const itemWords: ReadonlySet<string> = new Set(Object.keys(item));
const bodyWords: ReadonlySet<string> = new Set(Object.keys(body));

function misspelledWord(found: IToken, segment: Segment, text: string): string | null {
  if (found.tokenType === Equals) return "a comparison is `==`";
  if (!isLineStart(segment, found, text)) return null;
  if (itemWords.has(found.image)) return `an item starts on a line of its own, after the one before it is complete`;
  const isWord = found.tokenType === Identifier || found.tokenType.CATEGORIES?.includes(Word) === true;
  const nearest = isWord ? nearestName(found.image, [...itemWords, ...bodyWords]) : null;
  return nearest === null ? null : `did you mean \`${nearest}\`?`;
}

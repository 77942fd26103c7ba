/**
 * Phase 1: text of one file -> tree and diagnostics.
 *
 * The file is scanned into tokens, the tokens are cut into items (`segments.ts`), and each item is parsed on its own: the
 * first error of an item is reported and the rest of the item given up, so that every error is real and none follows from
 * another. An item with an error stays in the tree as `Broken`, with the name it would have declared, so that later phases
 * do not complain about its users. Items of later versions of the language are recognised by their word and reported once.
 * Nothing here knows what a name means. Total: any text gives a tree, in time linear in its length.
 */
import type { IToken } from "chevrotain";
import {
  missingCloser,
  missingHeader,
  nestingTooDeep,
  secondHeader,
  sourceTooLarge,
  unexpected,
} from "../diagnostics/catalog.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { nearestName } from "../diagnostics/nearest-name.js";
import { limits, utf8Length } from "../source/limits.js";
import type { SourceFile, Span } from "../source/source-file.js";
import type { BrokenItem, Header, Item, ModuleTree } from "./ast.js";
import { describeFound } from "./error-messages.js";
import { ItemParser, laterItemError, type ParserError } from "./item-parser.js";
import { shapeOf } from "./item-shapes.js";
import { scan, spanOf } from "./scan.js";
import { cutIntoItems, isLineStart, type Segment } from "./segments.js";
import { body, Identifier, item, LeftBrace, laterItem, RightBrace, RightParenthesis, Word } from "./tokens.js";

const parser = new ItemParser();

export interface ParseOutput {
  readonly tree: ModuleTree;
  readonly diagnostics: readonly Diagnostic[];
}

/** Parses `source`, which spans call `file`. Reports HPL1nnn, HPL6001 and HPL6002; never throws. */
export function parse(source: SourceFile, file: number): ParseOutput {
  const empty: ModuleTree = { file, source, header: null, name: null, items: [] };
  const bytes = utf8Length(source.text);
  if (bytes > limits.source_bytes_max)
    return { tree: empty, diagnostics: [sourceTooLarge({ file, start: 0, end: 0 }, { bytes })] };
  const scanned = scan(source.text, file);
  const diagnostics: Diagnostic[] = [...scanned.diagnostics];
  const [first, ...rest] = cutIntoItems(scanned.tokens, source.text);
  const header = headerOf(first, file, source.text, diagnostics);
  const segments = first !== undefined && !isHeader(first) ? [first, ...rest] : rest;
  // Beyond the limit nothing more is said, and so nothing more is parsed.
  const isEnough = (): boolean => diagnostics.length > limits.diagnostics_max;
  const items = segments.map((segment) =>
    isEnough() ? brokenItem(segment, file) : itemOf(segment, file, source.text, diagnostics),
  );
  return {
    tree: {
      file,
      source,
      header,
      name: header === null ? nameAfter(first) : header.name.words.map((word) => word.text).join("."),
      items,
    },
    diagnostics,
  };
}

const isHeader = (segment: Segment): boolean => {
  const type = segment.tokens[0]?.tokenType;
  return type === item.policy || type === item.library;
};

function headerOf(first: Segment | undefined, file: number, text: string, diagnostics: Diagnostic[]): Header | null {
  const start = first?.tokens[0];
  if (first === undefined || start === undefined || !isHeader(first)) {
    const span = start === undefined ? { file, start: 0, end: 0 } : spanOf(start, file);
    diagnostics.push(missingHeader(span, {}));
    return null;
  }
  const parsed = parseSegment(first, file, text, diagnostics);
  return parsed?.kind === "Header" ? parsed : null;
}

/** The words right after `policy`: the name a broken header would have had. */
function nameAfter(header: Segment | undefined): string | null {
  if (header === undefined || !isHeader(header)) return null;
  const image = header.tokens.slice(1).map((found) => found.image);
  const end = image.findIndex((word, i) => i % 2 === 1 && word !== ".");
  return image.slice(0, end < 0 ? undefined : end).join("") || null;
}

function itemOf(segment: Segment, file: number, text: string, diagnostics: Diagnostic[]): Item {
  const broken = brokenItem(segment, file);
  const [first] = segment.tokens;
  const last = segment.tokens.at(-1);
  if (first === undefined || last === undefined) return broken;
  if (isHeader(segment)) {
    diagnostics.push(secondHeader(spanOf(first, file), { word: first.image }));
    return broken;
  }
  if (first.tokenType !== Identifier && laterWords.has(first.image)) {
    diagnostics.push(laterItemError(first, last, file));
    return broken;
  }
  // The first segment of a file without a header: what is missing has been said.
  if (!itemWords.has(first.image)) return broken;
  const parsed = parseSegment(segment, file, text, diagnostics);
  return parsed === null || parsed.kind === "Header" ? broken : parsed;
}

const itemWords: ReadonlySet<string> = new Set(Object.keys(item));
const laterWords: ReadonlySet<string> = new Set(Object.keys(laterItem));
const bodyWords: ReadonlySet<string> = new Set(Object.keys(body));

/** Parses one item; null after an error that leaves nothing of it. At most one syntax error is reported. */
function parseSegment(segment: Segment, file: number, text: string, diagnostics: Diagnostic[]): Item | Header | null {
  if (segment.tooDeep !== null) {
    diagnostics.push(nestingTooDeep(spanOf(segment.tooDeep, file), { levels_max: limits.nesting_max }));
    return null;
  }
  const { item: parsed, error, ...output } = parser.parse(closed(segment), file, text);
  const [unclosed] = segment.unclosed;
  if (unclosed !== undefined) {
    const closer = unclosed.tokenType === LeftBrace ? "}" : ")";
    diagnostics.push(missingCloser(spanOf(unclosed, file), { closer }));
  } else if (error !== null) diagnostics.push(syntaxError(error, segment, file, text));
  else diagnostics.push(...output.diagnostics);
  if (error === null && parsed === undefined) throw new Error("an item that is neither parsed nor wrong");
  const isWhole = error === null || error.expected === "";
  return isWhole ? (parsed ?? null) : null;
}

/** The tokens of `segment` and, without text of their own, the closing brackets it lacks. */
function closed(segment: Segment): readonly IToken[] {
  const end = segment.tokens.at(-1);
  const offset = end === undefined ? 0 : end.startOffset + end.image.length;
  const closers = segment.unclosed.toReversed().map((open): IToken => {
    const tokenType = open.tokenType === LeftBrace ? RightBrace : RightParenthesis;
    return { image: "", startOffset: offset, tokenType, tokenTypeIdx: tokenType.tokenTypeIdx ?? 0 };
  });
  return [...segment.tokens, ...closers];
}

function syntaxError({ expected, found }: ParserError, segment: Segment, file: number, text: string): Diagnostic {
  const last = segment.tokens.at(-1);
  const isEnd = Number.isNaN(found.startOffset);
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

function misspelledWord(found: IToken, segment: Segment, text: string): string | null {
  if (!isLineStart(segment, found, text)) return null;
  if (itemWords.has(found.image)) return `an item starts on a line of its own, after the one before it is complete`;
  const isWord = found.tokenType === Identifier || found.tokenType.CATEGORIES?.includes(Word) === true;
  const nearest = isWord ? nearestName(found.image, [...itemWords, ...laterWords, ...bodyWords]) : null;
  return nearest === null ? null : `did you mean \`${nearest}\`?`;
}

/** Items whose first word is followed by the name they declare. */
const declaring: ReadonlySet<string> = new Set([
  ...["group", "let", "fixture"],
  ...["window", "grant", "counter", "detector", "data", "define"],
]);

function brokenItem(segment: Segment, file: number): BrokenItem {
  const [word, next] = segment.tokens;
  const last = segment.tokens.at(-1);
  const start = word?.startOffset ?? 0;
  const span = { file, start, end: last === undefined ? start : last.startOffset + last.image.length };
  const named = word?.image === "use" ? boundBy(segment) : declaring.has(word?.image ?? "") ? next : undefined;
  const name = named === undefined ? null : { text: named.image, span: spanOf(named, file) };
  return { kind: "Broken", word: word?.image ?? "", name, span };
}

/** The name a broken `use` would have bound: its last word. */
const boundBy = (segment: Segment): IToken | undefined =>
  segment.tokens.findLast((found) => found.tokenType === Identifier || itemWords.has(found.image));

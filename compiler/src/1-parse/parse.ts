/**
 * Phase 1: text of one file -> tree and diagnostics.
 *
 * The file is scanned into tokens, the tokens are cut into items (`segments.ts`), and each item is parsed on its own. After
 * an error, the part of the item it is in is given up and the rest read again (`repair.ts`), so that every error is real
 * and none follows from another. An item with an error stays in the tree as `Broken`, with the name it would have declared,
 * so that later phases do not complain about its users. Words kept for items of later versions are recognised and reported
 * once. Nothing here knows what a name means. Total: any text gives a tree, in time linear in its length for each error.
 */
import type { IToken } from "chevrotain";
import {
  missingCloser,
  missingHeader,
  nestingTooDeep,
  notInThisVersion,
  secondHeader,
  sourceTooLarge,
} from "../diagnostics/catalog.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { limits, utf8Length } from "../source/limits.js";
import type { SourceFile } from "../source/source-file.js";
import type { BrokenItem, Header, Item, ModuleTree } from "./ast.js";
import { type ItemOutput, ItemParser } from "./item-parser.js";
import { scan, spanOf } from "./scan.js";
import { cutIntoItems, type Segment } from "./segments.js";
import { errorsOf } from "./syntax-errors.js";
import { futureItem, Identifier, item, LeftBrace, RightBrace, RightParenthesis } from "./tokens.js";

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
  if (first === undefined) return broken;
  if (isHeader(segment)) {
    diagnostics.push(secondHeader(spanOf(first, file), { word: first.image }));
    return broken;
  }
  if (futureWords.has(first.image)) {
    diagnostics.push(notInThisVersion(spanOf(first, file), { what: first.image, instead: null }));
    return broken;
  }
  // The first segment of a file without a header: what is missing has been said.
  if (!itemWords.has(first.image)) return broken;
  const parsed = parseSegment(segment, file, text, diagnostics);
  return parsed === null || parsed.kind === "Header" ? broken : parsed;
}

const itemWords: ReadonlySet<string> = new Set(Object.keys(item));
const futureWords: ReadonlySet<string> = new Set(Object.keys(futureItem));

/** Parses one item; null after an error that leaves nothing of it. Reports every mistake that is none of another one. */
function parseSegment(segment: Segment, file: number, text: string, diagnostics: Diagnostic[]): Item | Header | null {
  if (segment.tooDeep !== null) {
    diagnostics.push(nestingTooDeep(spanOf(segment.tooDeep, file), { levels_max: limits.nesting_max }));
    return null;
  }
  const parseAgain = (tokens: readonly IToken[]): ItemOutput => parser.parse(tokens, file, text);
  const output = parseAgain(closed(segment));
  const [unclosed] = segment.unclosed;
  if (unclosed !== undefined) {
    const closer = unclosed.tokenType === LeftBrace ? "}" : ")";
    diagnostics.push(missingCloser(spanOf(unclosed, file), { closer }));
  } else {
    // Not spread into one call: there may be more than a call takes.
    for (const found of errorsOf(output, segment, file, text, parseAgain)) diagnostics.push(found);
  }
  const { item: parsed, error } = output;
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

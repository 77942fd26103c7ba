import type { IToken, TokenType } from "chevrotain";
import * as tokens from "../1-parse/tokens.js";

/** A line about to be written: its cells stand one space apart, and in the columns of lines of the same sort around it. */
export interface Row {
  readonly indent: string;
  readonly cells: readonly string[];
  /** What sort of line it is; null when it stands alone. */
  readonly sort: string | null;
}

/** Wider columns are not aligned: the line would leave the screen. */
const columnWidthMax = 80;

export interface Columns {
  readonly sort: string;
  /** Indices of the tokens a column starts before. */
  readonly starts: readonly number[];
}

/** How a line of an item that starts with `itemType` reads as a part of a table; null when it does not. */
export function columnsOf(own: readonly IToken[], itemType: TokenType | undefined): Columns | null {
  const first = own[0]?.tokenType;
  if (first === undefined) return null;
  if (itemType === tokens.item.detector && first !== itemType) return found("detector line", 1);
  const { item, body, clause } = tokens;
  const before = (...types: readonly TokenType[]): number =>
    own.findIndex(({ tokenType }) => types.includes(tokenType));
  switch (first) {
    case body.hit:
    case body.miss:
      return exampleColumns(own);
    case body.given:
    case body.expect:
      return found("case", 1);
    case item.group:
    case item.let:
    case item.window:
    case item.counter:
      return found(first.name, before(tokens.Equals));
    case item.attribute:
      return found(first.name, before(tokens.Colon) + 1);
    case item.data:
      return found(first.name, before(clause.from));
    case item.label:
      return found(first.name, before(clause.on));
    case item.fixture:
      return found(first.name, before(tokens.Equals), before(tokens.LeftBrace));
    case item.grant:
      return found(first.name, before(clause.to), before(clause.after, clause.asking, clause.lasting));
    default:
      return own[2]?.tokenType === clause.on ? found(`${first.name} on`, 2) : null;
  }
}

/** `hit unknown sql ".." as ann on shop`: what is asked, who asks, and where. */
function exampleColumns(own: readonly IToken[]): Columns | null {
  const as = own.findLastIndex(({ tokenType }) => tokenType === tokens.clause.as);
  const on = own.findIndex(({ tokenType }, i) => i > as && tokenType === tokens.clause.on);
  return found("example", own[1]?.tokenType === tokens.clause.unknown ? 2 : 1, as, on);
}

const found = (sort: string, ...starts: readonly number[]): Columns | null =>
  starts.every((start) => start > 0) ? { sort, starts } : null;

/** The rows as text; consecutive rows of one sort share their columns. */
export function alignRows(rows: readonly Row[]): readonly string[] {
  const lines: string[] = [];
  for (let start = 0; start < rows.length; ) {
    const run = runFrom(rows, start);
    lines.push(...run.map((row) => row.indent + joinCells(row, run)));
    start += run.length;
  }
  return lines;
}

function runFrom(rows: readonly Row[], start: number): readonly Row[] {
  const first = rows[start];
  const end = rows.findIndex(
    (row, i) => i > start && (row.sort === null || row.sort !== first?.sort || row.cells.length !== first.cells.length),
  );
  return rows.slice(start, end < 0 ? rows.length : end);
}

function joinCells({ cells }: Row, run: readonly Row[]): string {
  return cells
    .map((cell, i) => {
      const width = Math.max(...run.map((row) => row.cells[i]?.length ?? 0));
      return i === cells.length - 1 || width > columnWidthMax ? cell : cell.padEnd(width);
    })
    .join(" ");
}

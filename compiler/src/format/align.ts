import type { IToken } from "chevrotain";
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

/** Sorts of lines that read as a table, and before which of their tokens a column starts. */
export function columnsOf(
  own: readonly IToken[],
): { readonly sort: string; readonly starts: readonly number[] } | null {
  const [first] = own;
  if (first === undefined) return null;
  const before = (type: unknown): number => own.findIndex((token) => token.tokenType === type);
  const found = (sort: string, ...starts: readonly number[]) =>
    starts.every((start) => start > 0) ? { sort, starts } : null;
  if (first.tokenType === tokens.body.hit || first.tokenType === tokens.body.miss) {
    return found("example", 1, before(tokens.clause.as));
  }
  if (first.tokenType === tokens.item.group || first.tokenType === tokens.item.let) {
    return found(first.image, before(tokens.Equals));
  }
  if (first.tokenType === tokens.item.label) return found("label", before(tokens.clause.on));
  if (first.tokenType !== tokens.item.fixture) return null;
  return found("fixture", before(tokens.Equals), before(tokens.LeftBrace));
}

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

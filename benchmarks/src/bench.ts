/**
 * What a benchmark is.
 *
 * In: a size, full or tiny. Out: tables of figures, and how they stand to the goals. A benchmark says its question, its goal
 * and its worst case, and checks every answer before it takes a time: a fast wrong answer is no figure, it is a
 * `WrongAnswer` and the run fails. Peers are measured in the same run, in turns, because only ratios travel from machine to
 * machine. Tiny sizes check the same answers in the tests. Absent: limits on time; no figure ever fails a run.
 */

import type { Plot } from "./plot.js";

/** `full` measures; `tiny` runs every line a few times, for tests. */
export type RunSize = "full" | "tiny";

export interface Bench {
  readonly name: string;
  readonly question: string;
  readonly goal: string;
  readonly worst_case: string;
  run(size: RunSize): Promise<Findings>;
}

export interface Findings {
  readonly tables: readonly Table[];
  readonly goals: readonly GoalCheck[];
  /** What a reader must know beside the figures: what was not measured, and why. */
  readonly notes: readonly string[];
  readonly plots?: readonly Plot[];
}

/** Rows have one entry a column. Units stand in the column's name; numbers are rounded when shown, not before. */
export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Entry[])[];
}
export type Entry = string | number;

/** A goal beside what was found. */
export interface GoalCheck {
  readonly what: string;
  readonly goal: string;
  readonly found: string;
  /** Null when this run cannot tell. */
  readonly is_met: boolean | null;
}

/** The one thing that makes a run fail. */
export class WrongAnswer extends Error {
  override readonly name = "WrongAnswer";
}

/** Throws `WrongAnswer` unless both are the same JSON, keys in order. */
export function expectSame(what: string, found: unknown, expected: unknown): void {
  const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
  if (a !== b) throw new WrongAnswer(`${what}: got ${shorten(a)}, expected ${shorten(b)}`);
}

const shorten = (text: string | undefined): string => (text ?? "undefined").slice(0, 400);

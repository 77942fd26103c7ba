/**
 * Replay: what would another policy have decided?
 *
 * In: a file of what was asked once, in one of the shapes of `formats.ts`, and one policy or two. Out: each distinct question
 * with how often it was asked, what the first policy (or the log) decided and what the second one does. Reading gives entries,
 * `decide.ts` decides each distinct one once, `suggest.ts` writes rules for what was seen. No upstream is touched, and no
 * catalog read that is not given. Absent: order. Each question stands alone, with the session it was recorded with.
 */
import type { Action, JudgeRequest, Request } from "@hpl/runtime";

/** One question of the file. */
export interface Entry {
  /** From 1. Of a statement over several lines, its first. */
  readonly line: number;
  /** Two entries of one key ask the same. */
  readonly key: string;
  /** How often it was asked, as this entry says: 1 where each question has an entry of its own. */
  readonly count: number;
  /** As it was asked; null where the log has facts alone. */
  readonly text: string | null;
  readonly question: Question;
  /** What was decided then; null when the file does not say. */
  readonly recorded: Recorded | null;
}

export type Question =
  | { readonly kind: "text"; readonly request: JudgeRequest }
  | { readonly kind: "facts"; readonly request: Request; readonly actions: readonly Action[] };

/** As much of a decision as an audit log has. */
export interface Recorded {
  readonly verdict: "allow" | "approve" | "block";
  readonly rules: readonly string[];
  readonly masks: readonly { readonly index: number; readonly transform: string }[];
}

/** A line that asks nothing that can be decided. */
export interface Skipped {
  readonly line: number;
  readonly reason: string;
}

export interface ReadFile {
  readonly entries: readonly Entry[];
  readonly skipped: readonly Skipped[];
}

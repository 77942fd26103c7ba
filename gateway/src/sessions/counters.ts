/**
 * The counters of policies, kept for all sessions of a gateway.
 *
 * In: what a text is about to run, and then what became of it. Out: `session.counters` for the next decision. A statement
 * counts as soon as it is let through, rows and bytes when it has ended; until then it counts as much as its limit lets it
 * return. So a counter and a `limit` together bound what can be read, however many sessions read at once; without a limit
 * what runs in another session at this moment is not counted yet. Within a session each counted statement is waited for.
 * What cannot be counted is unknown, never small: two statements with rows in one text, or more counts than there is room for.
 * Absent: other gateways, and the disk (`counts-file.ts`).
 */
import type { Fact, ModuleMetaCounter } from "@hpl/runtime";
import { addAmount, newCount, type SlidingCount, totalAt } from "./sliding-count.js";

/** For whom is counted. */
export interface CountedSubject {
  /** Issuer and id. */
  readonly principal: string;
  readonly session: string;
  readonly connection: string;
}

/** What of a statement counters ask. */
export interface CountedStatement {
  /** Labels of what it reads or is about. */
  readonly labels: readonly string[];
  /** Whether it may carry more labels than these. */
  readonly more: boolean;
  /** Whether it can return or change rows. */
  readonly hasRows: boolean;
  /** The most it may return; null where no rule limits it. */
  readonly rows_max: number | null;
  readonly bytes_max: number | null;
}

/** What a text was let through for; settled once. */
export interface Reservation {
  /** It ran: what it returned counts in place of what it might have. */
  ran(rows: number, bytes: number): void;
  /** It did not run. */
  dropped(): void;
}

export interface CounterBook {
  /** `session.counters` as `statements` find them. */
  read(
    counters: readonly ModuleMetaCounter[],
    subject: CountedSubject,
    statements: readonly CountedStatement[],
  ): Readonly<Record<string, Fact<number>>>;
  reserve(
    counters: readonly ModuleMetaCounter[],
    subject: CountedSubject,
    statements: readonly CountedStatement[],
  ): Reservation;
  /** Forgets what was counted for a session alone. */
  endSession(id: string): void;
  /** What was counted for principals and connections, to be kept; without what runs. */
  saved(): readonly SavedCount[];
  restore(saved: readonly SavedCount[]): void;
  /** Grows whenever a count does. */
  changes(): number;
}

export interface SavedCount {
  /** What is counted for whom. */
  readonly key: string;
  readonly over_s: number;
  /** Slots of the time, each with what was counted in it. */
  readonly slots: readonly (readonly [at: number, amount: number])[];
}

/** Counts kept at a time: principals, sessions and connections times counters. */
export const counts_max = 100_000;

/** A count, and what may still be added to it by statements that run. */
interface Kept {
  readonly count: SlidingCount;
  readonly isSaved: boolean;
  /** Statements that run and count for it. */
  running: number;
  pending: number;
}

export function openCounters(now: () => Date): CounterBook {
  const kept = new Map<string, Kept>();
  const sessionKeys = new Map<string, Set<string>>();
  let changes = 0;

  const makeRoom = (): void => {
    const now_ms = now().getTime();
    for (const [key, { count, running }] of kept) if (running === 0 && totalAt(count, now_ms) === 0) kept.delete(key);
  };
  /** Null when there is no room for one more. */
  const keptFor = (counter: ModuleMetaCounter, subject: CountedSubject): Kept | null => {
    const key = keyOf(counter, subject);
    const known = kept.get(key);
    if (known !== undefined) return known;
    if (kept.size >= counts_max) makeRoom();
    if (kept.size >= counts_max) return null;
    const isSaved = counter.per !== "session";
    const fresh = { count: newCount(counter.over_s), isSaved, running: 0, pending: 0 };
    kept.set(key, fresh);
    if (counter.per === "session") {
      const keys = sessionKeys.get(subject.session) ?? new Set();
      sessionKeys.set(subject.session, keys.add(key));
    }
    return fresh;
  };
  const readOne = (
    counter: ModuleMetaCounter,
    subject: CountedSubject,
    statements: readonly CountedStatement[],
  ): Fact<number> => {
    const counted = statements.filter((statement) => isCounted(counter, statement));
    const before = counter.what === "statements" ? Math.max(counted.length - 1, 0) : 0;
    if (counter.what !== "statements" && counted.length > 1) return { "?": "several_statements_count" };
    const found = keptFor(counter, subject);
    return found === null ? { "?": "too_many_counts" } : totalAt(found.count, now().getTime()) + found.pending + before;
  };
  return {
    read: (counters, subject, statements) =>
      Object.fromEntries(counters.map((counter) => [counter.id, readOne(counter, subject, statements)])),
    reserve: (counters, subject, statements) => {
      const reserved = counters.flatMap((counter) => {
        const counted = statements.filter((statement) => isCounted(counter, statement));
        const found = counted.length === 0 ? null : keptFor(counter, subject);
        return found === null ? [] : [reserveIn(found, counter, counted)];
      });
      let isSettled = false;
      const settle = (rows: number | null, bytes: number | null): void => {
        if (isSettled) return;
        isSettled = true;
        changes++;
        for (const { found, what, pending, statements_count } of reserved) {
          found.running -= 1;
          found.pending -= pending;
          const amount = { rows, bytes, statements: rows === null ? null : statements_count }[what];
          addAmount(found.count, amount ?? 0, now().getTime());
        }
      };
      return { ran: settle, dropped: () => settle(null, null) };
    },
    endSession: (id) => {
      for (const key of sessionKeys.get(id) ?? []) kept.delete(key);
      sessionKeys.delete(id);
    },
    saved: () =>
      [...kept].flatMap(([key, { count, isSaved }]) =>
        isSaved && totalAt(count, now().getTime()) > 0
          ? [{ key, over_s: count.over_ms / 1000, slots: count.slots.map(({ at, amount }) => [at, amount] as const) }]
          : [],
      ),
    restore: (saved) => {
      for (const { key, over_s, slots } of saved.slice(0, counts_max)) {
        const count = newCount(over_s);
        for (const [at, amount] of slots) addAmount(count, amount, at * count.slot_ms);
        kept.set(key, { count, isSaved: true, running: 0, pending: 0 });
      }
    },
    changes: () => changes,
  };
}

function reserveIn(found: Kept, { what }: ModuleMetaCounter, counted: readonly CountedStatement[]) {
  const most = { rows: "rows_max", bytes: "bytes_max" } as const;
  const pending =
    what === "statements" ? counted.length : counted.reduce((sum, statement) => sum + (statement[most[what]] ?? 0), 0);
  found.running += 1;
  found.pending += pending;
  return { found, what, pending, statements_count: counted.length };
}

/** A counter that comes to mean something else in a new policy counts from the start. */
function keyOf({ id, what, per, over_s, labels }: ModuleMetaCounter, subject: CountedSubject): string {
  return JSON.stringify([id, what, per, over_s, labels, subject[per]]);
}

/** Whether `statement` counts for `counter`; what may carry a label carries it. */
export function isCounted({ what, labels }: ModuleMetaCounter, statement: CountedStatement): boolean {
  if (what !== "statements" && !statement.hasRows) return false;
  return labels.length === 0 || statement.more || statement.labels.some((label) => labels.includes(label));
}

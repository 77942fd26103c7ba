/** Rows of the shared table of approvals. The clock is the database's own, in every statement. */
import type { Approval } from "../approval.js";
import { readApproval } from "../stored-approval.js";
import { type Ask, channel } from "./database.js";

/** An approval as the database has it. */
export interface StoredRow {
  readonly approval: Approval;
  /** The gateway that asked. */
  readonly gateway: string;
  /** Counts the steps: of two copies the one with the greater number is the later. */
  readonly version: number;
  /** The database's time when it was read. */
  readonly now: Date;
}

interface RawRow {
  readonly id: string;
  readonly gateway: string;
  readonly version: number;
  readonly state: string;
  readonly document: string;
  readonly requested_at: Date;
  readonly expires_at: Date;
  readonly now: Date;
}

const columns = "id, gateway, version, state, document, requested_at, expires_at, clock_timestamp() AS now";

/** Null for a row that is no approval: it counts for nothing. */
function rowOf({ id, gateway, version, state, document, requested_at, expires_at, now }: RawRow): StoredRow | null {
  const read = readApproval(document);
  if (read === null || read.id !== id || read.state !== state) return null;
  const times = { requested_at: requested_at.toISOString(), expires_at: expires_at.toISOString() };
  return { approval: { ...read, ...times }, gateway, version, now };
}

/** The row `id`, locked until the transaction ends; null when there is none. */
export async function lockRow(ask: Ask, id: string): Promise<StoredRow | null> {
  const [raw] = await ask<RawRow>("SELECT id FROM hpl_approvals WHERE id = $1 FOR UPDATE", [id]);
  if (raw === undefined) return null;
  // The clock is read when the lock is held: waiting for it may have taken a while.
  const [locked] = await ask<RawRow>(`SELECT ${columns} FROM hpl_approvals WHERE id = $1`, [id]);
  return locked === undefined ? null : rowOf(locked);
}

/** Stores `approval` in the place of the row it was made from, and tells others. Rejects when the row is another by now. */
export async function storeStep(ask: Ask, approval: Approval, { version }: StoredRow): Promise<void> {
  const changed = await ask(
    `UPDATE hpl_approvals SET version = version + 1, state = $2, document = $3, changed_at = clock_timestamp()
     WHERE id = $1 AND version = $4 RETURNING id`,
    [approval.id, approval.state, JSON.stringify(approval), version],
  );
  if (changed.length !== 1) throw new Error("HPL9001: an approval changed under its lock");
  await tell(ask, approval.id);
}

/** Stores a new approval, once, however often it is called; its times become the database's. */
export async function insertRow(ask: Ask, approval: Approval, gateway: string, within_s: number): Promise<void> {
  await ask(
    `INSERT INTO hpl_approvals (id, gateway, version, state, document, requested_at, expires_at, changed_at)
     VALUES ($1, $2, 1, $3, $4, clock_timestamp(), clock_timestamp() + make_interval(secs => $5), clock_timestamp())
     ON CONFLICT (id) DO NOTHING`,
    [approval.id, gateway, approval.state, JSON.stringify(approval), within_s],
  );
  await tell(ask, approval.id);
}

const tell = (ask: Ask, id: string): Promise<unknown> => ask("SELECT pg_notify($1, $2)", [channel, id]);

/** Seconds that a transaction may take from the time it notes to the moment others see it: more than the database lets it. */
const overlap_s = 60;

/** What is open, what of `known` there is, and what changed since `since`: oldest first. Closed ones at most `closed_max`. */
export async function readRows(
  ask: Ask,
  known: readonly string[],
  since: Date | null,
  closed_max: number,
): Promise<readonly StoredRow[]> {
  const rows = await ask<RawRow>(
    `(SELECT ${columns} FROM hpl_approvals WHERE state IN ('pending', 'approved') OR id = ANY($1))
     UNION
     (SELECT ${columns} FROM hpl_approvals WHERE $2::timestamptz IS NULL OR changed_at > $2::timestamptz - make_interval(secs => $3)
      ORDER BY changed_at DESC LIMIT $4)
     ORDER BY requested_at`,
    [known, since, overlap_s, closed_max],
  );
  // The clock makes a row of both halves two.
  return [...new Map(rows.map((row) => [row.id, row])).values()].flatMap((row) => rowOf(row) ?? []);
}

/** Removes what has been over for longest, beyond `kept` rows. */
export async function removeOld(ask: Ask, kept: number): Promise<void> {
  await ask(
    `DELETE FROM hpl_approvals WHERE id IN (
       SELECT id FROM hpl_approvals WHERE state NOT IN ('pending', 'approved') ORDER BY changed_at DESC OFFSET $1 LIMIT 1000)`,
    [kept],
  );
}

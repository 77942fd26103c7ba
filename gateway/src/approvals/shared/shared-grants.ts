/**
 * The grants of several gateways, in the database that they share.
 *
 * In: what is given and taken back through this gateway. Out: a copy of all that is in force, with its times on this gateway's
 * own clock, so that decisions ask nobody. Each change is one transaction with the line of the audit log in it. While the
 * database is away the copy counts until each grant's own end, and nothing is given.
 */
import type { GrantStore } from "../../sessions/grant-store.js";
import type { Grant } from "../../sessions/grants.js";
import { coalesced } from "./coalesced.js";
import { channel, type SharedDatabase } from "./database.js";

interface GrantRow {
  readonly document: string;
  readonly given_at: Date;
  readonly expires_at: Date;
  readonly now: Date;
}

const columns = "document, given_at, expires_at, clock_timestamp() AS now";

/** How long the database remembers grants that are over; the audit logs do for ever. */
const kept_days = 30;

export function sharedGrants(database: SharedDatabase, now: () => Date): GrantStore {
  const all = new Map<string, Grant>();
  /** What ended here: a copy that was read before does not bring it back. */
  const ended = new Set<string>();
  /** On this gateway's clock. Clocks drift: the times that were first told stay. Null for a row that is no grant. */
  const grantOf = ({ document, given_at, expires_at, now: read_at }: GrantRow): Grant | null => {
    const grant = readGrant(document);
    if (grant === null) return null;
    const ahead_ms = now().getTime() - read_at.getTime();
    const here = (time: Date): string => new Date(time.getTime() + ahead_ms).toISOString();
    return all.get(grant.id) ?? { ...grant, given_at: here(given_at), expires_at: here(expires_at) };
  };
  const scan = coalesced(async () => {
    try {
      const before = new Set(all.keys());
      const rows = await database.ask<GrantRow>(
        `SELECT ${columns} FROM hpl_grants WHERE revoked_at IS NULL AND expires_at > clock_timestamp() ORDER BY given_at`,
      );
      const read = rows.flatMap((row) => grantOf(row) ?? []);
      const there = new Set(read.map(({ id }) => id));
      for (const id of ended) if (!there.has(id)) ended.delete(id);
      const found = read.filter(({ id }) => !ended.has(id));
      const ids = new Set(found.map(({ id }) => id));
      // What was given while this was read is not in it, and has not ended.
      for (const id of before) if (!ids.has(id)) all.delete(id);
      for (const grant of found) all.set(grant.id, grant);
    } catch {
      // Told once by the database's own connection; the next wake-up tries again.
    }
  });
  database.onChange(() => void scan());
  return {
    all,
    give: async (grant, lasting_s, write) => {
      const given = await database.transaction(async (ask) => {
        await ask("DELETE FROM hpl_grants WHERE expires_at < clock_timestamp() - make_interval(days => $1)", [
          kept_days,
        ]);
        const [row] = await ask<GrantRow>(
          `INSERT INTO hpl_grants (id, document, given_at, expires_at)
           VALUES ($1, $2, clock_timestamp(), clock_timestamp() + make_interval(secs => $3)) RETURNING ${columns}`,
          [grant.id, JSON.stringify(grant), lasting_s],
        );
        const stored = row === undefined ? null : grantOf(row);
        if (stored === null) throw new Error("HPL9001: a grant that was stored is not there");
        await ask("SELECT pg_notify($1, $2)", [channel, grant.id]);
        write(stored);
        return stored;
      });
      all.set(given.id, given);
      return given;
    },
    end: async (id, write) => {
      ended.add(id);
      all.delete(id);
      return database.transaction(async (ask) => {
        const rows = await ask(
          "UPDATE hpl_grants SET revoked_at = clock_timestamp() WHERE id = $1 AND revoked_at IS NULL RETURNING id",
          [id],
        );
        if (rows.length === 0) return false;
        await ask("SELECT pg_notify($1, $2)", [channel, id]);
        write();
        return true;
      });
    },
    drop: (id) => void all.delete(id),
  };
}

function readGrant(document: string): Grant | null {
  try {
    const value: Grant = JSON.parse(document);
    const { id, grant, principal, issuer, reason, approval, telling } = value;
    const areTexts = [id, grant, principal, issuer, reason, approval ?? ""].every((each) => typeof each === "string");
    return areTexts && Array.isArray(telling) && telling.every((each) => typeof each === "string") ? value : null;
  } catch {
    return null;
  }
}

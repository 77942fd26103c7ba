/**
 * The PostgreSQL database that several gateways share.
 *
 * In: where it is. Out: transactions, and a call whenever something may have changed: when another gateway said so, after each
 * connection that was lost, and every few seconds all the same, because a NOTIFY is a wake-up that may be lost. Every time limit
 * is the server's own, so that a gateway that stands still in the middle of a transaction holds nobody up for long. Absent: what
 * is stored, and any decision.
 */
import pg from "pg";
import type { UpstreamTarget } from "../../session/enforcement.js";

/** Runs one statement; texts are constants, values are parameters. */
export type Ask = <Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]) => Promise<readonly Row[]>;

export interface SharedDatabase {
  /** Runs `work` in a transaction, which is rolled back when `work` throws. Rejects when it is not certain to have happened. */
  transaction<T>(work: (ask: Ask) => Promise<T>): Promise<T>;
  readonly ask: Ask;
  /** Calls `look` when something may have changed; it must not throw. */
  onChange(look: () => void): void;
  close(): Promise<void>;
}

export interface SharedDatabaseOptions {
  readonly target: UpstreamTarget;
  /** Lines for the operator: once when the database goes away, once when it is back. */
  readonly log: (line: string) => void;
}

/** What a transaction tells others on. */
export const channel = "hpl_approvals";

/** A statement, a lock, a pause in a transaction: each is milliseconds where all is well. */
const limit_ms = 5_000;
const connect_ms = 5_000;
const reconnect_ms = 1_000;
const rescan_ms = 5_000;
/** Connections of one gateway: people decide seldom. */
const connections_max = 4;

/** Made once, by whichever gateway comes first; the lock keeps two from making it at once. */
const schema = `
  SELECT pg_advisory_xact_lock(4711002701);
  CREATE TABLE IF NOT EXISTS hpl_approvals (
    id text PRIMARY KEY,
    gateway text NOT NULL,
    version integer NOT NULL,
    state text NOT NULL CHECK (state IN ('pending','approved','rejected','expired','cancelled','used','revoked')),
    document text NOT NULL,
    requested_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL
  );
  CREATE INDEX IF NOT EXISTS hpl_approvals_open ON hpl_approvals (id) WHERE state IN ('pending','approved');
  CREATE INDEX IF NOT EXISTS hpl_approvals_changed ON hpl_approvals (changed_at);
  CREATE TABLE IF NOT EXISTS hpl_grants (
    id text PRIMARY KEY,
    document text NOT NULL,
    given_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz
  )`;

/** Opens the database. Never rejects: while it is away, everything asked of it does. */
export function openDatabase({ target, log }: SharedDatabaseOptions): SharedDatabase {
  const looks: (() => void)[] = [];
  const onChange = (): void => {
    for (const look of looks) look();
  };
  const settings = {
    host: target.host,
    port: target.port,
    user: target.user,
    password: target.password,
    database: target.database,
    ssl: { disable: false, require: { rejectUnauthorized: false }, verify: true }[target.tls],
    application_name: "hpl-gateway",
    connectionTimeoutMillis: connect_ms,
    // The client's own limit is above the server's, which says what happened.
    query_timeout: 2 * limit_ms,
    statement_timeout: limit_ms,
    lock_timeout: limit_ms,
    idle_in_transaction_session_timeout: limit_ms,
    keepAlive: true,
  };
  const pool = new pg.Pool({ ...settings, max: connections_max });
  // A lost connection is told to whoever asks next; without anybody listening it would end the process.
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  const stop = listenForever(settings, onChange, log);
  const rescan = setInterval(onChange, rescan_ms);
  rescan.unref();
  return {
    onChange: (look) => void looks.push(look),
    ask: async (text, values = []) => (await pool.query(text, [...values])).rows,
    transaction: async (work) => {
      const client = await pool.connect();
      try {
        await client.query("BEGIN");
        const result = await work(async (text, values = []) => (await client.query(text, [...values])).rows);
        await client.query("COMMIT");
        client.release();
        return result;
      } catch (error) {
        // Whether a COMMIT without an answer happened is not known: the connection is not used again, which ends what is open.
        await client.query("ROLLBACK").catch(() => {});
        client.release(true);
        throw error;
      }
    },
    close: async () => {
      clearInterval(rescan);
      await stop();
      await pool.end();
    },
  };
}

/** Keeps a connection that listens, and makes the tables when it has one. */
function listenForever(
  settings: pg.ClientConfig,
  onChange: () => void,
  log: (line: string) => void,
): () => Promise<void> {
  let client: pg.Client | null = null;
  let timer: NodeJS.Timeout | null = null;
  let isStopped = false;
  let isAway = false;
  const again = (why: string): void => {
    if (!isAway && !isStopped) log(`the shared database is away: ${why}`);
    isAway = true;
    client = null;
    if (isStopped || timer !== null) return;
    timer = setTimeout(() => {
      timer = null;
      void connect();
    }, reconnect_ms);
    timer.unref();
  };
  const connect = async (): Promise<void> => {
    const own = new pg.Client(settings);
    client = own;
    const lost = (why: string): void => {
      if (client === own) again(why);
    };
    own.on("error", (error) => lost(error.message));
    own.on("end", () => lost("the connection was closed"));
    own.on("notification", onChange);
    try {
      await own.connect();
      await own.query(schema);
      await own.query(`LISTEN ${channel}`);
    } catch (error) {
      lost(error instanceof Error ? error.message : String(error));
      await own.end().catch(() => {});
      return;
    }
    if (isAway) log("the shared database is back");
    isAway = false;
    onChange();
  };
  void connect();
  return async () => {
    isStopped = true;
    if (timer !== null) clearTimeout(timer);
    const last = client;
    client = null;
    await last?.end().catch(() => {});
  };
}

/**
 * What a protocol needs from the rest of the gateway. A protocol folder knows bytes and its server's manners; everything
 * else (who may log in, what is decided, who is asked, what is written down) comes through these types, so that a protocol
 * can be tested with a judge of five lines.
 */
import type { ApproverCount, Catalog, Connection, Decision, Principal } from "@hpl/runtime";

/** A person, agent or service that has proved who it is. */
export interface Identity {
  readonly principal: Principal;
  /** When what proved it runs out, in milliseconds since 1970. Absent: never. */
  readonly expires_at_ms?: number;
}

/** One client's session on one connection. */
export interface SessionInfo {
  readonly id: string;
  readonly identity: Identity;
  readonly connection: Connection;
  /** Client address, without the port. */
  readonly ip: string;
  /** What the client calls itself: `application_name`. */
  readonly client: string;
}

/** What the session knows when a text is to be judged. */
export interface JudgeContext {
  readonly catalog: Catalog;
  readonly in_transaction: boolean;
  /** Major version of the upstream server: the grammar to read with. */
  readonly server_version: number;
}

/** The answer for one text: the decision over all its statements, and what the protocol needs to enforce it. */
export interface Judgement {
  readonly decision: Decision;
  /** One entry a statement, in order; empty for a text without statements. */
  readonly statements: readonly JudgedStatement[];
  /** Id under which the audit log knows this decision. */
  readonly decision_id: string;
}

export interface JudgedStatement {
  readonly kind: string;
  readonly effects: readonly string[];
  /** True when names or settings may mean something else afterwards: DDL, SET, an unknown effect. */
  readonly changes_catalog: boolean;
  /** Masks by position of the output column. */
  readonly masks: readonly ColumnMask[];
  /** What must be looked for in the values of all other columns; null when nothing must. */
  readonly search: ValueSearch | null;
  /** Null when no rule limits it. */
  readonly limit: StatementLimit | null;
  /** Number of output columns by the facts; null when they are not certain. Checked against the server's own description. */
  readonly columns_count: number | null;
  /** What it returns counts for the decisions that follow: these wait for it. */
  readonly is_counted: boolean;
  /** True when the text of errors and notices could carry a labelled value: only SQLSTATE and severity may pass. */
  readonly redact_errors: boolean;
}

/** The most a statement may return or take. Null: not limited. */
export interface StatementLimit {
  readonly rows: number | null;
  readonly bytes: number | null;
  readonly time_ms: number | null;
}

export interface ColumnMask {
  /** 0-based position in the row. */
  readonly index: number;
  /** What the statement calls the column. */
  readonly name: string;
  /** The columns of tables that its value comes from, as far as they are known. */
  readonly source: readonly string[];
  readonly transform: string;
  readonly rule: string;
  /** Whether the value is a column as it is. Only then may NULL show: of a derived value, NULL is an answer about what is hidden. */
  readonly exact: boolean;
}

/** Values are looked through, and what is found is hidden. */
export interface ValueSearch {
  /** `redact` hides what is found, `null` the whole value. */
  readonly transform: "redact" | "null";
  readonly rule: string;
  /** Ranges of bytes to hide, in ascending order and apart. */
  readonly find: (bytes: Uint8Array) => readonly { readonly start: number; readonly end: number }[];
}

/** The exact thing an approval is for. Parameters are the Bind message's raw values, null for SQL NULL. */
export interface ExactStatement {
  readonly text: string;
  readonly parameters: readonly (Uint8Array | null)[];
  /** As in Bind: none, one for all, or one a parameter; 0 text, 1 binary. The same bytes mean another value in the other. */
  readonly parameter_formats?: readonly number[];
  /** Type OIDs as in Parse, 0 or missing where the server infers them: they too say what the bytes mean. */
  readonly parameter_types?: readonly number[];
}

export type HoldOutcome =
  | { readonly state: "approved"; readonly approval: string }
  | {
      readonly state: "rejected" | "expired" | "cancelled" | "refused";
      readonly approval: string;
      readonly message: string;
    };

export interface Hold {
  /** Id people decide under. */
  readonly approval: string;
  readonly needs: readonly ApproverCount[];
  readonly within_s: number;
  /** Where to decide, for the notice to the client. */
  readonly address: string;
  /** Whether people have agreed already: then the outcome only takes writing it down. */
  readonly isGiven: boolean;
  /** Settles exactly once; never rejects. */
  readonly outcome: Promise<HoldOutcome>;
  /** The client is gone or asked to cancel. */
  cancel(): void;
}

export type ExecutionStatus = "ok" | "error" | "not_run";

/** What became of a decided statement. Counts only, never values. */
export interface ExecutionReport {
  readonly decision_id: string;
  readonly status: ExecutionStatus;
  readonly rows: number;
  /** Bytes of rows and copy data sent to the client. */
  readonly bytes: number;
  readonly sqlstate: string | null;
  readonly masked: readonly MaskReport[];
}

/** What was hidden in one column of one result. */
export interface MaskReport {
  /** 0-based position of the statement in its text. */
  readonly statement: number;
  /** 0-based position of the column in its row. */
  readonly index: number;
  /** Null for a column whose values were searched. */
  readonly name: string | null;
  readonly source: readonly string[];
  readonly transform: string;
  readonly rule: string;
  readonly type_oid: number;
  readonly format: 0 | 1;
  readonly rows: number;
  /** Rows in which the original was NULL. */
  readonly nulls: number;
  /** Cells that something else took the place of. */
  readonly cells: number;
  /** Of these, the cells that became NULL because they were not of their type's form, or of a type that is not known. */
  readonly unreadable: number;
  /** Keyed digest of the originals, in hex; null for a column whose values were searched. */
  readonly originals: string | null;
}

/** Everything a session asks of the gateway. One object a session. */
export interface Enforcement {
  /** Why the session must end before its next statement; null while it may go on. */
  over(): string | null;
  /**
   * Judges a text that the client wants to run. Synchronous. Writes the decision to the audit log; throws
   * `AuditUnavailable` when that fails, and then nothing may be forwarded.
   */
  judge(statement: ExactStatement, context: JudgeContext): Judgement;
  /** Judges without recording, for Parse, where nothing runs yet. */
  preview(text: string, context: JudgeContext): Judgement;
  /** Asks people. Only for a judgement whose verdict is `approve`. */
  hold(judgement: Judgement, statement: ExactStatement): Hold;
  /** Rows of each result, from its first, that `show` is to be given. */
  readonly rows_shown_max: number;
  /** A row as the client sees it: a DataRow message, which is the caller's again afterwards. */
  show(decision_id: string, row: Uint8Array): void;
  report(execution: ExecutionReport): void;
  /** Session facts the protocol itself sees: opened, closed, refused messages. */
  note(event: {
    readonly kind: string;
    readonly detail: Readonly<Record<string, string | number | boolean | null>>;
  }): void;
}

/** Thrown when the audit log cannot be written: the statement must be refused. */
export class AuditUnavailable extends Error {
  override readonly name = "AuditUnavailable";
}

/** Opens the gateway to a protocol: who may log in, and a session once they have. */
export interface ConnectionGuard {
  /** SCRAM verifier data for `user`; null when there is no such user (the protocol must not reveal which). */
  verifierFor(user: string): ScramVerifier | null;
  /** Identity of a user who has proved the password. */
  identityOf(user: string): Identity;
  /**
   * Who `token` says it is, null when it proves nothing. Null instead of a function where no tokens are taken. A token is a
   * password in clear text: it is asked for only where nobody can listen.
   */
  readonly acceptToken: ((token: string) => Promise<Identity | null>) | null;
  openSession(session: SessionInfo): Enforcement;
}

/** RFC 5802 section 3, SHA-256: what a server keeps instead of a password. */
export interface ScramVerifier {
  readonly iterations: number;
  readonly salt: Uint8Array;
  readonly stored_key: Uint8Array;
  readonly server_key: Uint8Array;
}

/** How to reach the real server. The credential never leaves the gateway. */
export interface UpstreamTarget {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly tls: "disable" | "require" | "verify";
}

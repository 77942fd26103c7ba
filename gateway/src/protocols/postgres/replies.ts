/**
 * The queue of what the server still owes us: the heart of a session.
 *
 * INVARIANT: `replies` lists, in the order of sending, every message sent upstream that the server answers and whose answer
 * has not ended. A message from the server is either asynchronous (notice, notification, parameter status) or belongs to the
 * head; the head leaves the queue with the message that ends its answer, and with no other. After an error in an extended
 * message the server is silent until the next Sync, so everything up to that Sync leaves unanswered.
 * One cycle at a time is in flight: after a Sync or Query nothing of the client goes up until ReadyForQuery. Therefore the
 * queue is empty and the transaction status is known whenever a cycle begins.
 *
 * Each entry says who hears the answer: the client; nobody, when the gateway put the message in on the client's behalf (then
 * an error still goes to the client); or a query of the gateway's own, which hears everything.
 */
import type { Execution } from "./execution.js";
import type { Portal, Statement } from "./names.js";

export type Audience = "client" | "nobody" | OwnQuery;

/** A query of the gateway's own on the client's session. */
export interface OwnQuery {
  /** First cell of every row. */
  readonly cells: (Uint8Array | null)[];
  /** SQLSTATE of the error that ended it. */
  failure: string | null;
}

interface Base {
  readonly audience: Audience;
}

export type Reply = Base &
  (
    | { readonly kind: "parse"; readonly statement: Statement | null }
    | { readonly kind: "bind"; readonly portal: Portal | null; readonly redactErrors: boolean }
    /** `of` null: the name is not known to us; the server's answer passes and means nothing. */
    | { readonly kind: "describe"; readonly of: Statement | Portal | null }
    | { readonly kind: "execute"; readonly execution: Execution | null }
    | { readonly kind: "close"; readonly target: "statement" | "portal"; readonly name: string }
    /** A message made to fail. `error` goes to the client in place of the server's; null: it has had one. */
    | { readonly kind: "failure"; readonly error: Uint8Array | null }
    | { readonly kind: "sync" }
    /** `execution` null: a query made to fail, with `error` for the client. */
    | { readonly kind: "query"; readonly execution: Execution | null; readonly error: Uint8Array | null }
  );

/** Removes from `replies` what an error leaves unanswered, the failed head first; a Sync and what follows it stay. */
export function dropUntilSync(replies: Reply[]): readonly Reply[] {
  const sync = replies.findIndex((reply) => reply.kind === "sync");
  return replies.splice(0, sync < 0 ? replies.length : sync);
}

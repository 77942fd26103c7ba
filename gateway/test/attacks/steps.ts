/** What an attack does, as data: SQL texts, or protocol messages, in order, on one of a few connections. */
import { serialize } from "pg-protocol";

export interface Step {
  /** 0 is the attacker's own session; others are opened when they are first used. */
  readonly connection: number;
  /** Written one after the other, so that the gateway sees them as separate chunks. */
  readonly pieces: readonly Uint8Array[];
  /** How many ReadyForQuery answer it. */
  readonly ready: number;
  /** Runs on a direct connection to the server, as its owner would: not an act of the attacker. */
  readonly direct?: string;
  /** The text of a step that is one SQL query. */
  readonly text?: string;
}

export interface Attack {
  readonly name: string;
  readonly steps: readonly Step[];
}

const step = (pieces: readonly Uint8Array[], ready: number, connection = 0): Step => ({ connection, pieces, ready });

export const sql = (text: string, connection = 0): Step => ({ ...step([serialize.query(text)], 1, connection), text });
/** Messages written as one chunk. */
export const wire = (ready: number, ...messages: readonly Uint8Array[]): Step => step([Buffer.concat(messages)], ready);
/** Messages written as chunks of `size` bytes. */
export function chopped(size: number, ready: number, ...messages: readonly Uint8Array[]): Step {
  const bytes = Buffer.concat(messages);
  const count = Math.ceil(bytes.length / size);
  return step(
    Array.from({ length: count }, (_, i) => bytes.subarray(i * size, (i + 1) * size)),
    ready,
  );
}
/** What the owner of the database does meanwhile. */
export const owner = (text: string): Step => ({ connection: 0, pieces: [], ready: 0, direct: text });

/** A message of any type with any body. */
export function message(type: string, body: Uint8Array | string = ""): Buffer {
  const bytes = typeof body === "string" ? Buffer.from(body, "latin1") : body;
  const head = Buffer.alloc(5);
  head.write(type, "latin1");
  head.writeInt32BE(bytes.length + 4, 1);
  return Buffer.concat([head, bytes]);
}

interface Extended {
  readonly name?: string;
  readonly portal?: string;
  readonly values?: readonly (string | null)[];
  readonly binary?: boolean;
  readonly describe?: "S" | "P";
  readonly rows?: number;
}

/** Parse, Bind, perhaps Describe, Execute: without the Sync. */
export function extended(text: string, more: Extended = {}): readonly Buffer[] {
  const { name = "", portal = "", values = [], binary = false, describe, rows = 0 } = more;
  const described =
    describe === undefined ? [] : [serialize.describe({ type: describe, name: describe === "S" ? name : portal })];
  return [
    serialize.parse({ name, text }),
    serialize.bind({ portal, statement: name, values: [...values], binary }),
    ...described,
    serialize.execute({ portal, rows }),
  ];
}

export const ext = (text: string, more: Extended = {}): Step => wire(1, ...extended(text, more), serialize.sync());

/** An attack of SQL texts alone. */
export const attack = (name: string, ...steps: readonly (string | Step)[]): Attack => ({
  name,
  steps: steps.map((each) => (typeof each === "string" ? sql(each) : each)),
});

/** COPY .. FROM STDIN of one row. */
export const copyIn = (table: string, row: string): Step =>
  wire(1, serialize.query(`copy ${table} from stdin`), message("d", `${row}\n`), message("c"));

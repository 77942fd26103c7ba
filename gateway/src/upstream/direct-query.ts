/** Runs SQL on a server over a connection of the gateway's own: for seeding, setting up and looking at it, never for a client. */
import { limits } from "../protocols/postgres/limits.js";
import { createLoginStream } from "../protocols/postgres/login-stream.js";
import { server } from "../protocols/postgres/message-types.js";
import { queryMessage, readDataRow, readReport, terminateMessage } from "../protocols/postgres/server-messages.js";
import { connectUpstream } from "../protocols/postgres/upstream-login.js";
import type { UpstreamTarget } from "../session/enforcement.js";

export interface DirectLimits {
  /** From a finished login to the end, after which the connection is broken off. Default: no limit. */
  readonly timeout_ms?: number;
}

/** Runs `sql`, one or more statements; rows are thrown away. Rejects with the server's first error. */
export const runDirectly = (target: UpstreamTarget, sql: string, limits: DirectLimits = {}): Promise<void> =>
  exchange(target, sql, () => {}, limits);

/** `text` as an expression of SQL, whatever is in it and however the server reads backslashes. */
export const textValue = (text: string): string =>
  `convert_from(decode('${Buffer.from(text).toString("base64")}', 'base64'), 'UTF8')`;

/** The first value of the last row that `sql` returns, as text; null when there is none. Rejects with the server's first error. */
export async function readDirectly(
  target: UpstreamTarget,
  sql: string,
  limits: DirectLimits = {},
): Promise<string | null> {
  let value: string | null = null;
  const onRow = (row: Uint8Array): void => {
    const cell = readDataRow(row)?.[0] ?? null;
    value = cell === null ? null : new TextDecoder().decode(cell);
  };
  await exchange(target, sql, onRow, limits);
  return value;
}

async function exchange(
  target: UpstreamTarget,
  sql: string,
  onRow: (row: Uint8Array) => void,
  { timeout_ms }: DirectLimits,
): Promise<void> {
  const { socket } = await connectUpstream(target, new Map());
  const stream = createLoginStream(socket);
  const timer = timeout_ms === undefined ? undefined : setTimeout(() => socket.destroy(), timeout_ms);
  let failure: string | null = null;
  try {
    stream.write(queryMessage(sql));
    for (;;) {
      const message = await stream.message(limits.server_message_bytes_max);
      if (message[0] === server.dataRow) onRow(message);
      if (message[0] === server.errorResponse) {
        const report = readReport(message);
        failure ??= `${report.code} ${report.message}`;
      }
      if (message[0] === server.readyForQuery) break;
    }
    stream.write(terminateMessage());
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
  if (failure !== null) throw new Error(failure);
}

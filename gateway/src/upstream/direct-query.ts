/** Runs SQL on a server over a connection of the gateway's own: for seeding and setting up, never for a client. */
import { limits } from "../protocols/postgres/limits.js";
import { createLoginStream } from "../protocols/postgres/login-stream.js";
import { server } from "../protocols/postgres/message-types.js";
import { queryMessage, readReport, terminateMessage } from "../protocols/postgres/server-messages.js";
import { connectUpstream } from "../protocols/postgres/upstream-login.js";
import type { UpstreamTarget } from "../session/enforcement.js";

/** Runs `sql`, one or more statements; rows are thrown away. Rejects with the server's first error. */
export async function runDirectly(target: UpstreamTarget, sql: string): Promise<void> {
  const { socket } = await connectUpstream(target, new Map());
  const stream = createLoginStream(socket);
  let failure: string | null = null;
  try {
    stream.write(queryMessage(sql));
    for (;;) {
      const message = await stream.message(limits.server_message_bytes_max);
      if (message[0] === server.errorResponse) {
        const report = readReport(message);
        failure ??= `${report.code} ${report.message}`;
      }
      if (message[0] === server.readyForQuery) break;
    }
    stream.write(terminateMessage());
  } finally {
    socket.destroy();
  }
  if (failure !== null) throw new Error(failure);
}

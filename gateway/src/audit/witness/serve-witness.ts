/** The paths under which other gateways bring their checkpoints, and ask for them. */
import type { IncomingMessage } from "node:http";
import type { KeptCheckpoints } from "./kept-checkpoints.js";
import { noteSize_max } from "./witness.js";

export interface WitnessAnswer {
  readonly status: number;
  readonly text: string;
}

/**
 * GET gives the note that is kept of a log, 204 when there is none yet; PUT brings one: 409 for one that the log's key did not
 * sign, or that takes the log back. Null for what is no log's path. Never rejects.
 */
export async function answerWitness(
  request: IncomingMessage,
  path: string,
  kept: KeptCheckpoints,
): Promise<WitnessAnswer | null> {
  const note = kept.noteAt(path);
  if (note === undefined) return null;
  if (request.method === "GET") return { status: note === null ? 204 : 200, text: note ?? "" };
  if (request.method !== "PUT") return { status: 405, text: "use GET or PUT\n" };
  try {
    const brought = await bodyOf(request);
    if (brought === null) return { status: 413, text: `a note has at most ${noteSize_max} bytes\n` };
    const objection = await kept.keep(path, brought);
    return objection === null ? { status: 200, text: "kept\n" } : { status: 409, text: `${objection}\n` };
  } catch {
    return { status: 503, text: "the checkpoint could not be kept\n" };
  }
}

/** Null when it is longer than a note. */
async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > noteSize_max) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

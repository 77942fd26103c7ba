/**
 * The commands at the start of what a client sends to `git receive-pack`, as ref updates.
 *
 * In: bytes in packet lines (gitprotocol-common, gitprotocol-pack: reference update request), over any transport. Out: one
 * `git` action a command; one opaque action when the lines are not such a request, or their end is not among the bytes. A
 * signed push says its commands in a certificate, and there alone. Absent: push options, the pack, objects: that an update
 * rewrites history cannot be seen, so it is unknown unless whoever has the objects says which updates do not.
 */
import { unknown } from "../facts/fact.js";
import type { WireAnalysis } from "../facts/front-end.js";
import type { GitFacts } from "../facts/generated.js";
import type { ReceivePack } from "../facts/wire.js";
import { readReceiveCommand } from "./refs.js";

/** Ref updates of one push that are read. Each is an action to decide; nobody pushes so many by hand. */
export const COMMANDS_COUNT_MAX = 4_096;

/** Facts of every ref update of a push. Total; O(bytes of the commands). */
export function analyseReceivePack({ bytes, remote, fast_forward }: ReceivePack): WireAnalysis {
  const lines = readPacketLines(bytes);
  if (typeof lines === "string") return opaque(lines);
  const commands = commandsOf(lines);
  if (commands === null) return opaque("receive_pack");
  if (commands.length > COMMANDS_COUNT_MAX) return opaque("too_many_commands");
  const harmless = new Set(fast_forward);
  const updates = commands.map(readReceiveCommand);
  if (updates.length === 0 || updates.includes(null)) return opaque("receive_pack");
  return {
    actions: updates.flatMap((update) => {
      if (update === null || update.ref === null) return [];
      const { ref, force_known } = update;
      const isKnown = force_known || update.delete || harmless.has(ref);
      const facts: GitFacts = {
        verb: "push",
        remote,
        ref,
        all_refs: false,
        force: isKnown ? false : unknown("git_history"),
        delete: update.delete,
        discards: false,
        executes: false,
        complete: isKnown,
        reasons: isKnown ? [] : ["git_history"],
      };
      return [{ family: "git", opaque: false, facts } as const];
    }),
  };
}

const opaque = (reason: string): WireAnalysis => ({ actions: [{ family: "git", opaque: true, reasons: [reason] }] });

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The lines up to the first flush packet, without their last newline; else why they cannot be read. */
function readPacketLines(bytes: Uint8Array): readonly string[] | string {
  const lines: string[] = [];
  let at = 0;
  while (at + 4 <= bytes.length) {
    const digits = String.fromCharCode(...bytes.subarray(at, at + 4));
    if (!/^[0-9a-f]{4}$/i.test(digits)) return "receive_pack";
    const size = Number.parseInt(digits, 16);
    if (size === 0) return lines;
    // 1 to 3 are packets of version 2 of the protocol, which has no push.
    if (size < 4) return "receive_pack";
    if (at + size > bytes.length) break;
    const line = textOf(bytes.subarray(at + 4, at + size));
    if (line === null) return "receive_pack";
    lines.push(line.replace(/\n$/, ""));
    at += size;
  }
  return "truncated";
}

/** A name of a ref may be any bytes; what is no UTF-8 no rule could name. */
function textOf(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}

/** Lines of the form `old new name`, from the request itself or from its certificate; null when there is anything else. */
function commandsOf(lines: readonly string[]): readonly string[] | null {
  const sent = lines.filter((line) => !/^shallow [0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(line));
  const isSigned = sent[0]?.split("\0", 1)[0] === "push-cert";
  if (!isSigned) return sent;
  const end = sent.indexOf("push-cert-end");
  // Commands outside the certificate are an error for the server, too.
  if (end !== sent.length - 1) return null;
  const blank = sent.indexOf("");
  const signature = sent.findIndex((line) => line.startsWith("-----BEGIN "));
  return blank < 0 || signature < blank ? null : sent.slice(blank + 1, signature);
}

import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type NoteVerifier, readVerifier } from "../checkpoint.js";
import type { AuditEvent } from "../event.js";
import { type OpenedLog, openAuditLog } from "../log.js";
import { type KeptCheckpoints, openKeptCheckpoints } from "./kept-checkpoints.js";
import { witnessPath } from "./peer-witness.js";
import { noteSize_max, type WitnessPlace, witness } from "./witness.js";

let folder: string;
let state: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hpl-witness-"));
  state = join(folder, "state");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Opens the log, writes so many lines, and gives it. */
async function openWith(lines_count: number, what = "x"): Promise<OpenedLog> {
  const log = await openAuditLog(state);
  for (let i = 0; i < lines_count; i++) log.append({ kind: "session.noted", detail: { session: "s", what } });
  return log;
}

/** A place in memory that can be away. */
function place(notes: string[] = []): WitnessPlace & { isAway: boolean; readonly notes: string[] } {
  const one = {
    name: "memory",
    notes,
    isAway: false,
    latest: async () => (one.isAway ? Promise.reject(new Error("away")) : (notes.at(-1) ?? null)),
    keep: async (_origin: string, note: string) => void notes.push(note),
  };
  return one;
}

/** Compares `log` with `where` once; gives what was found, and said. */
async function compared(log: OpenedLog, where: WitnessPlace) {
  const [events, lines]: [AuditEvent[], string[]] = [[], []];
  const witnessed = witness(
    log,
    where,
    (event) => events.push(event),
    (line) => lines.push(line),
  );
  await witnessed.compare();
  return { agrees: witnessed.status().agrees, events, lines };
}

/** The state as it is now, to be put back. */
const save = (name: string): void => cpSync(state, join(folder, name), { recursive: true });
function putBack(name: string): void {
  rmSync(state, { recursive: true });
  cpSync(join(folder, name), state, { recursive: true });
}

test("a log that grows agrees, over restarts, and each checkpoint goes to the witness", async () => {
  const where = place();
  for (const lines_count of [3, 0, 300, 1]) {
    const log = await openWith(lines_count);
    expect(await compared(log, where)).toEqual({ agrees: true, events: [], lines: [] });
    await log.close();
  }
  expect(where.notes.map((note) => note.split("\n")[1])).toEqual(["3", "3", "303", "304"]);
});

test.each([
  ["shorter than the witness knows", 0, "the witness knows 8 lines, the log has 4"],
  ["grown again to as many lines", 4, "the first 8 lines are not those that the witness knows"],
  ["grown past it", 400, "the first 8 lines are not those that the witness knows"],
])("the whole state put back, the copy of the checkpoint included, %s", async (_what, more, reason) => {
  const where = place();
  await (await openWith(4)).close();
  save("old");
  const newer = await openWith(4);
  await compared(newer, where);
  await newer.close();
  putBack("old");
  const log = await openWith(more, "another");
  const found = await compared(log, where);
  expect(found).toMatchObject({ agrees: false, events: [{ kind: "witness.disagreed", detail: { reason, size: 8 } }] });
  expect(found.lines).toEqual([expect.stringContaining(reason)]);
  // What the witness has is the proof: nothing is sent over it.
  expect(where.notes).toHaveLength(1);
  await log.close();
});

test("what another key signed, or nobody, is a disagreement", async () => {
  await (await openWith(9)).close();
  const foreign = place();
  const first = await openWith(0);
  await compared(first, foreign);
  await first.close();
  rmSync(state, { recursive: true });
  const log = await openWith(20);
  for (const notes of [foreign.notes, ["junk"], [""], ["x".repeat(1 << 20)]]) {
    const { agrees, events } = await compared(log, place([...notes]));
    expect([agrees, events[0]?.detail.reason]).toEqual([
      false,
      "what the witness has was not signed by this log's key",
    ]);
    expect(String(events[0]?.detail.note).length).toBeLessThanOrEqual(noteSize_max);
  }
  await log.close();
});

test("a witness that does not answer changes nothing: neither doubt nor trust; and it is said once", async () => {
  const where = place();
  const log = await openWith(3);
  const [events, lines]: [AuditEvent[], string[]] = [[], []];
  const witnessed = witness(
    log,
    where,
    (event) => events.push(event),
    (line) => lines.push(line),
  );
  where.isAway = true;
  await witnessed.compare();
  await witnessed.compare();
  expect([witnessed.status(), lines.length]).toEqual([{ agrees: null, isReached: false }, 1]);
  where.isAway = false;
  where.notes.push("junk");
  await witnessed.compare();
  where.isAway = true;
  await witnessed.compare();
  expect(witnessed.status()).toEqual({ agrees: false, isReached: false });
  where.isAway = false;
  where.notes.pop();
  await witnessed.compare();
  await witnessed.compare();
  expect(witnessed.status()).toEqual({ agrees: true, isReached: true });
  expect(events.map(({ kind }) => kind)).toEqual(["witness.disagreed", "witness.agreed"]);
  await log.close();
});

// --- A gateway as the witness of others ---

const notesAt = async (lines: readonly number[]): Promise<{ notes: readonly string[]; verifier: NoteVerifier }> => {
  const log = await openWith(0);
  const notes: string[] = [];
  for (const count of lines) {
    for (let i = 0; i < count; i++) log.append({ kind: "session.closed", detail: { session: "s" } });
    notes.push((await log.checkpoint()).note);
  }
  await log.close();
  return { notes, verifier: log.verifier };
};

test("a peer keeps what grows, writes it down, and remembers it over a restart", async () => {
  const { notes, verifier } = await notesAt([1, 5, 5]);
  const [first = "", second = "", third = ""] = notes;
  const events: AuditEvent[] = [];
  const open = (): KeptCheckpoints =>
    openKeptCheckpoints(join(folder, "peer"), [verifier], (event) => events.push(event));
  const path = witnessPath(verifier.name);
  const kept = open();
  expect([kept.noteAt(path), kept.noteAt("/witness/0123456789abcdef"), kept.noteAt("/metrics")]).toEqual([
    null,
    undefined,
    undefined,
  ]);
  expect(await kept.keep(path, second)).toBeNull();
  expect(await kept.keep(path, second)).toBeNull();
  expect(await kept.keep(path, first)).toBe("a checkpoint of 6 lines was seen");
  expect(await kept.keep(path, `${third}x`)).toBe("the note was not signed by the log's key");
  expect(open().noteAt(path)).toBe(second);
  expect(await open().keep(path, third)).toBeNull();
  expect(events.map(({ kind, detail }) => [kind, detail.size])).toEqual([
    ["witness.seen", 6],
    ["witness.seen", 11],
  ]);
  expect(readVerifier(verifier.text)?.name).toBe(verifier.name);
  expect(third.length).toBeLessThan(noteSize_max);
});

test("another log of the same size, signed by the same key, is refused", async () => {
  await (await openWith(2)).close();
  save("fork");
  const one = await openWith(3);
  const { note } = await one.checkpoint();
  await one.close();
  putBack("fork");
  const other = await openWith(3, "forked");
  const kept = openKeptCheckpoints(join(folder, "peer"), [other.verifier], () => {});
  const path = witnessPath(other.verifier.name);
  expect(await kept.keep(path, note)).toBeNull();
  expect(await kept.keep(path, (await other.checkpoint()).note)).toBe("another log of this size was seen");
  await other.close();
});

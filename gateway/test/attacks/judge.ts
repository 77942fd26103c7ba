/** Runs one attack on both sides and says what came of it: what was let through, and what the client could learn. */
import { createHash } from "node:crypto";
import { type Arena, changesSoFar, fingerprint, type Regime, reset, type Side } from "./arena.js";
import { openRaw, type RawClient, type RawMessage } from "./raw-client.js";
import type { Attack, Step } from "./steps.js";
import type { World } from "./worlds.js";

export interface Outcome {
  /** Answers that were neither an error nor a notice: rows, tags. */
  readonly isLetThrough: boolean;
  /** Whether the gateway refused some of it. */
  readonly isRefused: boolean;
  /** What is wrong; empty for an attack that got nothing. */
  readonly faults: readonly string[];
  /** What the client saw on the first side, a word a message. */
  readonly shown: string;
}

export async function runAttack(arena: Arena, regime: Regime, attack: Attack): Promise<Outcome> {
  const before = await Promise.all(arena.sides.map(stateOf));
  const [first, second] = await Promise.all(arena.sides.map((side) => play(side, regime, attack.steps)));
  if (first === undefined || second === undefined) throw new Error("two sides are needed");
  const faults = [...leaksIn(first, arena.sides[0].world), ...leaksIn(second, arena.sides[1].world)];
  const [one, other] = [first, second].map((streams) => streams.map(comparable).join("\n--\n"));
  if (one !== other) faults.push(`the two sides differ:\n${differing(one ?? "", other ?? "")}`);
  const isLetThrough = first.some((stream) => stream.some(({ type }) => type === "C" || type === "D"));
  const hasOwnerSteps = attack.steps.some(({ direct }) => direct !== undefined);
  await cleanUp(arena, before, isLetThrough || hasOwnerSteps ? null : faults);
  const isRefused = first.some((stream) => stream.some(isRefusal));
  return { isLetThrough, isRefused, faults, shown: first.flatMap((stream) => stream.map(wordOf)).join(" ") };
}

const isRefusal = ({ type, body }: RawMessage): boolean => type === "E" && body.includes("\0C42501\0");

interface SideState {
  readonly xid: string;
}

const stateOf = async (side: Side): Promise<SideState> => ({ xid: await changesSoFar(side) });

/** Both sides are reset when either has changed, so that they stay in step. Nothing let through must have changed nothing. */
async function cleanUp(arena: Arena, before: readonly SideState[], faults: string[] | null): Promise<void> {
  const after = await Promise.all(arena.sides.map(stateOf));
  if (after.every(({ xid }, i) => xid === before[i]?.xid)) return;
  const prints = faults === null ? [] : await Promise.all(arena.sides.map(fingerprint));
  await Promise.all(arena.sides.map(reset));
  const fresh = faults === null ? [] : await Promise.all(arena.sides.map(fingerprint));
  if (prints.some((print, i) => print !== fresh[i])) faults?.push("something changed although nothing was let through");
}

async function play(side: Side, regime: Regime, steps: readonly Step[]): Promise<readonly (readonly RawMessage[])[]> {
  const clients = new Map<number, RawClient>();
  for (const { connection, pieces, ready, direct } of steps) {
    if (direct !== undefined) {
      await side.direct.query(direct);
      continue;
    }
    const client = clients.get(connection) ?? (await openRaw(side.agent(regime)));
    clients.set(connection, client);
    await client.exchange(pieces, ready);
  }
  await Promise.all([...clients.values()].map((client) => client.end()));
  return [...clients.values()].map((client) => client.messages());
}

/** Every spelling of a secret that an attack may give it; short ones could be part of an id by chance. */
function spellings(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  const hash = (name: string): string => createHash(name).update(bytes).digest("hex");
  const reversed = [...secret].reverse().join("");
  const disguised = [
    reversed,
    bytes.toString("base64").slice(0, -4),
    bytes.toString("hex"),
    hash("md5"),
    hash("sha256"),
  ];
  return [...(secret.length > 3 ? [secret] : []), ...disguised.filter((text) => text.length > 9)];
}

function leaksIn(streams: readonly (readonly RawMessage[])[], { secrets }: World): string[] {
  const seen = streams
    .flatMap((stream) => stream.map(({ body }) => withoutIds(body.toString("latin1"))))
    .join("\n")
    .toLowerCase();
  return secrets
    .filter((secret) => spellings(secret).some((text) => seen.includes(text.toLowerCase())))
    .map((secret) => `the client can read "${secret}"`);
}

/** Ids that are random by design: five digits of one could be a salary. */
const ids = [/Decision [\w-]+/g, /approval [0-9a-f]+/g, /approve [0-9a-f]+/g];

const withoutIds = (text: string): string => ids.reduce((shown, id) => shown.replace(id, "#"), text);

/** What of a message must be the same on both sides: all of it but ids that are random by design and object numbers. */
function wordOf({ type, body }: RawMessage): string {
  if (type === "T") return `T(${fieldsOf(body).join(",")})`;
  if (type === "D") return `D(${cellsOf(body).join("|")})`;
  const text = body.toString("utf8").replaceAll("\0", " ").trim();
  return `${type}(${withoutIds(text)})`;
}

const comparable = (stream: readonly RawMessage[]): string => stream.map(wordOf).join("\n");

function fieldsOf(body: Buffer): readonly string[] {
  const fields: string[] = [];
  for (let at = 2; at < body.length; ) {
    const end = body.indexOf(0, at);
    const type = body.readUInt32BE(end + 7);
    const rest = body
      .subarray(end + 5, end + 19)
      .toString("hex")
      .slice(12);
    fields.push(`${body.toString("utf8", at, end)}:${type < 16_384 ? type : "user"}:${rest}`);
    at = end + 19;
  }
  return fields;
}

function cellsOf(body: Buffer): readonly string[] {
  const cells: string[] = [];
  for (let at = 2; at < body.length; ) {
    const size = body.readInt32BE(at);
    cells.push(size < 0 ? "NULL" : body.toString("utf8", at + 4, at + 4 + size));
    at += 4 + Math.max(size, 0);
  }
  return cells;
}

function differing(one: string, other: string): string {
  const [left, right] = [one.split("\n"), other.split("\n")];
  const at = left.findIndex((line, i) => line !== right[i]);
  return `${(left[at] ?? "(nothing)").slice(0, 300)}\n${(right[at < 0 ? left.length : at] ?? "(nothing)").slice(0, 300)}`;
}

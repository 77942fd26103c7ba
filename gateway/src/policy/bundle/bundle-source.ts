/**
 * A policy that comes as signed bundles.
 *
 * In: a place to fetch them from, and the keys that may sign. Out: the policy of the newest good one, in force. A bundle counts
 * when it is signed, whole, decides here as it did where it was built, and its revision is not below the last activated one; it
 * is kept on disk and written to the audit log before it is in force. Anything else is refused, what was in force stays, and its
 * tag is forgotten, so that it is fetched and judged again. A start without an answer goes on with the last good one, checked
 * again like one that was fetched. Each refusal is told once, until something else happens. Absent: compiling.
 */
import { createHash } from "node:crypto";
import {
  type BundleOrigin,
  type OnReload,
  openPolicySlot,
  type PolicySource,
  type Refused,
  type ReloadResult,
  refused,
} from "../in-force.js";
import { type BundleKeys, type OpenedBundle, openBundle } from "./bundle.js";
import type { FetchBundle } from "./fetch-bundle.js";
import { type KeptBundle, keptBundle, type RevisionFloor } from "./kept-bundle.js";

export interface BundleSourceOptions {
  readonly fetchBundle: FetchBundle;
  readonly poll_ms: number;
  /** Keys that may sign bundles. */
  readonly signers: BundleKeys;
  /** The gateway's state folder. */
  readonly state: string;
  /** Names of the keys that transforms may take. */
  readonly keys: ReadonlySet<string>;
  readonly onReload: OnReload;
  readonly now: () => Date;
}

/**
 * Opens the policy, and waits for the first answer where there is no last good one. Rejects when the state folder cannot be
 * used, or the last good one not be written to the audit log; a refused bundle is no failure: everything is blocked until a
 * good one comes.
 */
export async function openBundleSource(options: BundleSourceOptions): Promise<PolicySource> {
  const kept = keptBundle(options.state);
  const told = tellOnce(options.onReload);
  const slot = openPolicySlot({ keys: options.keys, onReload: told.onReload });
  const stop = new AbortController();
  let [tag, checked_at_ms]: [string | null, number | null] = [null, null];
  let inForce: BundleOrigin | null = null;

  /** Throws what keeps a good bundle from being kept or written down. */
  const take = async (bytes: Uint8Array): Promise<ReloadResult> => {
    const judged = await judgeBundle(bytes, options.signers, kept);
    if (!judged.ok) return slot.refuse(judged);
    const { opened, origin, floor } = judged;
    const unusable = slot.objectionTo(opened.module);
    if (unusable !== null) return slot.refuse(unusable);
    await kept.keep(bytes, floor);
    const result = slot.offer({ module: opened.module, sources: opened.sources, bundle: origin });
    if (result.ok) inForce = origin;
    return result;
  };
  /** Null when there is nothing new. */
  const look = async (isAsked: boolean): Promise<ReloadResult | null> => {
    if (isAsked) tag = null;
    const fetched = await options.fetchBundle(tag, stop.signal).catch((error: Error) => error);
    if (stop.signal.aborted) return null;
    if (fetched instanceof Error) return slot.refuse(notFetched(fetched.message));
    checked_at_ms = options.now().getTime();
    const isInForce = fetched.kind === "same" || (!isAsked && sha256(fetched.bytes) === inForce?.bundle_sha256);
    if (isInForce) told.again();
    if (fetched.kind === "same") return null;
    const result = isInForce ? null : await take(fetched.bytes);
    tag = result === null || result.ok ? fetched.tag : null;
    return result;
  };
  const next = inTurn((isAsked: boolean) => look(isAsked).catch(notLoaded));

  const last = kept.last();
  if (last !== null) await take(last);
  const first = next(false);
  if (slot.current().kind === "none") await first;
  // A look that takes longer than the time between two of them is not followed by all that were due meanwhile.
  let isLooking = false;
  const timer = setInterval(async () => {
    if (isLooking) return;
    isLooking = true;
    await next(false);
    isLooking = false;
  }, options.poll_ms);
  timer.unref();
  return {
    current: slot.current,
    bundle: () => ({ revision: inForce?.revision ?? null, checked_at_ms }),
    reload: async () => {
      told.again();
      return (await next(true)) ?? notFetched("it is still being written, or the gateway ends");
    },
    close: () => {
      clearInterval(timer);
      stop.abort();
    },
  };
}

type Judged =
  | {
      readonly ok: true;
      readonly opened: Extract<OpenedBundle, { ok: true }>;
      readonly origin: BundleOrigin;
      readonly floor: RevisionFloor;
    }
  | Refused;

/** Everything about a bundle that needs no policy in force. */
async function judgeBundle(bytes: Uint8Array, signers: BundleKeys, kept: KeptBundle): Promise<Judged> {
  const opened = await openBundle(bytes, signers);
  if (!opened.ok) return notTaken(opened.reason);
  const floor = { revision: Number(opened.manifest.revision), module_sha256: sha256(opened.module) };
  const objection = objectionTo(floor, kept);
  if (objection !== null) return notTaken(objection);
  return {
    ok: true,
    opened,
    floor,
    origin: { revision: floor.revision, bundle_sha256: sha256(bytes), key: opened.key },
  };
}

function objectionTo(next: RevisionFloor, kept: KeptBundle): string | null {
  let before: RevisionFloor | null;
  try {
    before = kept.floor();
  } catch (error) {
    return wordsOf(error);
  }
  if (before === null || next.revision > before.revision) return null;
  if (next.revision < before.revision)
    return `its revision ${next.revision} is lower than ${before.revision}, which was in force`;
  return next.module_sha256 === before.module_sha256
    ? null
    : `its revision ${next.revision} was in force with another module: a revision is one policy`;
}

const finding = (what: string): string => `error[HPL7007]: the bundle is not taken: ${what}`;

const notTaken = (why: string): Refused => refused("the bundle is not taken", finding(why));
const notFetched = (why: string): Refused => refused("the bundle cannot be fetched", finding(why));
const notLoaded = (error: unknown): Refused => refused("the policy could not be loaded", wordsOf(error));

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Passes a refusal on once, until something else is told. What could not be told is told again. */
function tellOnce(onReload: OnReload): { readonly onReload: OnReload; readonly again: () => void } {
  let last: string | null = null;
  return {
    onReload: (result, candidate) => {
      const words = result.ok ? null : `${result.reason}\n${result.findings}`;
      if (words !== null && words === last) return;
      onReload(result, candidate);
      last = words;
    },
    again: () => {
      last = null;
    },
  };
}

/** Runs one call after the other. `run` must not reject. */
function inTurn<In, Out>(run: (input: In) => Promise<Out>): (input: In) => Promise<Out> {
  let before: Promise<unknown> = Promise.resolve();
  return (input) => {
    const own = before.then(() => run(input));
    before = own;
    return own;
  };
}

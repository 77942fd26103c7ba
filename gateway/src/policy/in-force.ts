/**
 * The policy in force, and how another one takes its place.
 *
 * In: modules, from wherever they come. Out: the policy that decides now, or why there is none; then every statement is blocked
 * with that reason. A module that cannot be used never replaces a good one, nor does one whose coming could not be written to
 * the audit log. The swap is one assignment: who asked before it goes on with the policy that was asked. Absent: files,
 * networks, signatures.
 */
import { type Detectors, loadPolicy, openDetectors, type Policy } from "@hpl/runtime";
import { missingKeys } from "./missing-keys.js";

/** The policy in force, or why there is none; the reason is told to clients and quotes nothing. */
export type PolicyInForce =
  | { readonly kind: "loaded"; readonly policy: Policy; readonly detectors: Detectors }
  | { readonly kind: "none"; readonly reason: string };

/** A policy that is followed. */
export interface PolicySource {
  current(): PolicyInForce;
  /** Looks at once. What was in force stays when nothing better is found, and the result says why. */
  reload(): ReloadResult | Promise<ReloadResult>;
  /** How the bundle stands; null for a policy that comes as none. */
  bundle(): BundleStatus | null;
  close(): void;
}

/** Which bundle a policy came in. */
export interface BundleOrigin {
  readonly revision: number;
  readonly bundle_sha256: string;
  /** Name of the key that signed it. */
  readonly key: string;
}

export interface BundleStatus {
  /** Null before the first. */
  readonly revision: number | null;
  /** When the place it comes from last answered, in milliseconds since 1970; null when it never did. */
  readonly checked_at_ms: number | null;
}

export type ReloadResult =
  | { readonly ok: true; readonly digest: string; readonly isNew: boolean; readonly bundle: BundleOrigin | null }
  | Refused;

/** `reason` is told to clients; `findings` is for the operator. */
export interface Refused {
  readonly ok: false;
  readonly reason: string;
  readonly findings: string;
}

export const refused = (reason: string, findings: string): Refused => ({ ok: false, reason, findings });

/** A text of a policy, by the path that it is shown under. */
export interface PolicyText {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** A module that wants to come into force. */
export interface Candidate {
  readonly module: Uint8Array<ArrayBuffer>;
  /** Its sources where they came with it; null where they are read from the policy's path. */
  readonly sources: readonly PolicyText[] | null;
  readonly bundle: BundleOrigin | null;
}

/**
 * Told of every attempt, the first included, before it counts; null for one that was refused. Throws to keep a policy from
 * counting.
 */
export type OnReload = (result: ReloadResult, candidate: Candidate | null) => void;

export interface PolicySlotOptions {
  /** Names of the keys that transforms may take; a policy that names another does not come into force. */
  readonly keys: ReadonlySet<string>;
  readonly onReload: OnReload;
}

export interface PolicySlot {
  current(): PolicyInForce;
  /** Why a module could not come into force; null when it could. Costs as much as `offer`. */
  objectionTo(module: Uint8Array<ArrayBuffer>): Refused | null;
  /** Puts a module in force, when it can be used. Throws what `onReload` throws: then nothing has changed. */
  offer(candidate: Candidate): ReloadResult;
  /** Notes why there was nothing to offer. Throws what `onReload` throws. */
  refuse(why: Refused): Refused;
}

export function openPolicySlot({ keys, onReload }: PolicySlotOptions): PolicySlot {
  let inForce: PolicyInForce = { kind: "none", reason: "no policy has been loaded" };
  const refuse = (why: Refused): Refused => {
    if (inForce.kind === "none") inForce = { kind: "none", reason: why.reason };
    onReload(why, null);
    return why;
  };
  return {
    current: () => inForce,
    objectionTo: (module) => {
      const opened = openModule(module, keys);
      return opened.ok ? null : opened;
    },
    refuse,
    offer: (candidate) => {
      const opened = openModule(candidate.module, keys);
      if (!opened.ok) return refuse(opened);
      const { policy, detectors } = opened;
      const isNew = inForce.kind === "none" || inForce.policy.digest !== policy.digest;
      const result: ReloadResult = { ok: true, digest: policy.digest, isNew, bundle: candidate.bundle };
      onReload(result, candidate);
      inForce = { kind: "loaded", policy, detectors };
      return result;
    },
  };
}

type Opened = { readonly ok: true; readonly policy: Policy; readonly detectors: Detectors } | Refused;

function openModule(module: Uint8Array<ArrayBuffer>, keys: ReadonlySet<string>): Opened {
  const loaded = loadPolicy(module);
  if (!loaded.ok) return unusable(loaded.failure);
  const missing = missingKeys(loaded.policy, keys);
  if (missing !== null) return refused("the policy needs a key that is not there", missing);
  const opened = openDetectors(module);
  return opened.ok ? { ok: true, policy: loaded.policy, detectors: opened.detectors } : unusable(opened.failure);
}

const unusable = ({ code, message }: { readonly code: string; readonly message: string }): Refused =>
  refused("the policy module cannot be used", `error[${code}]: ${message}`);

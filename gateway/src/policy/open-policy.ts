/** The policy that the configuration names, however it comes. */
import type { BundlePlace, PolicySettings } from "../config/resolve-policy.js";
import { openBundleSource } from "./bundle/bundle-source.js";
import { bundleFromFile, bundleFromUrl, type FetchBundle } from "./bundle/fetch-bundle.js";
import type { OnReload, PolicySource } from "./in-force.js";
import { type CompilePolicy, openPolicySource } from "./policy-source.js";

export interface OpenPolicyOptions {
  /** The gateway's state folder. */
  readonly state: string;
  readonly compile: CompilePolicy;
  /** Names of the keys that transforms may take. */
  readonly keys: ReadonlySet<string>;
  readonly onReload: OnReload;
  readonly now: () => Date;
}

/** Rejects with what `onReload` throws at the first attempt, or for a state folder that cannot be used. */
export async function openPolicy(settings: PolicySettings, options: OpenPolicyOptions): Promise<PolicySource> {
  if (settings.kind === "path") return openPolicySource({ ...options, path: settings.path });
  const { place, poll_ms, signers } = settings;
  return openBundleSource({ ...options, fetchBundle: fetcherOf(place), poll_ms, signers });
}

const fetcherOf = (place: BundlePlace): FetchBundle =>
  place.kind === "file" ? bundleFromFile(place.path) : bundleFromUrl(place.url, place.headers);

import { loadPolicy, type Policy } from "@hpl/runtime";
import type { GatewayConfig } from "../../config/generated.js";
import { resolvePolicy } from "../../config/resolve-policy.js";
import { openBundle } from "./bundle.js";
import { bundleFromFile } from "./fetch-bundle.js";

/**
 * The policy in the bundle file that `config` names, checked as a start would, but for the revisions that came before; null for
 * a policy that comes otherwise. Rejects for a configuration whose keys cannot be read.
 */
export async function checkBundle(
  config: GatewayConfig,
  folder: string,
): Promise<{ readonly ok: true; readonly policy: Policy } | { readonly ok: false; readonly finding: string } | null> {
  const settings = resolvePolicy(config, folder, (_path, read) => read());
  if (settings?.kind !== "bundle" || settings.place.kind !== "file") return null;
  const refused = (why: string) => ({ ok: false, finding: `error[HPL7007]: the bundle is not taken: ${why}` }) as const;
  try {
    const fetched = await bundleFromFile(settings.place.path)(null, new AbortController().signal);
    const opened = fetched.kind === "new" ? await openBundle(fetched.bytes, settings.signers) : null;
    if (opened === null || !opened.ok) return refused(opened?.reason ?? "it cannot be read");
    const loaded = loadPolicy(opened.module);
    return loaded.ok ? { ok: true, policy: loaded.policy } : refused(loaded.failure.message);
  } catch (error) {
    return refused(error instanceof Error ? error.message : String(error));
  }
}

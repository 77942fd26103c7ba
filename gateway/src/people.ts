/**
 * Everything of a gateway that is about people, wired together: who they are, what they agreed to and were given, what was
 * counted for them, and who looks on.
 *
 * In: the configuration, the audit log, the policy. Out: what sessions and the HTTP API ask of these. Opens no port.
 */
import { type Announcement, approvalAnnouncement, grantAnnouncement } from "./approvals/announcement.js";
import { type ApprovalRegistry, openApprovals } from "./approvals/registry.js";
import { fileStore } from "./approvals/store.js";
import { sendWebhook } from "./approvals/webhook.js";
import type { AuditLog } from "./audit/log.js";
import type { ResolvedConfig } from "./config/resolve-config.js";
import { pathIn } from "./config/secret.js";
import type { GatewayOptions } from "./gateway.js";
import { type Identities, openIdentities } from "./identity/identities.js";
import { openOidc } from "./identity/oidc.js";
import type { PolicySource } from "./policy/policy-source.js";
import type { SessionInfo } from "./session/enforcement.js";
import { type CounterBook, openCounters } from "./sessions/counters.js";
import { keepCounts } from "./sessions/counts-file.js";
import { openGrants } from "./sessions/grants.js";
import { openLive } from "./sessions/live.js";
import { listRecordings, readRecording } from "./sessions/read-recording.js";
import { recordSession } from "./sessions/recording.js";
import { type SessionWatch, watchTogether } from "./sessions/watch.js";
import type { ApiParts } from "./web/routes.js";

export interface PeopleParts {
  readonly options: GatewayOptions;
  readonly settings: ResolvedConfig;
  readonly audit: AuditLog;
  readonly policies: PolicySource;
  readonly now: () => Date;
  readonly onStop: (stop: () => Promise<void> | void) => void;
}

export interface People extends Omit<ApiParts, "viewers" | "grants"> {
  readonly grants: ReturnType<typeof openGrants>;
  readonly identities: Identities;
  readonly counters: CounterBook;
  /** Begins to look on at a session. */
  readonly watch: (session: SessionInfo) => SessionWatch;
}

export function openPeople(parts: PeopleParts): People {
  const { settings, audit, policies, now, onStop } = parts;
  const { config, folder, log } = parts.options;
  const state = pathIn(folder, config.state);
  const announce = openAnnouncer(parts);
  const approvals = openAnnouncedApprovals(parts, announce);
  const counters = openCounters(now);
  onStop(keepCounts(state, counters, log));
  const oidc = settings.oidc === null ? null : openOidc(settings.oidc, now, log);
  const live = openLive(now);
  return {
    approvals,
    policies,
    counters,
    live,
    grants: openGrants({
      policies,
      approvals,
      audit,
      now,
      log,
      onChange: (kind, grant) => announce(grantAnnouncement(kind, grant)),
    }),
    identities: openIdentities(settings.identities, oidc),
    recordings: { list: () => listRecordings(state), read: (id) => readRecording(state, id) },
    watch: (session) => {
      const { recording } = settings;
      const seen = live.watch(session);
      return recording === null ? seen : watchTogether([seen, recordSession(state, recording, session, now, log)]);
    },
  };
}

/** Tells every webhook, until the gateway stops. */
function openAnnouncer({ settings: { approvals }, options: { log }, onStop }: PeopleParts) {
  const stop = new AbortController();
  onStop(() => stop.abort());
  return (announcement: Announcement): void => {
    for (const webhook of approvals?.webhooks ?? []) void sendWebhook(webhook, announcement, log, stop.signal);
  };
}

function openAnnouncedApprovals(
  { options: { config, folder, log }, onStop, audit, now }: PeopleParts,
  announce: (announcement: Announcement) => void,
): ApprovalRegistry {
  const registry = openApprovals({
    store: fileStore(pathIn(folder, config.state), log),
    audit,
    now,
    log,
    onChange: (kind, approval) => announce(approvalAnnouncement(kind, approval)),
  });
  onStop(() => registry.close());
  return registry;
}

/**
 * Everything of a gateway that is about people, wired together: who they are, what they agreed to and were given, what was
 * counted for them, and who looks on.
 *
 * In: the configuration, the audit log, the policy. Out: what sessions and the HTTP API ask of these. Opens no port.
 */

import { type Announcement, approvalAnnouncement, grantAnnouncement } from "./approvals/announcement.js";
import type { Approval } from "./approvals/approval.js";
import { type ApprovalRegistry, openApprovals } from "./approvals/registry.js";
import type { SharedDatabase } from "./approvals/shared/database.js";
import { fileStore } from "./approvals/store.js";
import { sendWebhook } from "./approvals/webhook.js";
import type { AuditKind } from "./audit/event.js";
import type { AuditLog } from "./audit/log.js";
import { keepRecordings } from "./audit/recordings.js";
import type { ResolvedConfig } from "./config/resolve-config.js";
import { pathIn } from "./config/secret.js";
import type { GatewayOptions } from "./gateway.js";
import { type Identities, openIdentities } from "./identity/identities.js";
import { openOidc } from "./identity/oidc.js";
import type { PolicySource } from "./policy/in-force.js";
import type { SessionInfo } from "./session/enforcement.js";
import { type CounterBook, openCounters } from "./sessions/counters.js";
import { keepCounts } from "./sessions/counts-file.js";
import { type GrantStore, localGrants } from "./sessions/grant-store.js";
import { openGrants } from "./sessions/grants.js";
import { openLive } from "./sessions/live.js";
import { listRecordings, readRecording } from "./sessions/read-recording.js";
import { recordingsFolder, recordSession } from "./sessions/recording.js";
import { type SessionWatch, watchTogether } from "./sessions/watch.js";
import type { ApiParts } from "./web/routes.js";

export interface PeopleParts {
  readonly options: GatewayOptions;
  readonly settings: ResolvedConfig;
  readonly audit: AuditLog;
  /** Name of this gateway among those that share a database, the same after a restart. */
  readonly gateway: string;
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

export async function openPeople(parts: PeopleParts): Promise<People> {
  const { settings, audit, policies, now, onStop } = parts;
  const { config, folder, log } = parts.options;
  const state = pathIn(folder, config.state);
  const announce = openAnnouncer(parts);
  const { approvals, grantStore } = await openShelves(parts, announce);
  const counters = openCounters(now);
  onStop(keepCounts(state, counters, log));
  const oidc = settings.oidc === null ? null : openOidc(settings.oidc, now, log);
  const live = openLive(now);
  const record = openRecorder(parts, state);
  return {
    approvals,
    policies,
    counters,
    live,
    grants: openGrants({
      store: grantStore,
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
      const seen = live.watch(session);
      return record === null ? seen : watchTogether([seen, record(session)]);
    },
  };
}

/** What records a session; null when the configuration does not want it. A recording is in the audit log once it is written. */
function openRecorder(
  { settings: { recording }, options: { log }, audit, now, onStop }: PeopleParts,
  state: string,
): ((session: SessionInfo) => SessionWatch) | null {
  if (recording === null) return null;
  const keeper = keepRecordings({ audit, folder: recordingsFolder(state), log });
  onStop(() => keeper.close());
  return (session) => {
    const watch = recordSession(state, recording, session, now, log);
    keeper.begun(session.id);
    return {
      ...watch,
      closed: () => {
        watch.closed();
        keeper.ended(session.id);
      },
    };
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

/** What people agreed to and were given: of this gateway alone, or of all that share a database. */
async function openShelves(
  { options: { config, folder, log }, settings: { shared }, gateway, onStop, audit, now }: PeopleParts,
  announce: (announcement: Announcement) => void,
): Promise<{ readonly approvals: ApprovalRegistry; readonly grantStore: GrantStore }> {
  const settings = {
    audit,
    now,
    log,
    onChange: (kind: AuditKind, approval: Approval) => announce(approvalAnnouncement(kind, approval)),
  };
  const open = async (): Promise<{ readonly approvals: ApprovalRegistry; readonly grantStore: GrantStore }> => {
    if (shared === null) {
      const store = fileStore(pathIn(folder, config.state), log);
      return { approvals: openApprovals({ ...settings, store }), grantStore: localGrants() };
    }
    const { openDatabase, openSharedApprovals, sharedGrants } = await import("./approvals/shared/index.js");
    const database: SharedDatabase = openDatabase({ target: shared, log });
    onStop(() => database.close());
    const approvals = openSharedApprovals({ ...settings, database, gateway });
    return { approvals, grantStore: sharedGrants(database, now) };
  };
  const opened = await open();
  onStop(() => opened.approvals.close());
  return opened;
}

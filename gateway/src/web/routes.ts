/**
 * The calls of the HTTP API: `spec/openapi/gateway.json` says the same for others.
 *
 * In: a person, and the request. Out: an answer. Statements hold values: an approval is shown to those who asked for it and to
 * those who may decide. Sessions, recordings and decisions are shown to whose they are, and to the configuration's viewers.
 */
import type { IncomingMessage } from "node:http";
import { approvalScopes, isRequester, neededGroupsOf } from "../approvals/approval.js";
import { listEntry } from "../approvals/listed-approval.js";
import type { ApprovalRegistry } from "../approvals/registry.js";
import type { PolicySource } from "../policy/in-force.js";
import type { GrantBook, Person } from "../sessions/grants.js";
import type { LiveBook } from "../sessions/live.js";
import type { Recording } from "../sessions/read-recording.js";
import { type Answer, failure, ok, readFields } from "./answer.js";

export interface ApiParts {
  readonly approvals: ApprovalRegistry;
  readonly grants: Pick<GrantBook, "ask" | "list" | "revoke">;
  readonly live: Pick<LiveBook, "sessions" | "decisions">;
  readonly policies: Pick<PolicySource, "current">;
  readonly recordings: {
    readonly list: () => readonly Recording[];
    readonly read: (id: string) => string | null;
  };
  /** Groups that may look at everybody's sessions. */
  readonly viewers: readonly string[];
}

export interface Call {
  readonly parts: ApiParts;
  readonly person: Person;
  readonly request: IncomingMessage;
  /** What stands in place of `{..}` in the path. */
  readonly id: string;
}

export interface Route {
  readonly method: "GET" | "POST";
  /** With at most one `{id}`. */
  readonly path: string;
  readonly run: (call: Call) => Answer | Promise<Answer>;
}

const isViewer = ({ viewers }: ApiParts, { kind, groups }: Person): boolean =>
  kind === "human" && viewers.some((group) => groups.includes(group));

/** Whose something is: made by the person, or by an agent for the person. */
const isOwn = ({ user, names }: Person, { principal, on_behalf_of }: Whose): boolean =>
  user === principal || (on_behalf_of !== null && [user, ...names].includes(on_behalf_of));

interface Whose {
  readonly principal: string;
  readonly on_behalf_of: string | null;
}

const shownTo = <T extends Whose>({ parts, person }: Call, all: readonly T[]): readonly T[] =>
  isViewer(parts, person) ? all : all.filter((each) => isOwn(person, each));

function me({ parts, person }: Call): Answer {
  const { user, kind, groups, on_behalf_of } = person;
  return ok({ user, kind, groups, on_behalf_of, is_viewer: isViewer(parts, person) });
}

function listApprovals({ parts, person }: Call): Answer {
  const shown = parts.approvals
    .list()
    .filter((approval) => isRequester(approval, person) || neededGroupsOf(approval, person).length > 0);
  return ok(
    shown.map((approval) => {
      const may_decide = person.kind === "human" && approval.state === "pending" && !isRequester(approval, person);
      return { ...listEntry(approval), may_decide };
    }),
  );
}

async function decide({ parts, person, request, id }: Call, verb: "approve" | "reject"): Promise<Answer> {
  const read = await readFields(request, ["reason"], verb === "approve" ? ["scope"] : []);
  if (!read.ok) return read.answer;
  const { fields } = read;
  const scope = approvalScopes.find((each) => each === (fields.scope ?? "statement"));
  if (scope === undefined) return failure(400, `a scope is one of ${approvalScopes.join(", ")}`);
  const step = await parts.approvals.decide(id, person, verb, fields.reason, scope);
  return step.ok ? ok(listEntry(step.approval)) : failure(409, step.why);
}

async function revokeApproval({ parts, person, request, id }: Call): Promise<Answer> {
  const read = await readFields(request, ["reason"]);
  if (!read.ok) return read.answer;
  const { fields } = read;
  const step = await parts.approvals.revoke(id, person, fields.reason);
  return step.ok ? ok(listEntry(step.approval)) : failure(409, step.why);
}

function listGrants({ parts, person }: Call): Answer {
  const inForce = parts.policies.current();
  const declared = inForce.kind === "loaded" ? inForce.policy.meta.grants : [];
  return ok({
    declared: declared.map(({ id, to, approval, asking, lasting_s, telling }) => ({
      id,
      to,
      needs: approval?.all ?? [],
      asking,
      lasting_s,
      telling,
      may_ask: to.some((group) => person.groups.includes(group)),
    })),
    given: parts.grants
      .list()
      .filter(
        ({ principal, telling }) =>
          principal === person.user ||
          isViewer(parts, person) ||
          telling.some((group) => person.groups.includes(group)),
      ),
  });
}

async function askGrant({ parts, person, request }: Call): Promise<Answer> {
  const read = await readFields(request, ["grant", "reason"]);
  if (!read.ok) return read.answer;
  const { fields } = read;
  const asked = await parts.grants.ask(person, fields.grant, fields.reason);
  if (asked.state === "refused") return failure(409, asked.why);
  return asked.state === "given" ? ok(asked, 201) : ok(asked, 202);
}

async function revokeGrant({ parts, person, request, id }: Call): Promise<Answer> {
  const read = await readFields(request, ["reason"]);
  if (!read.ok) return read.answer;
  const { fields } = read;
  const objection = await parts.grants.revoke(id, person, fields.reason);
  return objection === null ? ok({ id, state: "revoked" }) : failure(409, objection);
}

const listSessions = (call: Call): Answer => ok(shownTo(call, call.parts.live.sessions()));

const listDecisions = (call: Call): Answer => ok(shownTo(call, call.parts.live.decisions()));

const listRecordings = (call: Call): Answer => ok(shownTo(call, call.parts.recordings.list()));

function readRecording(call: Call): Answer {
  const { recordings } = call.parts;
  const isShown = shownTo(call, recordings.list()).some(({ id }) => id === call.id);
  const text = isShown ? recordings.read(call.id) : null;
  return text === null
    ? failure(404, "there is no such recording")
    : { status: 200, body: text, type: "application/x-asciicast" };
}

function policy({ parts }: Call): Answer {
  const inForce = parts.policies.current();
  if (inForce.kind === "none") return ok({ state: "none", reason: inForce.reason });
  const { digest, meta } = inForce.policy;
  const modules = meta.modules.map(({ name, families, default: verdict }) => ({ name, families, default: verdict }));
  return ok({ state: "loaded", digest, language: meta.language, modules, rules_count: meta.rules.length });
}

/** In the order of the document. */
export const routes: readonly Route[] = [
  { method: "GET", path: "/v1/me", run: me },
  { method: "GET", path: "/v1/approvals", run: listApprovals },
  { method: "POST", path: "/v1/approvals/{id}/approve", run: (call) => decide(call, "approve") },
  { method: "POST", path: "/v1/approvals/{id}/reject", run: (call) => decide(call, "reject") },
  { method: "POST", path: "/v1/approvals/{id}/revoke", run: revokeApproval },
  { method: "GET", path: "/v1/grants", run: listGrants },
  { method: "POST", path: "/v1/grants", run: askGrant },
  { method: "POST", path: "/v1/grants/{id}/revoke", run: revokeGrant },
  { method: "GET", path: "/v1/sessions", run: listSessions },
  { method: "GET", path: "/v1/decisions", run: listDecisions },
  { method: "GET", path: "/v1/recordings", run: listRecordings },
  { method: "GET", path: "/v1/recordings/{id}", run: readRecording },
  { method: "GET", path: "/v1/policy", run: policy },
];

/**
 * Grants: what a person was given for a while, by the policy's own `grant` items.
 *
 * In: somebody who asks for a grant and says why; the policy that declares it. Out: `session.grants` for the decisions on all
 * sessions of that principal, until it ends. The policy says who may ask, who else must agree, and how long it lasts; a grant
 * that needs nobody's consent (break-glass) is marked in the audit log. Giving is written down, on the disk, before it counts;
 * ending counts first. A grant is in force only while the policy in force still declares it for a group of its holder, and no
 * longer than that policy says. Where grants are kept, and whether they outlive the gateway, is the store's. Absent: what a grant excuses; only the policy says that.
 */
import { createHash, randomBytes } from "node:crypto";
import type { ModuleMetaGrant } from "@hpl/runtime";
import { type Approver, objectionToReason } from "../approvals/approval.js";
import type { ApprovalRegistry } from "../approvals/registry.js";
import type { AuditEvent, AuditKind } from "../audit/event.js";
import type { AuditLog } from "../audit/log.js";
import type { PolicySource } from "../policy/in-force.js";
import { AuditUnavailable } from "../session/enforcement.js";
import type { GrantStore } from "./grant-store.js";

/** Somebody known by name, who asks for something or decides on it. */
export interface Person extends Approver {
  readonly issuer: string;
  readonly on_behalf_of: string | null;
}

export interface Grant {
  readonly id: string;
  /** `module.name` */
  readonly grant: string;
  readonly principal: string;
  readonly issuer: string;
  readonly reason: string;
  /** RFC 3339. */
  readonly given_at: string;
  readonly expires_at: string;
  /** The approval others gave; null for what is taken without anybody's consent. */
  readonly approval: string | null;
  /** Groups that are told. */
  readonly telling: readonly string[];
}

export type AskedGrant =
  | { readonly state: "given"; readonly grant: Grant }
  | { readonly state: "pending"; readonly approval: string }
  | { readonly state: "refused"; readonly why: string };

export interface GrantBook {
  /** `name` is `module.name`, or the name alone where one module declares it. Rejects when it cannot be written down. */
  ask(person: Person, name: string, reason: string): Promise<AskedGrant>;
  /** Ids of the grants of a principal that `declared` has for one of `groups`. */
  inForce(
    holder: { readonly issuer: string; readonly id: string; readonly groups: readonly string[] },
    declared: readonly ModuleMetaGrant[],
  ): readonly string[];
  /** Newest first. */
  list(): readonly Grant[];
  /** Ends a grant at the next statement: by its holder, or by somebody the policy names for it. Null when it is done. */
  revoke(id: string, person: Person, reason: string): Promise<string | null>;
}

export interface GrantOptions {
  readonly store: GrantStore;
  readonly policies: Pick<PolicySource, "current">;
  readonly approvals: ApprovalRegistry;
  readonly audit: AuditLog;
  readonly now: () => Date;
  readonly log: (line: string) => void;
  /** Told of what was given and revoked. Must not throw. */
  readonly onChange: (kind: AuditKind, grant: Grant) => void;
}

const none: readonly string[] = [];

export function openGrants(options: GrantOptions): GrantBook {
  const { store, policies, approvals, audit, now, log, onChange } = options;
  const given = store.all;

  const declaredNow = (): readonly ModuleMetaGrant[] => {
    const inForce = policies.current();
    return inForce.kind === "loaded" ? inForce.policy.meta.grants : [];
  };
  const isOver = ({ expires_at }: Grant): boolean => now().getTime() >= Date.parse(expires_at);
  const dropOver = (): void => {
    for (const grant of given.values()) if (isOver(grant)) store.drop(grant.id);
  };
  const give = async (
    person: Person,
    item: ModuleMetaGrant,
    reason: string,
    approval: string | null,
  ): Promise<Grant> => {
    const at = now();
    const asked: Grant = {
      id: randomBytes(5).toString("hex"),
      grant: item.id,
      principal: person.user,
      issuer: person.issuer,
      reason,
      given_at: at.toISOString(),
      expires_at: new Date(at.getTime() + item.lasting_s * 1000).toISOString(),
      approval,
      telling: item.telling,
    };
    const grant = await store.give(asked, item.lasting_s, (each) => {
      audit.append(grantEvent("grant.given", each), { durable: true });
    });
    onChange("grant.given", grant);
    return grant;
  };
  /** Gives the grant once people have agreed, if the policy still declares it so. */
  const giveWhenApproved = async (person: Person, item: ModuleMetaGrant, reason: string, id: string): Promise<void> => {
    const approval = await approvals.settled(id);
    const current = declaredNow().find((each) => each.id === item.id);
    if (approval.state !== "approved" || current === undefined || !mayAsk(person.groups, current)) return;
    if ((await approvals.use(id, approval.binding)).ok) await give(person, current, reason, id);
  };
  return {
    ask: async (person, name, reason) => {
      dropOver();
      const item = declarationOf(name, declaredNow());
      if (typeof item === "string") return refused(item);
      if (!mayAsk(person.groups, item)) return refused(`only ${item.to.join(", ")} may ask for ${item.id}`);
      const objection = objectionToReason(reason);
      if (objection !== null)
        return refused(item.asking === null ? objection : `${objection}; say this: ${item.asking}`);
      const known = [...given.values()].find((grant) => grant.grant === item.id && isHeldBy(grant, person));
      if (known !== undefined) return refused(`${item.id} is given already, until ${known.expires_at}`);
      if (item.approval === null) return { state: "given", grant: await give(person, item, reason, null) };
      const step = approvals.request(approvalRequest(person, item, item.approval, reason, policies));
      if (!step.ok) return refused(step.why);
      giveWhenApproved(person, item, reason, step.approval.id).catch((error: unknown) =>
        log(`grant ${item.id} could not be given: ${error instanceof Error ? error.message : String(error)}`),
      );
      return { state: "pending", approval: step.approval.id };
    },
    inForce: (holder, declared) => {
      if (given.size === 0) return none;
      const ids = [...given.values()].flatMap((grant) => {
        const item = declared.find(({ id }) => id === grant.grant);
        if (item === undefined || grant.issuer !== holder.issuer || grant.principal !== holder.id) return [];
        const age_s = (now().getTime() - Date.parse(grant.given_at)) / 1000;
        return !isOver(grant) && age_s < item.lasting_s && mayAsk(holder.groups, item) ? [grant.grant] : [];
      });
      return ids.length === 0 ? none : ids.toSorted();
    },
    list: () => {
      dropOver();
      return [...given.values()].toReversed();
    },
    revoke: async (id, person, reason) => {
      const grant = given.get(id);
      if (grant === undefined || isOver(grant)) return "there is no such grant";
      const objection = objectionToReason(reason) ?? objectionToRevoking(grant, person, declaredNow());
      if (objection !== null) return objection;
      const isFirst = await store.end(id, () => {
        try {
          audit.append(grantEvent("grant.revoked", grant, { by: person.user, why: reason }), { durable: true });
        } catch (error) {
          if (!(error instanceof AuditUnavailable)) throw error;
          log(`grant ${id} was revoked by ${person.user}, which could not be written down`);
        }
      });
      if (!isFirst) return "there is no such grant";
      onChange("grant.revoked", grant);
      return null;
    },
  };
}

const refused = (why: string): AskedGrant => ({ state: "refused", why });

const mayAsk = (groups: readonly string[], { to }: ModuleMetaGrant): boolean =>
  to.some((group) => groups.includes(group));

const isHeldBy = (grant: Grant, { user, issuer }: Person): boolean =>
  grant.principal === user && grant.issuer === issuer;

/** A text says why there is none. */
function declarationOf(name: string, declared: readonly ModuleMetaGrant[]): ModuleMetaGrant | string {
  const exact = declared.find(({ id }) => id === name);
  const short = declared.filter(({ id }) => id.endsWith(`.${name}`));
  const [first, second] = exact === undefined ? short : [exact];
  if (second !== undefined) return `several policies declare it: ${short.map(({ id }) => id).join(", ")}`;
  return first ?? "the policy declares no such grant";
}

function objectionToRevoking(grant: Grant, person: Person, declared: readonly ModuleMetaGrant[]): string | null {
  if (isHeldBy(grant, person)) return null;
  const item = declared.find(({ id }) => id === grant.grant);
  const named = item === undefined ? [] : [...item.telling, ...(item.approval?.all ?? []).map(({ group }) => group)];
  if (person.kind !== "human") return "only people revoke what is another's, not agents or services";
  return named.some((group) => person.groups.includes(group))
    ? null
    : "only its holder, or who is told of it, may revoke it";
}

function approvalRequest(
  person: Person,
  { id, asking }: ModuleMetaGrant,
  { all, within_s }: NonNullable<ModuleMetaGrant["approval"]>,
  reason: string,
  policies: GrantOptions["policies"],
) {
  const inForce = policies.current();
  const statement = `grant ${id}${asking === null ? "" : ` (${asking})`}: ${reason}`;
  const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
  return {
    binding: {
      principal: person.user,
      issuer: person.issuer,
      on_behalf_of: person.on_behalf_of,
      connection: everyConnection,
      session: "",
      statement_sha256: sha256(statement),
      parameters_sha256: sha256(""),
      shape_sha256: sha256(statement),
      rules: [],
      policy_digest: inForce.kind === "loaded" ? inForce.policy.digest : "",
    },
    statement,
    facts: [],
    places: [],
    message: `${person.user} asks for the grant ${id}`,
    needs: all,
    within_s,
  };
}

/** What stands in place of a connection where a grant is asked for: no connection has such a name. */
const everyConnection = "every connection";

function grantEvent(kind: AuditKind, grant: Grant, more: Readonly<Record<string, string>> = {}): AuditEvent {
  return { kind, detail: { ...grant, without_approval: grant.approval === null, ...more } };
}

import type { Fact } from "./fact.js";
import type {
  CloudFacts,
  Connection,
  FsFacts,
  GitFacts,
  HttpFacts,
  KubernetesFacts,
  MongoFacts,
  Principal,
  RedisFacts,
  Session,
  ShellFacts,
  SqlFacts,
  TextFacts,
} from "./generated.js";

/** What kinds of action a rule can govern. */
export const families = ["sql", "shell", "fs", "git", "k8s", "cloud", "http", "redis", "mongo", "text"] as const;
export type Family = (typeof families)[number];

/** Facts of the families that have a schema so far. An action of another family is opaque. */
export interface FactsByFamily {
  readonly sql: SqlFacts;
  readonly shell: ShellFacts;
  readonly fs: FsFacts;
  readonly git: GitFacts;
  readonly k8s: KubernetesFacts;
  readonly cloud: CloudFacts;
  readonly http: HttpFacts;
  readonly redis: RedisFacts;
  readonly mongo: MongoFacts;
  readonly text: TextFacts;
}

/** Offsets `[start, end)` of an action in the text it was found in, in UTF-8 bytes. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

interface ActionBase {
  /** Where the action stands in its text; absent for an action that came as facts. */
  readonly range?: ByteRange;
  /**
   * Index, in the request's list, of the action this one is part of: the `git push` in a shell line. It takes that action's
   * base unless a module governs its own family.
   */
  readonly parent?: number;
}

/** An action of which nothing was understood; `reasons` says why. It is blocked unless a rule says `even if incomplete`. */
export interface OpaqueAction extends ActionBase {
  readonly family: Family;
  readonly opaque: true;
  readonly reasons: readonly string[];
}

/** An action with facts. `facts.complete` says whether kind, effects and relations are certain. */
export type KnownAction = {
  [F in keyof FactsByFamily]: ActionBase & {
    readonly family: F;
    readonly opaque: false;
    readonly facts: FactsByFamily[F];
  };
}[keyof FactsByFamily];

/** One typed thing a request does: a SQL statement, a simple command, a ref update, an API call. */
export type Action = KnownAction | OpaqueAction;

/** Who asks, over what, when: the part of the facts that is fixed for all actions of a request. */
export interface RequestContext {
  readonly principal: Principal;
  readonly session: Session;
  readonly connection: Connection;
  /** Milliseconds since 1970-01-01T00:00Z. Unknown when missing. */
  readonly now?: Fact<number>;
  /**
   * Offsets of time zones at `now`, by IANA name, in minutes east of UTC. A policy names the zones it needs (`zones` in
   * `hpl.meta`); what depends on one that is missing is unknown.
   */
  readonly zones?: Readonly<Record<string, number>>;
}

/** A list of actions to decide together: the decision is the join over them. */
export interface Request extends RequestContext {
  readonly actions: readonly Action[];
  /** True when names were taken as plain tables as written, because no catalog was at hand. */
  readonly assumed_catalog?: boolean;
}

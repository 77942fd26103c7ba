/** Command lines of clouds: one call each, by service and verb. What a verb does, `cloud/verbs.ts` says. */

import { type CloudEffect, effectsOf } from "../../cloud/index.js";
import type { Fact } from "../../facts/fact.js";
import type { CloudFacts } from "../../facts/generated.js";
import { hasFlag, type Invocation, valuesOf } from "../arguments.js";
import type { Tool } from "../call.js";
import { addEffects, addPath, doubt, factOf } from "../draft.js";
import type { Effect } from "../spec.js";
import { literal, prefixOf, textOf, type Value } from "../value.js";
import { runCode } from "./code.js";

type Provider = Extract<CloudFacts["provider"], string>;

const providers: Readonly<Record<string, Provider>> = {
  aws: "aws",
  gcloud: "gcp",
  az: "azure",
  vault: "vault",
  doctl: "other",
  heroku: "other",
  flyctl: "other",
};

const leading = /^(?:alpha|beta|preview)$/;

interface Path {
  readonly service: string;
  readonly verb: string;
  readonly rest: readonly Value[];
}

/** `aws SERVICE VERB`, `gcloud GROUP.. VERB ARGUMENTS`, `az GROUP.. VERB`, `vault VERB`. */
export function cloudCli(tool: Tool): null {
  const { invocation, draft } = tool;
  const program = textOf(draft.program) ?? "";
  const provider = providers[program] ?? "other";
  const path = pathOf(program, invocation);
  addEffects(draft, "network");
  if (path === null) {
    doubt(draft, "command");
    return null;
  }
  draft.subcommand.splice(0, draft.subcommand.length, ...path.service.split(" "), path.verb);
  const { service, verb } = path;
  addCall(tool, {
    provider,
    service,
    verb,
    resource: path.rest[0] ?? null,
    effects: vaultEffects(program, verb, path) ?? effectsOf(service, verb),
  });
  // A flag that is not listed may take the next word: it is the subcommand that must be certain, and it is not then.
  if (invocation.flags.length === 0 && invocation.unknown_flags.some((flag) => flag === firstWord(tool)))
    doubt(draft, "flags");
  if (verb === "scp") {
    addEffects(draft, "export");
    for (const value of path.rest) if (!prefixOf(value).includes(":")) addPath(tool.walk, draft, value, { op: "read" });
  }
  const commands = valuesOf(invocation, "--command");
  if (/^ssh$/.test(verb))
    for (const text of commands)
      runCode({ ...tool, invocation: { ...invocation, spec: { ...invocation.spec, place: "remote" } } }, text);
  if (/ssh|start-session|send-command|execute-command|run-command/.test(verb) && commands.length === 0)
    doubt(draft, "remote_command");
  return null;
}

const firstWord = ({ call }: Tool): string | null => textOf(call.words[1]?.value ?? literal(""));

/** Which of the operands are groups and which is the verb; null when one of them is not certain. */
function pathOf(program: string, { operands }: Invocation): Path | null {
  const texts = operands.map(({ value, count }) => (count === "one" ? textOf(value) : null));
  if (program === "aws") {
    const [service, verb] = texts;
    return service == null || verb == null
      ? null
      : { service, verb, rest: operands.slice(2).map(({ value }) => value) };
  }
  if (program === "vault") {
    const groups = /^(?:kv|auth|secrets|policy|token|operator|lease|audit|namespace|plugin)$/.test(texts[0] ?? "")
      ? 1
      : 0;
    const verb = texts[groups];
    return verb == null
      ? null
      : {
          service: groups === 1 ? (texts[0] ?? "") : "vault",
          verb,
          rest: operands.slice(groups + 1).map(({ value }) => value),
        };
  }
  const start = texts.findIndex((text) => text === null || !leading.test(text));
  const words = texts.slice(Math.max(start, 0));
  const at = words.findIndex((word) => word !== null && isVerb(word));
  const known = at < 0 ? words.indexOf(null) : at;
  if (at < 0 && known >= 0) return null;
  const end = at < 0 ? words.length - 1 : at;
  const groups = words.slice(0, end);
  if (end < 0 || groups.includes(null)) return null;
  return {
    service: groups.join(" ") || (words[end] ?? ""),
    verb: words[end] ?? "",
    rest: operands.slice(Math.max(start, 0) + end + 1).map(({ value }) => value),
  };
}

const isVerb = (word: string): boolean =>
  /^(?:list|describe|get|create|delete|update|set|add|remove|access|ssh|scp|start|stop|reset|resume|suspend|deploy|enable|disable|import|export|call|submit|cancel|print|login|logout|revoke|activate|configure|cp|mv|rm|rsync|cat|ls|du|run|invoke|show|purge|restart|failover|restore|patch|apply|undelete|move|clone|connect|read|write|destroy|wait|test|tail|check|lookup|versions?-get|deallocate|assign|upload|download|generate|rotate|sign|encrypt|decrypt|init|info|version|sync|replace|detach|attach|resize|scale|rollback|promote|drain|query|execute|keys|search|validate)(?:-|$)/.test(
    word,
  );

function vaultEffects(program: string, verb: string, { service, rest }: Path): readonly CloudEffect[] | null {
  if (program !== "vault") return null;
  const path = rest[0] === undefined ? "" : prefixOf(rest[0]);
  if (/^(?:status|version|list|path-help)$/.test(verb) || (service === "kv" && /^(?:list|metadata)$/.test(verb)))
    return ["read"];
  if (/^(?:read|get|unwrap|print|login|export|create)$/.test(verb) && !(verb === "read" && /^sys\//.test(path)))
    return ["read", "secret_read"];
  if (verb === "read") return ["read"];
  if (/^(?:delete|destroy|revoke|disable|seal|step-down)$/.test(verb)) return ["delete"];
  return service === "policy" || service === "auth" || service === "token" ? ["write", "grant"] : ["write"];
}

interface Call {
  readonly provider: Provider;
  readonly service: string;
  readonly verb: string;
  readonly resource: Value | null;
  readonly effects: readonly CloudEffect[];
}

/** Adds the call, and its effects to those of the command: what a cloud deletes is destroyed. */
function addCall({ draft, invocation }: Tool, { provider, service, verb, resource, effects }: Call): void {
  const project = valuesOf(invocation, "--project", "--project_id", "--profile", "--subscription", "--account").map(
    factOf,
  )[0];
  const name: Fact<string> = resource === null ? "" : factOf(resource);
  const mutates = effects.some(
    (effect) => effect === "write" || effect === "delete" || effect === "grant" || effect === "exec",
  );
  const open = /^(?:invoke|exec)/.test(verb);
  draft.derived.push({
    family: "cloud",
    facts: {
      provider,
      service,
      verb,
      resource: name,
      project: project ?? "",
      mutates,
      effects: open ? { items: effects, open: true } : effects,
    },
  });
  addEffects(
    draft,
    ...effects.flatMap((effect): readonly Effect[] => (effect === "delete" ? ["delete", "destroy"] : [effect])),
  );
}

const gcsTarget = /^(?:gs|s3|https?|azure|b2):\/\//;

/** `gsutil cp`, `gcloud storage cp`, `aws s3 sync`: from a bucket it exports, into one it writes. */
export function objectCopy(tool: Tool): null {
  const { invocation, draft, walk } = tool;
  const program = textOf(draft.program) ?? "";
  const verb = invocation.subcommand.at(-1) ?? "";
  const operands = invocation.operands.map(({ value }) => value);
  addEffects(draft, "network");
  const recursive = hasFlag(invocation, "--recursive") || verb === "sync" || verb === "rsync";
  const removes = hasFlag(invocation, "--delete", "-d", "--delete-unmatched-destination-objects");
  const effects: CloudEffect[] = [];
  if (/^(?:cp|mv|sync|rsync|cat|copy)$/.test(verb)) {
    const sources = operands.length > 1 ? operands.slice(0, -1) : operands;
    const target = operands.length > 1 ? operands.at(-1) : undefined;
    if (sources.some((value) => gcsTarget.test(prefixOf(value)))) effects.push("read", "export");
    for (const source of sources)
      if (!gcsTarget.test(prefixOf(source)))
        addPath(walk, draft, source, { op: verb === "mv" ? "move" : "read", recursive });
    if (target !== undefined && gcsTarget.test(prefixOf(target)))
      effects.push(
        "write",
        ...(sources.every((value) => gcsTarget.test(prefixOf(value))) ? [] : (["export"] as const)),
      );
    else if (target !== undefined && textOf(target) !== "-")
      addPath(walk, draft, target, { op: removes ? "delete" : "write", recursive });
    if (verb === "mv" || removes) effects.push("delete");
  } else if (/^(?:rm|rb|del)$/.test(verb)) effects.push("delete");
  else if (/^(?:ls|du|stat|hash|version|list)$/.test(verb)) effects.push("read");
  else if (/^(?:iam|acl|defacl|presign|signurl|website|cors|ch)$/.test(verb)) effects.push("write", "grant");
  else effects.push("write");
  const provider = program === "aws" ? "aws" : program === "az" ? "azure" : "gcp";
  addCall(tool, { provider, service: "storage", verb, resource: operands[0] ?? null, effects });
  return null;
}

/** `gsutil iam ch`, `gsutil acl set`, and the copies. */
export function gsutil(tool: Tool): null {
  const [group, verb] = [
    tool.invocation.subcommand.at(-1) ?? "",
    textOf(tool.invocation.operands[0]?.value ?? literal("")),
  ];
  if (/^(?:iam|acl|defacl)$/.test(group) && verb === "get") {
    addEffects(tool.draft, "network", "read");
    addCall(tool, { provider: "gcp", service: "storage", verb: `${group} get`, resource: null, effects: ["read"] });
    return null;
  }
  return objectCopy(tool);
}

/** `bq`: queries are SQL; the rest is calls. */
export function bq(tool: Tool): null {
  const { invocation, draft, call } = tool;
  addEffects(draft, "network");
  const verb = invocation.subcommand[0] ?? "";
  const operands = invocation.operands.map(({ value }) => value);
  if (verb === "query") {
    const text = operands[0] ?? (call.stdin.kind === "none" ? null : call.stdin.text);
    const bytes = bytesAtMost(invocation);
    draft.sql.push({ dialect: "bigquery", text, ...(bytes === null ? {} : { estimate: { bytes } }) });
    if (text === null) doubt(draft, "sql");
    addCall(tool, { provider: "gcp", service: "bigquery", verb, resource: null, effects: ["read"] });
    return null;
  }
  const effects: Readonly<Record<string, readonly CloudEffect[]>> = {
    ls: ["read"],
    show: ["read"],
    head: ["read", "export"],
    version: ["read"],
    info: ["read"],
    extract: ["read", "export"],
    rm: ["delete"],
    cp: ["write"],
    "add-iam-policy-binding": ["write", "grant"],
    "remove-iam-policy-binding": ["write", "grant"],
    "set-iam-policy": ["write", "grant"],
    "get-iam-policy": ["read"],
  };
  addCall(tool, {
    provider: "gcp",
    service: "bigquery",
    verb,
    resource: operands[0] ?? null,
    effects: effects[verb] ?? ["write"],
  });
  return null;
}

/** What a query may read: nothing in a dry run, at most its ceiling otherwise; null when nobody says. */
function bytesAtMost(invocation: Invocation): number | null {
  if (hasFlag(invocation, "--dry_run")) return 0;
  const text = textOf(valuesOf(invocation, "--maximum_bytes_billed").at(-1) ?? literal(""));
  return text !== null && /^[1-9]\d{0,14}$/.test(text) ? Number(text) : null;
}

/** What a plan would change is in its files; that it changes something is certain. */
export function terraform(tool: Tool): null {
  const { invocation, draft } = tool;
  const verb = invocation.subcommand[0] ?? "";
  const first = textOf(invocation.operands[0]?.value ?? literal(""));
  const isDestroy = verb === "destroy" || (verb === "apply" && hasFlag(invocation, "-destroy"));
  const isState = verb === "state" && /^(?:rm|mv|push|replace-provider)$/.test(first ?? "rm");
  addEffects(draft, "network");
  const effects: readonly CloudEffect[] =
    isDestroy || isState || (verb === "workspace" && first === "delete")
      ? ["delete"]
      : /^(?:apply|import|taint|untaint|refresh|force-unlock)$/.test(verb)
        ? ["write"]
        : ["read"];
  addCall(tool, { provider: "terraform", service: "terraform", verb, resource: null, effects });
  if (verb === "apply") doubt(draft, "plan");
  if (verb === "output" || (verb === "state" && /^(?:pull|show)$/.test(first ?? ""))) addEffects(draft, "secret_read");
  return null;
}

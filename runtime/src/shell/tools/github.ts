/** `gh`: what it does to branches, and to everything else by the API. */
import { unknown } from "../../facts/fact.js";
import { hasFlag, valuesOf } from "../arguments.js";
import type { Tool } from "../call.js";
import { addEffects, doubt, factOf } from "../draft.js";
import { concatAll, literal, textOf } from "../value.js";
import { addHttp } from "./http-request.js";

const reading = /^(?:list|view|status|checks|diff|ls|browse|watch|download|clone|get|search)$/;

/** A subcommand with a verb: `gh pr merge`. Merging moves a branch that is not named. */
export function gh(tool: Tool): null {
  const { invocation, draft } = tool;
  addEffects(draft, "network");
  const [group = ""] = invocation.subcommand;
  const verb = invocation.operands[0] === undefined ? "" : (textOf(invocation.operands[0].value) ?? "");
  const isReading = reading.test(verb) || group === "search" || group === "status" || group === "version";
  if (group === "pr" && verb === "merge") {
    const why = unknown("git_refspec");
    const force = hasFlag(invocation, "--admin");
    const ref = { remote: "origin", ref: why, all_refs: false, delete: hasFlag(invocation, "--delete-branch") };
    draft.derived.push({ family: "git", facts: { verb: "push", ...ref, force, discards: false, executes: false } });
  }
  const effects = isReading ? (["read"] as const) : (["write"] as const);
  addEffects(draft, ...effects);
  const isGone = /^(?:delete|archive|remove|transfer|rename)$/.test(verb);
  const isSecret = group === "auth" && verb === "token";
  if (isGone) addEffects(draft, "delete", "destroy");
  if (isSecret) addEffects(draft, "secret_read");
  if (
    group === "secret" ||
    group === "ssh-key" ||
    group === "gpg-key" ||
    /^(?:alias|extension|config|auth)$/.test(group) ||
    (group === "repo" && verb === "edit")
  )
    addEffects(draft, "config");
  draft.derived.push({
    family: "cloud",
    facts: {
      provider: "github",
      service: group,
      verb,
      resource: invocation.operands[1] === undefined ? "" : factOf(invocation.operands[1].value),
      project: valuesOf(invocation, "--repo").map(factOf)[0] ?? "",
      mutates: !isReading,
      effects: [isReading ? "read" : isGone ? "delete" : "write", ...(isSecret ? (["secret_read"] as const) : [])],
    },
  });
  return null;
}

/** `gh api PATH`: an HTTP request; one that updates a ref is a push. */
export function ghApi(tool: Tool): null {
  const { invocation, draft } = tool;
  const fields = [
    ...valuesOf(invocation, "--field"),
    ...valuesOf(invocation, "--raw-field"),
    ...valuesOf(invocation, "--input"),
  ];
  const own = valuesOf(invocation, "--method")[0];
  const method = own === undefined ? (fields.length > 0 ? "POST" : "GET") : textOf(own);
  const [path] = invocation.operands;
  if (path === undefined) {
    doubt(draft, "url");
    return null;
  }
  addHttp(draft, { url: concatAll([literal("https://api.github.com/"), path.value]), method, uploads_file: false });
  addEffects(draft, method === "GET" ? "read" : "write");
  const ref = /repos\/[^/]+\/[^/]+\/git\/(refs\/.+)$/.exec(textOf(path.value) ?? "")?.[1];
  if (ref !== undefined && method !== "GET") {
    const force = fields.some((field) => textOf(field) === "force=true");
    const change = { remote: "origin", ref, all_refs: false, delete: method === "DELETE", force };
    draft.derived.push({ family: "git", facts: { verb: "push", ...change, discards: false, executes: false } });
  }
  if (method !== "GET" && /\/merge$|graphql$|\/contents\//.test(textOf(path.value) ?? "graphql")) {
    const why = unknown("git_refspec");
    const change = { remote: "origin", ref: why, all_refs: false, delete: false, force: false };
    draft.derived.push({ family: "git", facts: { verb: "push", ...change, discards: false, executes: false } });
  }
  return null;
}

/** What a command of `kubectl` is about: resources and names, by its operands. */
import { type Fact, unknown } from "../../facts/fact.js";
import { allResources, resourceOf } from "../../kubernetes/index.js";
import { valuesOf } from "../arguments.js";
import type { Tool } from "../call.js";
import { textOf, type Value, type Word, whyOf } from "../value.js";
import type { CommandVerb } from "./kubectl-verbs.js";

/** One thing a command is about. */
export interface Target {
  readonly resource: string | null;
  readonly name: Fact<string>;
  readonly subresource?: string;
}

export function targetsOf(tool: Tool, written: string, { resource, has_action }: CommandVerb): readonly Target[] {
  const { invocation } = tool;
  const { operands } = invocation;
  const raw = valuesOf(invocation, "--raw");
  if (raw.length > 0) return raw.map(() => ({ resource: "--raw", name: unknown("raw") }));
  if (written === "auth") return reviewTargets(operands);
  const words = has_action ? operands.slice(1) : operands;
  if (resource !== undefined) return [{ resource, name: nameWithin(resource, written, words) }];
  const [kinds, ...names] = words.filter(({ value }) => !isChange(value));
  if (kinds === undefined) return [{ resource: null, name: unknown("manifest") }];
  return namedTargets(kinds, names, written);
}

/** `a=b` and `a-` are what is set or removed; no name of an object holds the one or ends with the other. */
const isChange = (value: Value): boolean => /=|-$/.test(textOf(value) ?? "");

/** Asking what one may do creates a review; `auth reconcile` changes what a manifest says. */
function reviewTargets([action]: readonly Word[]): readonly Target[] {
  const asked = action === undefined ? null : textOf(action.value);
  if (asked === "can-i") return [{ resource: "selfsubjectaccessreviews", name: "" }];
  if (asked === "whoami") return [{ resource: "selfsubjectreviews", name: "" }];
  return [{ resource: null, name: unknown("manifest") }];
}

/** Commands that make something named after what they are told of. */
const naming: ReadonlySet<string> = new Set(["expose", "autoscale"]);

/** The name of the object of `resource` that a command is about, by its first operands: `pod/x`, `deploy/web`, `ns/pod:path`. */
function nameWithin(resource: string, written: string, [first, second]: readonly Word[]): Fact<string> {
  if (first === undefined) return "";
  const text = first.count === "one" ? textOf(first.value) : null;
  if (text === null) return unknown(whyOf(first.value) ?? "name");
  if (naming.has(written)) return text.includes("/") ? (text.split("/")[1] ?? "") : nameOf(second);
  if (written === "cp") return copiedPod([first, second]);
  const [kind = "", name] = text.split("/", 2);
  if (name === undefined) return text;
  // `kubectl exec deploy/web` reaches some pod of it.
  return resourceOf(kind).resource === resource ? name : unknown("one_of_several");
}

/** `POD:PATH` or `NAMESPACE/POD:PATH`, on either side. */
function copiedPod(words: readonly (Word | undefined)[]): Fact<string> {
  const texts = words.map((word) => (word === undefined ? null : textOf(word.value)));
  const found = texts.flatMap((text) => /^(?:[^/:]*\/)?([^/:]+):/.exec(text ?? "")?.[1] ?? []);
  return found[0] ?? unknown("name");
}

function namedTargets(kinds: Word, names: readonly Word[], written: string): readonly Target[] {
  const text = kinds.count === "one" ? textOf(kinds.value) : null;
  if (text === null) return [{ resource: null, name: unknown(whyOf(kinds.value) ?? "resource") }];
  const slashed = [kinds, ...names]
    .flatMap(({ value }) => (textOf(value) ?? "").split(","))
    .filter((each) => each.includes("/"));
  const plain = text.split(",").filter((each) => !each.includes("/"));
  const given = names.filter(({ value }) => !(textOf(value) ?? "").includes("/"));
  if (written === "create") return [createdTarget(text, given)];
  const own = plain.flatMap((kind) => (kind === "all" ? allResources : [kind]));
  const each: readonly Fact<string>[] = given.length === 0 ? [""] : given.map(nameOf);
  return [
    ...own.flatMap((resource) => each.map((name) => ({ resource, name }))),
    ...slashed.map((pair) => ({ resource: pair.split("/", 1)[0] ?? "", name: pair.slice(pair.indexOf("/") + 1) })),
  ];
}

/** `kubectl create secret generic NAME`, `create service clusterip NAME`, `create token NAME`, `create role NAME`. */
function createdTarget(kind: string, names: readonly Word[]): Target {
  if (kind === "token") return { resource: "serviceaccounts", subresource: "token", name: nameOf(names[0]) };
  const isTyped = kind === "secret" || kind === "service" || kind === "svc";
  return { resource: kind, name: nameOf(names[isTyped ? 1 : 0]) };
}

export const nameOf = (word: Word | undefined): Fact<string> =>
  word === undefined
    ? ""
    : word.count === "one"
      ? (textOf(word.value) ?? unknown(whyOf(word.value) ?? "name"))
      : unknown("several_names");

/**
 * From a path as it is written to what policies ask of it: its canonical form, whether it stays in the workspace, whether it
 * is a secret by its name. Links are not followed: nothing here looks at a disk. Each answer is yes, no, or not known.
 */

import { isSecretName, plainNames, secretEndings, secretFolders, secretNames } from "./secrets.js";
import type { State } from "./state.js";
import {
  concatAll,
  type Hole,
  literal,
  mayMatch,
  type Part,
  partsOf,
  prefixOf,
  textOf,
  textsOf,
  type Value,
} from "./value.js";

export interface PathFacts {
  /** Canonical; null when it is not certain. `~` stands for a home folder nobody knows. */
  readonly path: string | null;
  readonly inside_workspace: boolean | null;
  readonly secret: boolean | null;
  readonly why: string | null;
}

/** A name between slashes. */
type Segment = readonly Part[];

interface Canonical {
  readonly segments: readonly Segment[];
  readonly is_absolute: boolean;
  /** It may lead anywhere: a hole in it may hold slashes and dots. */
  readonly is_free: boolean;
  readonly why: string | null;
}

/** Facts of `value` as a path of a command that runs in `state`. `workspace` is empty when it is not known where that is. */
export function pathFacts(value: Value, state: State, workspace: string): PathFacts {
  const texts = textsOf(value) ?? [value];
  const folders = textsOf(state.cwd) ?? [state.cwd];
  const all = texts.flatMap((text) =>
    folders.map((folder) => factsOf(partsOfText(folder), partsOfText(text), workspace)),
  );
  const [first, ...others] = all;
  const unknown: PathFacts = { path: null, inside_workspace: null, secret: null, why: "path" };
  const joined = others.reduce((a, b) => joinFacts(a, b), first ?? unknown);
  return state.place === "local" ? joined : { ...joined, inside_workspace: false };
}

const partsOfText = (value: string | Value): readonly Part[] => (typeof value === "string" ? [value] : partsOf(value));

const joinFacts = (a: PathFacts, b: PathFacts): PathFacts => ({
  path: a.path === b.path ? a.path : null,
  inside_workspace: a.inside_workspace === b.inside_workspace ? a.inside_workspace : null,
  // One secret among several that are meant one after the other is a secret.
  secret: a.secret === true || b.secret === true ? true : a.secret === b.secret ? a.secret : null,
  why: a.path === b.path ? a.why : "one_of_several",
});

function factsOf(folder: readonly Part[], path: readonly Part[], workspace: string): PathFacts {
  const canonical = canonicalize(folder, path);
  return {
    path: textOfPath(canonical),
    inside_workspace: isInside(canonical, workspace),
    secret: isSecret(canonical),
    why: canonical.why,
  };
}

function canonicalize(folder: readonly Part[], path: readonly Part[]): Canonical {
  const parts = homeAsName(path);
  const [first] = parts;
  const isRooted = typeof first === "string" && /^[/~]/.test(first) && (first[0] === "/" || parts !== path);
  const whole: readonly Part[] = isRooted ? parts : [...homeAsName(folder), "/", ...parts];
  const free = whole.find((part) => typeof part !== "string" && part.may_be === "any") as Hole | undefined;
  const hole = whole.find((part) => typeof part !== "string") as Hole | undefined;
  const [start] = whole;
  const is_absolute = typeof start === "string" && start.startsWith("/") && (isRooted || folder.length > 0);
  return {
    segments: climb(splitSegments(whole), is_absolute),
    is_absolute,
    is_free: free !== undefined,
    why: free?.why ?? hole?.why ?? null,
  };
}

/** A home folder nobody knows has the name `~`: it is an ordinary folder, whatever it is called. */
function homeAsName(parts: readonly Part[]): readonly Part[] {
  const [first, ...rest] = parts;
  return typeof first === "object" && first.why === "variable:HOME" ? ["~", ...rest] : parts;
}

function splitSegments(parts: readonly Part[]): readonly Segment[] {
  const segments: Part[][] = [[]];
  for (const part of parts) {
    if (typeof part !== "string") {
      segments.at(-1)?.push(part);
      continue;
    }
    part.split("/").forEach((name, i) => {
      if (i > 0) segments.push([]);
      if (name !== "") segments.at(-1)?.push(name);
    });
  }
  return segments.map(joinTexts).filter((segment) => segment.length > 0 && !isText(segment, "."));
}

const joinTexts = (segment: readonly Part[]): Segment =>
  segment.every((part) => typeof part === "string") && segment.length > 1 ? [segment.join("")] : segment;

const isText = (segment: Segment | undefined, text: string): boolean => segment?.length === 1 && segment[0] === text;

/** Takes `..` and what it leaves away. Nothing is above the root; above a folder nobody knows, `..` stays in front. */
function climb(segments: readonly Segment[], is_absolute: boolean): readonly Segment[] {
  const path: Segment[] = [];
  for (const segment of segments) {
    if (!isText(segment, "..")) path.push(segment);
    else if (path.length > 0 && !isText(path.at(-1), "..")) path.pop();
    else if (!is_absolute) path.push(segment);
  }
  return path;
}

function textOfPath({ segments, is_absolute, is_free }: Canonical): string | null {
  // What lies somewhere below a folder is named by the folder.
  const end = segments.findIndex(isBelow);
  const certain = end < 0 ? segments : segments.slice(0, end);
  const names = certain.map((segment) => (segment.length === 1 && typeof segment[0] === "string" ? segment[0] : null));
  if (is_free || names.includes(null)) return null;
  return `${is_absolute ? "/" : ""}${names.join("/")}` || ".";
}

const isBelow = ([first]: Segment): boolean => typeof first === "object" && first.may_be === "below";

function isInside({ segments, is_absolute, is_free }: Canonical, workspace: string): boolean | null {
  if (is_free || segments.some(mayClimb)) return isText(segments[0], "..") && !is_absolute && !is_free ? false : null;
  if (isText(segments[0], "~")) return null;
  if (!is_absolute) return workspace === "" ? !isText(segments[0], "..") : null;
  if (workspace === "") return null;
  const root = workspace.split("/").filter((name) => name !== "");
  const shared = root.map((name, i) => segmentIs(segments[i], name));
  return shared.includes(false) ? false : shared.includes(null) ? null : true;
}

/** `..`, or a pattern such as `.*` that some shells let match it. */
const mayClimb = (segment: Segment): boolean =>
  isText(segment, "..") ||
  (segment.length > 1 && segment[0] !== undefined && startsWithDot(segment) && mayMatch(segment, ".."));

const startsWithDot = ([first]: Segment): boolean => typeof first === "string" && first.startsWith(".");

function segmentIs(segment: Segment | undefined, name: string): boolean | null {
  if (segment === undefined) return false;
  if (segment.length === 1 && typeof segment[0] === "string") return segment[0] === name;
  return mayMatch(segment, name) ? null : false;
}

/** Memory of processes, and disks as they are. */
const rawStorage =
  /^\/proc\/[^/]+\/(?:mem|environ|auxv)$|^\/proc\/kcore$|^\/dev\/(?:sd|nvme|vd|xvd|hd|dm-|mapper\/|disk\/|mem|kmem|port)/;

function isSecret(canonical: Canonical): boolean | null {
  const { segments, is_free } = canonical;
  if (rawStorage.test(textOfPath(canonical) ?? "")) return true;
  const folder = secretFolders.map((names) => holdsFolder(segments, names));
  const last = segments.at(-1) ?? [];
  if (isBelow(last)) return null;
  if (folder.includes(true)) return !isPlain(last);
  const own = isSecretSegment(last);
  if (own === true) return true;
  if (is_free) return null;
  return folder.includes(null) ? null : own;
}

const isPlain = (segment: Segment): boolean => {
  const [name, ...more] = segment;
  return typeof name === "string" && more.length === 0 && plainNames.some((each) => each.test(name));
};

function holdsFolder(segments: readonly Segment[], names: readonly string[]): boolean | null {
  let may: boolean | null = false;
  for (let at = 0; at + names.length <= segments.length; at++) {
    const found = names.map((name, i) => namedIs(segments[at + i], name));
    if (!found.includes(false) && !found.includes(null)) return true;
    if (!found.includes(false)) may = null;
  }
  return may;
}

/** As `segmentIs`, but a star at the start of a name stands for no hidden file, as in the shell. */
const namedIs = (segment: Segment | undefined, name: string): boolean | null =>
  segment !== undefined && typeof segment[0] === "object" && name.startsWith(".") ? false : segmentIs(segment, name);

/**
 * A glob that begins with a star names ordinary files too (`*`, `*.json`), so only its ending counts; any other that can be
 * filled to a secret's name may be one.
 */
function isSecretSegment(segment: Segment): boolean | null {
  const [first] = segment;
  if (segment.length === 0) return false;
  if (segment.length === 1 && typeof first === "string") return isSecretName(first);
  const last = segment.at(-1);
  const ending = typeof last === "string" ? last : "";
  if (secretEndings.some((each) => ending.endsWith(each))) return null;
  if (typeof first !== "string") return false;
  return secretNames.some((name) => mayMatch(segment, name)) || mayMatch(segment, ".env.local") ? null : false;
}

/** The folder that `cd` to `target` leads to from `folder`. */
export function folderFrom(folder: Value, target: Value): Value {
  const texts = textsOf(target) ?? [prefixOf(target)];
  if (texts.every((text) => text.startsWith("/"))) return target;
  const isHome = target.kind === "pattern" && target.parts[0] !== undefined && typeof target.parts[0] !== "string";
  if (isHome || textOf(folder) === "") return target;
  return concatAll([folder, literal("/"), target]);
}

/** Whether everything below `path` holds the secrets of somebody's home, so that to take all of it is to take them. */
export const holdsSecrets = (path: string | null): boolean =>
  path !== null && /^(?:~|\/|\/root|\/home|\/home\/[^/]+|\/Users|\/Users\/[^/]+)$/.test(path);

/** Files that are no files: what is written there is gone, or goes to the terminal. */
export const isDevice = (value: Value): boolean =>
  prefixOf(value).startsWith("/dev/fd/") ||
  /^\/dev\/(?:null|zero|full|random|urandom|tty|stdin|stdout|stderr|fd\/.*|pts\/\d+)$/.test(textOf(value) ?? "");

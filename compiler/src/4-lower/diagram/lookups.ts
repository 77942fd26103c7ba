import type { Glob } from "../../3-check/checked.js";
import type { LoweredPath } from "../lowered.js";
import { type Atom, atomsOf, reachOfPath } from "./formula.js";
import type { Placed } from "./variables.js";

type GlobAtom = Atom & { kind: "like" };

/** One question on the way to whether a glob matches. All must be answered with yes. */
export type GlobStep =
  /** Whether the text begins with `part`, ends with it, or may hold it. It is one of `texts`, sorted. */
  { readonly kind: PartKind; readonly part: string; readonly texts: readonly string[] } | { readonly kind: "test" };

/** Where the plain part of a glob stands by which it is looked up. */
export type PartKind = "prefix" | "suffix" | "infix";

/** How the values of a policy's facts are looked up. */
export interface Lookups {
  /** What to ask of a text, in this order, to know whether the glob matches it. */
  stepsOf(atom: GlobAtom, list: string): readonly GlobStep[];
  /** Whether the numbers that this fact is compared with are few enough to be one scale. */
  isScaled(path: LoweredPath, list: string): boolean;
}

/** From so many plain parts of globs on one fact on, they are looked up before a glob is tried. */
const parts_min = 3;
/** A shorter part in the middle of a glob, in bytes, would be found in too many texts. */
const infix_size_min = 4;
/** More numbers on one fact are compared one by one: a node over a scale lists half of its classes. */
const scale_max = 256;

/**
 * Many globs on one fact differ in the plain text they begin with, end with or hold: looking it up tells at once which few of
 * them can match at all, and is the whole answer for those of the form `text**` or `**text`. O(atoms).
 */
export function lookupsOf(conditions: readonly Placed[]): Lookups {
  const facts = new Map<string, Constants>();
  const at = (path: LoweredPath, list: string): Constants => {
    const key = `${reachOfPath(path) === "item" ? list : ""} ${path.root} ${JSON.stringify(path.steps)}`;
    const known = facts.get(key) ?? { prefix: new Set(), suffix: new Set(), infix: new Set(), numbers: new Set() };
    facts.set(key, known);
    return known;
  };
  for (const { formula, list } of conditions) {
    for (const each of atomsOf(formula)) {
      if (each.kind === "number") at(each.path, list).numbers.add(each.value);
      if (each.kind !== "like") continue;
      const part = partOf(each.glob);
      if (part !== null) at(each.path, list)[part.kind].add(part.text);
    }
  }
  const sorted = new Map<Set<string>, readonly string[]>();
  const sortedOnce = (texts: Set<string>): readonly string[] => {
    const known = sorted.get(texts) ?? [...texts].toSorted();
    sorted.set(texts, known);
    return known;
  };
  return {
    isScaled: (path, list) => at(path, list).numbers.size <= scale_max,
    stepsOf: ({ path, glob }, list) => {
      const part = partOf(glob);
      const texts = part === null ? [] : sortedOnce(at(path, list)[part.kind]);
      if (part === null || texts.length < parts_min) return [{ kind: "test" }];
      const step: GlobStep = { kind: part.kind, part: part.text, texts };
      return part.isAll ? [step] : [step, { kind: "test" }];
    },
  };
}

/** What one fact is compared with: plain parts of globs, and numbers. */
interface Constants extends Readonly<Record<PartKind, Set<string>>> {
  readonly numbers: Set<number>;
}

/** A plain part of a glob, and whether the rest of it matches everything. */
interface Part {
  readonly kind: PartKind;
  readonly text: string;
  readonly isAll: boolean;
}

/** The part by which `glob` is looked up: its beginning, else its end, else its longest piece; null when it has none. */
function partOf(glob: Glob): Part | null {
  const prefix = prefixOf(glob);
  if (prefix !== "") return { kind: "prefix", text: prefix, isAll: isAllOf(glob, "prefix") };
  const suffix = suffixOf(glob);
  if (suffix !== "") return { kind: "suffix", text: suffix, isAll: isAllOf(glob, "suffix") };
  const longest = middlesOf(glob).reduce((best, each) => (size(each) > size(best) ? each : best), "");
  return size(longest) < infix_size_min ? null : { kind: "infix", text: longest, isAll: false };
}

const size = (text: string): number => new TextEncoder().encode(text).length;

/** A glob as pieces: plain characters, perhaps behind a `\\`, and runs of stars. */
const piecesOf = ({ text }: Glob): readonly string[] => text.match(/\\.|\*+|[^*]/gsu) ?? [];
const isStar = (piece: string): boolean => piece.startsWith("*");
const plain = (pieces: readonly string[]): string => pieces.map((piece) => piece.replace(/^\\(?=.)/su, "")).join("");

function prefixOf(glob: Glob): string {
  const pieces = piecesOf(glob);
  const star = pieces.findIndex(isStar);
  return plain(star < 0 ? pieces : pieces.slice(0, star));
}

function suffixOf(glob: Glob): string {
  const pieces = piecesOf(glob);
  return plain(pieces.slice(pieces.findLastIndex(isStar) + 1));
}

/** The plain texts between the stars. */
function middlesOf(glob: Glob): readonly string[] {
  const middles: string[][] = [[]];
  for (const piece of piecesOf(glob)) {
    if (isStar(piece)) middles.push([]);
    else middles.at(-1)?.push(piece);
  }
  return middles.map(plain);
}

/** Whether `glob` is the plain text at one end and one run of stars that matches every text. */
function isAllOf(glob: Glob, end: "prefix" | "suffix"): boolean {
  const pieces = piecesOf(glob);
  const rest =
    end === "prefix" ? pieces.slice(pieces.findIndex(isStar)) : pieces.slice(0, pieces.findLastIndex(isStar) + 1);
  const run = rest.join("");
  return run === "**" || (run === "*" && glob.separator === null);
}

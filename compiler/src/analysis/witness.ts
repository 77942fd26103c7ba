import { type Action, commonRoots, type Family, type Request, schemaOfFamily, schemaOfRoot } from "@hpl/runtime/facts";
import type { CheckedPolicy, Glob } from "../3-check/checked.js";
import { labelColumns, labelFacts } from "../reference/masks.js";
import { rootsOf, type Scope } from "../reference/read-fact.js";
import type { AtomTable } from "./atoms.js";
import { plainRecord } from "./candidates.js";
import { type Assignment, setAt } from "./search.js";
import { automatonOfGlob, sampleTexts } from "./texts.js";

/** A statement, and the facts that its front end gives. */
export interface KnownStatement {
  readonly text: string;
  readonly action: Action;
}

/** The request that `assignment` describes; what it does not name is plain. With a statement, its facts are the statement's. */
export function requestOf(
  policy: CheckedPolicy,
  family: Family,
  assignment: Assignment,
  { facts: paths }: AtomTable,
  statement: KnownStatement | null,
): Request {
  const roots: Record<string, unknown> = plainContext();
  const root = rootOfFamily(family);
  const own: Record<string, unknown> = { [root]: plainFacts(family) };
  for (const [key, value] of assignment) {
    const path = paths.get(key);
    if (path === undefined || typeof path.root !== "string") continue;
    const isOfAction = path.root === root;
    if (isOfAction && statement !== null) continue;
    setAt(isOfAction ? own : roots, [path.root, ...path.steps], value);
  }
  const action =
    statement?.action ??
    ({ family, opaque: false, facts: withColumns(policy, own[root] as never) } as unknown as Action);
  return { ...roots, actions: [action] } as unknown as Request;
}

/** What conditions read where `assignment` holds and all else is plain. Labels are as they are assigned. */
export function scopeOfAssignment(family: Family, assignment: Assignment, { facts: paths }: AtomTable): Scope {
  const roots: Record<string, unknown> = { ...plainContext(), [rootOfFamily(family)]: plainFacts(family) };
  for (const [key, value] of assignment) {
    const path = paths.get(key);
    if (path !== undefined && typeof path.root === "string") setAt(roots, [path.root, ...path.steps], value);
  }
  return { roots, zones: {}, items: [] };
}

const rootOfFamily = (family: Family): string => schemaOfFamily(family)?.["x-hpl-root"] ?? family;

const plainFacts = (family: Family): Record<string, unknown> => ({
  ...plainRecord(schemaOfFamily(family) ?? {}),
  complete: true,
  columns_complete: true,
});

/** Somebody, somewhere, in a session that has done nothing. */
function plainContext(): Record<string, unknown> {
  const context = Object.fromEntries(
    commonRoots.filter((root) => root !== "now").map((root) => [root, plainRecord(schemaOfRoot(root) ?? {})]),
  ) as Record<string, Record<string, unknown>>;
  return {
    principal: { ...context.principal, id: "somebody", kind: "human" },
    connection: { ...context.connection, name: "somewhere", kind: "postgres" },
    session: { ...context.session, counters: {}, grants: [] },
    now: 0,
  };
}

/** Labels are worked out from columns: for each that is wanted, a column that carries it. */
function withColumns(policy: CheckedPolicy, facts: Record<string, unknown>): Record<string, unknown> {
  const { labels, output_labels, predicate_labels, ...own } = facts;
  const columnsFor = (wanted: unknown): readonly string[] =>
    (Array.isArray(wanted) ? wanted : []).flatMap((label) => columnWith(policy, String(label)) ?? []);
  const output = [...columnsFor(labels), ...columnsFor(output_labels)];
  const columns = output.map((source) => ({
    name: source.split(".").at(-1) ?? source,
    sources: [source],
    exact: true,
  }));
  return {
    ...own,
    ...(output.length > 0 ? { columns } : {}),
    ...(predicate_labels === undefined ? {} : { predicate_columns: columnsFor(predicate_labels) }),
  };
}

function columnWith({ labels }: CheckedPolicy, path: string): string | null {
  const globs = labels.find((label) => label.path === path)?.columns ?? [];
  return globs.map(textOfGlob).find((text) => text !== null) ?? null;
}

/** What stars are tried as, so that a text reads like a name. */
const readable: readonly (readonly [string, string])[] = [
  ["public.people", "people"],
  ["people", "people"],
  ["", ""],
];

/** A text that `glob` matches, one that reads like a name if there is one; null when none was found. */
export function textOfGlob(glob: Glob): string | null {
  const automaton = automatonOfGlob(glob);
  if (automaton === null) return null;
  const filled = readable.map(([many, one]) =>
    glob.text.replace(/\\(.)|\*\*|\*/gsu, (piece, plain: string | undefined) => plain ?? (piece === "**" ? many : one)),
  );
  return [...filled, ...sampleTexts([automaton]).texts].find((text) => automatonAccepts(automaton, text)) ?? null;
}

function automatonAccepts(automaton: NonNullable<ReturnType<typeof automatonOfGlob>>, text: string): boolean {
  let state = automaton.start;
  for (const character of text)
    state = automaton.next[state * automaton.classes_count + (automaton.classes[character.charCodeAt(0)] ?? 0)] ?? 0;
  return (automaton.accepting[state] ?? 0) === 1;
}

/** What each fact of `table` is in `statement`, labels included; nothing for facts of others. */
export function factsOfStatement(
  policy: CheckedPolicy,
  table: AtomTable,
  { action }: KnownStatement,
): Assignment | null {
  if (action.opaque) return null;
  const roots = { ...rootsOf({}, action.family, action.facts) };
  const [root] = Object.keys(roots);
  if (root === undefined) return null;
  if (action.family === "sql") {
    const scope = { roots, zones: {}, items: [] };
    roots[root] = { ...(roots[root] as object), ...labelFacts(policy, labelColumns(policy, scope)) };
  }
  const assignment = new Map<string, unknown>();
  for (const [key, path] of table.facts) {
    if (path.root !== root) continue;
    assignment.set(
      key,
      path.steps.reduce<unknown>((value, step) => (value as never)?.[step], roots[root]),
    );
  }
  return assignment;
}

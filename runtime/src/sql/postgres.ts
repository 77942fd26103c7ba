/** The PostgreSQL front end: text to actions. Synchronous, pure, total. */
import type { Action, Analysis, ByteRange, Catalog, FrontEnd, SqlFacts } from "../facts/index.js";
import { itemsOf } from "../facts/index.js";
import { indexOf } from "./catalog-index.js";
import { passGate } from "./gate.js";
import { TooComplex } from "./ledger.js";
import { limits } from "./limits.js";
import { isKnownMajor, newestMajor, parse, type RawStatement } from "./parser.js";
import { analyseStatement, type StatementFacts } from "./statement.js";
import { isTrivia } from "./trivia.js";

export interface SqlContext {
  readonly dialect: "postgres";
  /** Without one, names are plain tables as written; the caller marks the decision as assumed. */
  readonly catalog: Catalog | null;
  /** Major version of the server; null for the newest. */
  readonly server_version: number | null;
}

export const postgresFrontEnd: FrontEnd<SqlContext> = { analyse };

function analyse(text: string, context: SqlContext): Analysis {
  try {
    return { actions: analyseText(text, context) };
  } catch (error) {
    // Stack overflow in one of our walks, or a tree of a shape we never saw: nothing of it was understood.
    return { actions: [opaque(reasonOf(error))] };
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof TooComplex) return "too_complex";
  return error instanceof RangeError ? "too_deep" : "internal_error";
}

const opaque = (reason: string, range?: ByteRange): Action => ({
  family: "sql",
  opaque: true,
  reasons: [reason],
  ...(range === undefined ? {} : { range }),
});

function analyseText(text: string, context: SqlContext): readonly Action[] {
  const passage = passGate(text);
  if (passage.kind === "refused") return [opaque(passage.reason)];
  const { bytes } = passage;
  const { major, doubt } = grammarFor(context.server_version);
  if (isTrivia(bytes, 0, bytes.length)) return [];
  const parsed = parse(text, major);
  if (parsed.kind === "failure") return [opaque(parsed.reason)];
  if (parsed.statements.length > limits.statements) return [opaque("too_many_statements")];
  const ranges = rangesOf(parsed.statements, bytes);
  if (ranges === null) return [opaque("unclear_boundaries")];
  const setting = { index: context.catalog === null ? null : indexOf(context.catalog), major };
  return actionsOf(
    parsed.statements.map((raw, i) => [raw, ranges[i]] as const),
    (raw, reason) => analyseStatement(raw.stmt, setting, doubt ?? reason),
  );
}

/** The grammar to read with. For a server we have no grammar of, the newest one guesses, and says so. */
function grammarFor(version: number | null): { readonly major: number; readonly doubt: string | null } {
  if (version === null) return { major: newestMajor, doubt: null };
  return isKnownMajor(version)
    ? { major: version, doubt: null }
    : { major: newestMajor, doubt: "unknown_server_version" };
}

/** The bytes of each statement; null unless everything between and around them is blank or comment. */
function rangesOf(statements: readonly RawStatement[], bytes: Uint8Array): readonly ByteRange[] | null {
  const ranges: ByteRange[] = [];
  let covered = 0;
  for (const { location, length } of statements) {
    const end = length === 0 ? bytes.length : location + length;
    if (location < covered || end <= location || end > bytes.length) return null;
    if (!isTrivia(bytes, covered, location)) return null;
    ranges.push({ start: location, end });
    covered = end;
  }
  return statements.length > 0 && isTrivia(bytes, covered, bytes.length) ? ranges : null;
}

/**
 * Each statement assumes that those before it ran: after one that can change what names mean, names are not certain.
 */
function actionsOf(
  statements: readonly (readonly [RawStatement, ByteRange | undefined])[],
  analyseOne: (raw: RawStatement, doubt: string | null) => StatementFacts,
): readonly Action[] {
  let doubt: string | null = null;
  return statements.map(([raw, range]) => {
    const result = analyseOne(raw, null);
    const action =
      result.kind === "opaque"
        ? result
        : dependsOnNames(result.facts) && doubt !== null
          ? analyseOne(raw, doubt)
          : result;
    if (action.kind === "opaque" || changesNames(action.facts)) doubt = "earlier_statement";
    if (action.kind === "opaque") return opaque(action.reason, range);
    return { family: "sql", opaque: false, facts: action.facts, ...(range === undefined ? {} : { range }) };
  });
}

const renaming = new Set(["create", "drop", "alter", "exec", "config", "identity", "dynamic"]);

const changesNames = (facts: SqlFacts): boolean =>
  !Array.isArray(facts.effects) || itemsOf(facts.effects).some((effect) => renaming.has(String(effect)));

/** Whether facts rest on what a name stands for. */
const dependsOnNames = (facts: SqlFacts): boolean =>
  [facts.relations, facts.functions].some((list) => itemsOf<unknown>(list).length > 0);

/** The PostgreSQL front end: text to actions. Synchronous, pure, total. */
import type { Action, Analysis, ByteRange, FrontEnd } from "../../facts/index.js";
import type { SqlContext } from "../context.js";
import { passGate } from "../gate.js";
import { postgresRules } from "../lexer/dialects.js";
import { beforeSettingValue, mentionsOf } from "../lexer/identifiers.js";
import { asLimit, lex } from "../lexer/lexer.js";
import { byteRangesOf, splitPostgresStatements } from "../lexer/statements.js";
import { limits } from "../limits.js";
import { actionsOf, opaque } from "../sequence.js";
import { indexOf } from "./catalog-index.js";
import { TooComplex } from "./ledger.js";
import { isKnownMajor, newestMajor, parse, type RawStatement } from "./parser.js";
import { analyseStatement } from "./statement.js";

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

function analyseText(text: string, context: SqlContext): readonly Action[] {
  const mode = context.modes?.find((each) => each !== "standard_conforming_strings");
  if (mode !== undefined) return [opaque(`unknown_mode:${mode}`)];
  const passage = passGate(text);
  if (passage.kind === "refused") return [opaque(passage.reason)];
  const lexed = lex(text, rules);
  if (lexed.kind === "refused") return [opaque(asLimit(lexed.reason) ?? "parse_error")];
  const { major, doubt } = grammarFor(context.server_version);
  const cuts = splitPostgresStatements(lexed.tokens);
  if (cuts.length === 0) return [];
  const parsed = parse(text, major);
  if (parsed.kind === "failure") return [opaque(parsed.reason)];
  if (parsed.statements.length > limits.statements) return [opaque("too_many_statements")];
  const ranges = rangesOf(parsed.statements, byteRangesOf(lexed.tokens, cuts, passage.bytes.length));
  if (ranges === null) return [opaque("unclear_boundaries")];
  const setting = { index: context.catalog === null ? null : indexOf(context.catalog), major };
  return actionsOf(
    parsed.statements.map((raw, i) => [{ raw, cut: cuts[i] }, ranges[i]] as const),
    ({ raw, cut = nowhere }, reason) =>
      analyseStatement(
        raw.stmt,
        setting,
        doubt ?? reason,
        mentionsOf(lexed.tokens, beforeSettingValue(lexed.tokens, cut)),
      ),
  );
}

const nowhere = { start: 0, end: 0 };

/** With standard_conforming_strings on: the grammar here reads no other way. */
const rules = postgresRules();

/** The grammar to read with. For a server we have no grammar of, the newest one guesses, and says so. */
function grammarFor(version: number | null): { readonly major: number; readonly doubt: string | null } {
  if (version === null) return { major: newestMajor, doubt: null };
  return isKnownMajor(version)
    ? { major: version, doubt: null }
    : { major: newestMajor, doubt: "unknown_server_version" };
}

/**
 * The bytes of each statement; null unless the lexer, which shares no code with the grammar, cuts the text into as many
 * statements, each inside the bytes that the grammar gives it. O(statements).
 */
function rangesOf(statements: readonly RawStatement[], cuts: readonly ByteRange[]): readonly ByteRange[] | null {
  if (statements.length !== cuts.length) return null;
  const ranges: ByteRange[] = [];
  for (const [i, { location, length }] of statements.entries()) {
    const [cut, next] = [cuts[i], cuts[i + 1]];
    const end = length === 0 ? (cut?.end ?? 0) : location + length;
    if (cut === undefined || cut.start < location || cut.end > end || (next && next.start < end)) return null;
    ranges.push({ start: location, end });
  }
  return ranges;
}

/**
 * PostgreSQL's own grammar, as WebAssembly: text in, parse tree out, one grammar a major version.
 *
 * Loading is asynchronous, parsing is not: a grammar is loaded once and then kept with a spare instance beside it. An
 * instance that trapped (stack overflow, out of memory, abort) has undefined memory, so it is dropped and the spare
 * takes its place before the next text; a new spare is made behind the scenes. Without a spare the answer is "not
 * loaded", which makes a text opaque. Absent here: limits and the meaning of a tree.
 */
import type { Fields } from "./nodes.js";

export type Parse =
  | { readonly kind: "tree"; readonly statements: readonly RawStatement[] }
  | { readonly kind: "failure"; readonly reason: "parse_error" | "parser_trap" | "parser_not_loaded" };

/**
 * One statement of a text. `location` and `length` count UTF-8 bytes; a length of 0 means up to the end of the text.
 */
export interface RawStatement {
  readonly stmt: Fields;
  readonly location: number;
  readonly length: number;
}

type Module = PgQueryModule;

interface Grammar {
  readonly create: () => Promise<Module>;
  active: Module | null;
  spare: Module | null;
}

const loaders: ReadonlyMap<number, () => Promise<{ readonly default: () => Promise<Module> }>> = new Map([
  [18, () => import("libpg-query/wasm/libpg-query.js")],
  [17, () => import("libpg-query-17/wasm/libpg-query.js")],
  [16, () => import("libpg-query-16/wasm/libpg-query.js")],
  [15, () => import("libpg-query-15/wasm/libpg-query.js")],
]);

export const newestMajor = 18;
/** Major versions of the server that there is a grammar for. */
export const knownMajors: readonly number[] = [...loaders.keys()];

const grammars = new Map<number, Grammar>();

/** Whether there is a grammar for this major version of the server. */
export const isKnownMajor = (major: number): boolean => loaders.has(major);

/**
 * Loads the grammar of `major`, or the newest when there is none for it. Idempotent; takes about 50 ms the first time.
 */
export async function loadPostgres(major: number = newestMajor): Promise<void> {
  const chosen = isKnownMajor(major) ? major : newestMajor;
  const load = loaders.get(chosen);
  if (load === undefined || grammars.get(chosen)?.active) return;
  const { default: create } = await load();
  const [active, spare] = await Promise.all([create(), create()]);
  grammars.set(chosen, { create, active, spare });
}

/** Parses with the grammar of `major`. Never throws. */
export function parse(text: string, major: number): Parse {
  const grammar = grammars.get(major);
  if (!grammar?.active) return { kind: "failure", reason: "parser_not_loaded" };
  try {
    return parseWith(grammar.active, text);
  } catch {
    replaceInstance(grammar);
    return { kind: "failure", reason: "parser_trap" };
  }
}

function replaceInstance(grammar: Grammar): void {
  grammar.active = grammar.spare;
  grammar.spare = null;
  grammar.create().then(
    (fresh) => {
      if (grammar.active === null) grammar.active = fresh;
      else grammar.spare = fresh;
    },
    () => undefined, // Without an instance every text stays opaque: nothing else to do here.
  );
}

interface TreeJson {
  readonly stmts?: readonly { readonly stmt: Fields; readonly stmt_location?: number; readonly stmt_len?: number }[];
}

/** The result struct holds three pointers: tree text, captured stderr, error. */
function parseWith(module: Module, text: string): Parse {
  const size = module.lengthBytesUTF8(text) + 1;
  const address = module._malloc(size);
  if (address === 0) throw new RangeError("out of memory");
  module.stringToUTF8(text, address, size);
  const result = module._wasm_parse_query_raw(address);
  module._free(address);
  if (result === 0) throw new RangeError("out of memory");
  const tree = module.getValue(result, "i32");
  const error = module.getValue(result + 8, "i32");
  const json = error === 0 && tree !== 0 ? module.UTF8ToString(tree) : null;
  module._wasm_free_parse_result(result);
  if (json === null) return { kind: "failure", reason: "parse_error" };
  const { stmts = [] } = JSON.parse(json) as TreeJson;
  return {
    kind: "tree",
    statements: stmts.map((raw) => ({
      stmt: raw.stmt,
      location: raw.stmt_location ?? 0,
      length: raw.stmt_len ?? 0,
    })),
  };
}

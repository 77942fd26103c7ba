/**
 * Modes of a session (`sql_mode`) as far as they change what a text says. A mode that is not listed leaves a text opaque: it
 * may change anything. Without any modes given, the server's default holds.
 */
export interface MysqlModes {
  readonly ansi_quotes: boolean;
  readonly no_backslash_escapes: boolean;
  readonly pipes_as_concat: boolean;
  readonly high_not_precedence: boolean;
  readonly ignore_space: boolean;
}

/** Modes that change values and errors, but not what a text says. */
const neutral = new Set(
  `ALLOW_INVALID_DATES ERROR_FOR_DIVISION_BY_ZERO NO_AUTO_CREATE_USER NO_AUTO_VALUE_ON_ZERO NO_DIR_IN_CREATE
  NO_ENGINE_SUBSTITUTION NO_FIELD_OPTIONS NO_KEY_OPTIONS NO_TABLE_OPTIONS NO_UNSIGNED_SUBTRACTION NO_ZERO_DATE NO_ZERO_IN_DATE
  ONLY_FULL_GROUP_BY PAD_CHAR_TO_FULL_LENGTH REAL_AS_FLOAT STRICT_ALL_TABLES STRICT_TRANS_TABLES TIME_TRUNCATE_FRACTIONAL
  TIME_ROUND_FRACTIONAL TRADITIONAL SIMULTANEOUS_ASSIGNMENT`.split(/\s+/),
);

const meaningful: ReadonlyMap<string, readonly (keyof MysqlModes)[]> = new Map<string, readonly (keyof MysqlModes)[]>([
  ["ANSI_QUOTES", ["ansi_quotes"]],
  ["NO_BACKSLASH_ESCAPES", ["no_backslash_escapes"]],
  ["PIPES_AS_CONCAT", ["pipes_as_concat"]],
  ["HIGH_NOT_PRECEDENCE", ["high_not_precedence"]],
  ["IGNORE_SPACE", ["ignore_space"]],
  ["ANSI", ["ansi_quotes", "pipes_as_concat", "ignore_space"]],
]);

export type ReadModes =
  | { readonly kind: "modes"; readonly modes: MysqlModes }
  | { readonly kind: "unknown"; readonly name: string };

/** Reads names of modes; case and blanks around them do not count. */
export function readModes(names: readonly string[]): ReadModes {
  const modes = {
    ansi_quotes: false,
    no_backslash_escapes: false,
    pipes_as_concat: false,
    high_not_precedence: false,
    ignore_space: false,
  };
  for (const written of names) {
    const name = written.trim().toUpperCase();
    if (name === "" || neutral.has(name)) continue;
    const set = meaningful.get(name);
    if (set === undefined) return { kind: "unknown", name };
    for (const mode of set) modes[mode] = true;
  }
  return { kind: "modes", modes };
}

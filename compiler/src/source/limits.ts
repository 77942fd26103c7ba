/**
 * Every limit of the front of the compiler, with its reason. A policy over a limit is refused with an HPL6nnn error, so
 * that a hostile or generated file costs bounded time and stack; no limit ever changes what a policy means.
 */
export const limits = {
  /** UTF-8 bytes of one file. Larger files are data, not policy, and diagnostics in them help nobody. */
  source_bytes_max: 1_048_576,
  /** Times one item is read again after a syntax error: each costs as much as the item is long. */
  repairs_per_item_max: 20,
  /** Brackets inside brackets: keeps the recursive parser far from the end of the stack. */
  nesting_max: 64,
  /**
   * Levels of a condition once every `let` is written out: keeps every recursive pass over it far from the end of the stack.
   * Brackets alone make at most three levels each.
   */
  condition_depth_max: 256,
  /** Rules of the whole policy: twice what flat decision cost was measured for. */
  rules_max: 20_000,
  /** Labels with columns of their own: a module keeps a bit for each. */
  labels_max: 256,
  /** Members of one set: longer lists belong in the facts, as a group or a label. */
  set_members_max: 10_000,
  /** Globs that one pattern with `{a,b}` stands for: alternations multiply. */
  glob_results_max: 64,
  /** UTF-16 code units of one glob, before and after alternation. */
  glob_length_max: 1_024,
  /** UTF-16 code units of one regular expression: what a person can still read. */
  regex_length_max: 1_024,
  /** States of one automaton: its table stands in the module, one row a state. */
  regex_states_max: 4_096,
  /** Parts of one pattern once counted repetitions are written out: nested ones multiply. */
  regex_parts_max: 20_000,
  /** Steps to build one automaton, before it is made small: for `(a|b)*a(a|b){20}` it would double twenty times. */
  regex_steps_max: 4_000_000,
  /** Steps for all automata of a policy: about ten seconds, whatever the patterns are. */
  regex_policy_steps_max: 100_000_000,
  /** Files of one policy, those of libraries in use included. */
  modules_max: 1_000,
  /** Diagnostics of one run: nobody reads more, and printing them costs. Errors come before warnings. */
  diagnostics_max: 1_000,
  /** Tests in one condition after every `let` is written out: a `let` used twice in the next one doubles each time. */
  condition_tests_max: 10_000,
  /** Seconds an approval may wait: a question older than a week is about another world. */
  approval_within_s_max: 7 * 24 * 60 * 60,
  /** Seconds a grant may last: what people need for longer is a rule. */
  grant_lasting_s_max: 7 * 24 * 60 * 60,
  /** Seconds a counter looks back: a gateway keeps a count for each of them. */
  counter_over_s_max: 7 * 24 * 60 * 60,
  /** UTF-8 bytes of one data file: a list that is larger belongs in the facts. */
  data_bytes_max: 1_048_576,
  /** Fixed characters in a match of a detector that neither checks it nor looks around it. */
  detector_characters_min: 4,
  /** People of one group an approval may ask for. */
  approvers_max: 100,
  /** Characters `partial` may keep at each end: more is no longer a mask. */
  partial_keep_max: 16,
  /** UTF-16 code units of the text that `fixed` puts in every cell: it stands in the module and in every decision. */
  fixed_length_max: 256,
  /** Days `date_shift` moves dates at most: ten years hide a birthday as well as a hundred. */
  date_shift_days_max: 3_650,
  /** Parts `json` and `composite` keep: each is looked for in every cell. */
  transform_keep_max: 32,
  /** Columns of a table in PostgreSQL, and so fields of a composite type. */
  composite_fields_max: 1_600,
} as const;

/** Length of `text` in UTF-8, in bytes. An unpaired surrogate counts as the three bytes of its replacement. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x1_0000 ? 3 : 4;
  }
  return bytes;
}

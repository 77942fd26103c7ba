/**
 * Every limit of the front of the compiler, with its reason. A policy over a limit is refused with an HPL6nnn error, so
 * that a hostile or generated file costs bounded time and stack; no limit ever changes what a policy means.
 */
export const limits = {
  /** UTF-8 bytes of one file. Larger files are data, not policy, and diagnostics in them help nobody. */
  source_bytes_max: 1_048_576,
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
  /** Files of one policy, those of libraries in use included. */
  modules_max: 1_000,
  /** Diagnostics of one run: nobody reads more, and printing them costs. Errors come before warnings. */
  diagnostics_max: 1_000,
  /** Tests in one condition after every `let` is written out: a `let` used twice in the next one doubles each time. */
  condition_tests_max: 10_000,
  /** Seconds an approval may wait: a question older than a week is about another world. */
  approval_within_s_max: 7 * 24 * 60 * 60,
  /** People of one group an approval may ask for. */
  approvers_max: 100,
  /** Characters `partial` may keep at each end: more is no longer a mask. */
  partial_keep_max: 16,
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

/** What a shell text may cost. Beyond each limit the whole text is opaque, with the limit as the reason. */
export const limits = {
  /** UTF-16 code units of one text, nested texts apart: the parser takes milliseconds for it at worst. */
  text_size_max: 65_536,
  /** Simple commands of one request, nested ones included. */
  commands_count_max: 4_096,
  /** Actions of one request: a command has one for each path, ref and call. */
  actions_count_max: 16_384,
  /** Texts inside texts (`sh -c`, `eval`, substitutions, function calls). */
  nesting_depth_max: 64,
  /** Programs that start one another: `sudo env nice ..`. */
  wrappers_count_max: 16,
  /** Opening braces of one word: each is looked at with all that follows it. */
  braces_count_max: 128,
  /** Words one brace expansion may give. More are a hole. */
  expanded_count_max: 256,
  /** Certain texts and holes of one value. More are one hole. */
  parts_count_max: 256,
  /** Texts a value may be one of. More are a hole. */
  alternatives_count_max: 64,
  /** Ways to read the words of one command, where some are one of several texts. More are one command that is not certain. */
  readings_count_max: 16,
} as const;

/** Thrown inside the front end when a limit is passed; caught at its edge, never seen outside. */
export class LimitPassed extends Error {
  readonly reason: string;
  constructor(reason: string) {
    super(reason);
    this.reason = reason;
  }
}

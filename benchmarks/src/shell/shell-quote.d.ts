// npm shell-quote ships no types.
declare module "shell-quote" {
  /** Words, operators and comments. A variable is replaced by what `env` gives for it. */
  export function parse(
    line: string,
    env?: (name: string) => string,
  ): readonly (string | { readonly op: string } | { readonly comment: string })[];
}

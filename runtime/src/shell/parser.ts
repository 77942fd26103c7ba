/**
 * The grammar: bash, read by unbash. This is the only file that knows the library; the shapes of its tree are our `Script`,
 * `Command` and so on. A text with an error anywhere is refused as a whole: what bash would make of its first half is not
 * worth guessing.
 */
import {
  type ArithmeticExpression,
  type Assignment,
  type Command,
  type CommandNode,
  type CompoundList,
  forEachChild,
  type ParsedScript,
  type Pipeline,
  parse,
  type Redirection,
  type Script,
  type Statement,
  type SyntaxNode,
  type Word,
  type WordPart,
} from "unbash";

export type {
  ArithmeticExpression,
  Assignment,
  Command,
  CommandNode,
  CompoundList,
  ParsedScript,
  Pipeline,
  Redirection,
  Script,
  Statement,
  SyntaxNode,
  Word,
  WordPart,
};

/** The tree of `text`, or null when it is no bash. Nested scripts report errors of their own: `hasErrors`. */
export function parseShell(text: string): Script | null {
  // A carriage return outside quotes is part of a word for bash and white space for whoever reads the line; NUL ends a text.
  if (text.includes("\0") || /(?:^|[^\\])(?:\\\\)*\\$/.test(text)) return null;
  const script = parse(text);
  return hasErrors(script) ? null : script;
}

export const hasErrors = (script: ParsedScript): boolean => script.errors !== undefined && script.errors.length > 0;

/** One word from its raw text, as it would be an argument; null when it is not one. Empty for a text that expands to nothing. */
export function parseWords(raw: string): readonly Word[] | null {
  // A word that begins with `#` is no comment when braces made it.
  const script = parse(`: ${raw.startsWith("#") ? "\\" : ""}${raw}`);
  const [statement, ...more] = script.commands;
  if (hasErrors(script) || more.length > 0 || statement?.command.type !== "Command") return null;
  const words = statement.command.suffix.filter((each): each is Word => each.type === "Word");
  return words.length === statement.command.suffix.length ? words : null;
}

/** The scripts directly inside `node`: of substitutions in its words, however deep in quotes, defaults and arithmetic. */
export function scriptsIn(node: SyntaxNode): readonly (ParsedScript | undefined)[] {
  const found: (ParsedScript | undefined)[] = [];
  const visit = (child: SyntaxNode): void => {
    if (isSubstitution(child)) found.push(child.script);
    else forEachChild(child, visit);
  };
  visit(node);
  return found;
}

const isSubstitution = (node: SyntaxNode): node is Extract<SyntaxNode, { readonly script: ParsedScript | undefined }> =>
  node.type === "CommandExpansion" || node.type === "ProcessSubstitution" || node.type === "ArithmeticCommandExpansion";

/** Whether there can be a script in a word at all: most have no parts, and need no visit. */
export const mayHoldScripts = (text: string): boolean => /[`$<>]/.test(text);

/**
 * What stands before agents' shells elsewhere: a parser for the words, and regular expressions over each command's text. The
 * expressions are those that such guards are written with; they know no more of wrappers, quoting or other languages than the
 * parser tells them.
 */
import { createRequire } from "node:module";
import { parse } from "shell-quote";
import { Language, type Node, Parser } from "web-tree-sitter";

/** Whether a guard would stop `line`. */
export type Guard = (line: string) => boolean;

const denied = [
  /^(?:sudo )?rm (?:.* )?-\w*[rf]\w* (?:.* )?(?:\/|~|\$HOME|\.\.)/,
  /^git push (?:.* )?(?:-f|--force\S*|\+\S+)/,
  /^git push \S+ (?:\S+:)?(?:main|release\/\S*)$/,
  /^git (?:reset --hard|clean -\w*f)/,
  /^kubectl (?:.* )?(?:delete|exec|drain|scale)\b/,
  /^(?:cat|head|tail|less|cp) (?:.* )?\S*(?:\.env|id_rsa|id_ed25519|\.aws\/credentials)/,
  /^(?:psql|mysql) .*\b(?:drop|delete|truncate|alter)\b/i,
  /^(?:gcloud|aws|az|bq) .*\b(?:delete|terminate|rm|remove)\b/,
  /^terraform (?:apply|destroy)/,
  /^(?:bash|sh|zsh|eval)(?: |$)/,
  /^(?:dd|mkfs|shutdown|reboot)\b/,
  /^find .*(?:-delete|-exec)/,
  /^redis-cli .*\bflush/i,
];

const isDenied = (command: string): boolean => denied.some((expression) => expression.test(command));

/** Words by shell-quote, commands split at operators. */
export const shellQuoteGuard: Guard = (line) => {
  let words: string[] = [];
  const commands: string[] = [];
  for (const token of parse(line, (name) => `$${name}`)) {
    if (typeof token === "string") words.push(token);
    else if ("op" in token && /^(?:[;&|]+|\()$/.test(token.op)) {
      commands.push(words.join(" "));
      words = [];
    }
  }
  return [...commands, words.join(" ")].some(isDenied);
};

/** Commands by tree-sitter-bash, wherever they stand in the tree: substitutions and control flow too. */
export async function treeSitterGuard(): Promise<Guard> {
  await Parser.init();
  const require = createRequire(import.meta.url);
  const parser = new Parser();
  parser.setLanguage(await Language.load(require.resolve("tree-sitter-bash/tree-sitter-bash.wasm")));
  return (line) => {
    const tree = parser.parse(line);
    const found = tree === null || tree.rootNode.hasError || commandsIn(tree.rootNode).some(isDenied);
    tree?.delete();
    return found;
  };
}

/** Texts of commands, quotes of whole words taken off. */
function commandsIn(root: Node): readonly string[] {
  return root.descendantsOfType("command").flatMap((command) => {
    if (command === null) return [];
    const words = command.namedChildren.filter((child) => child !== null && child.type !== "variable_assignment");
    return [words.map((word) => word?.text.replace(/^(["'])(.*)\1$/s, "$2") ?? "").join(" ")];
  });
}

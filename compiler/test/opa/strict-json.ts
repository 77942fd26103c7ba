/** Arrays and objects inside each other that a module accepts. */
const DEPTH_MAX = 64;

/**
 * The value of a JSON document that means the same to every reader, or null when `bytes` is none: the definition that modules
 * are held to. Slow and obvious: JSON.parse for the grammar, and a second look for what it lets through.
 */
export function readStrictJson(bytes: Uint8Array): { readonly value: unknown } | null {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes).replace(/[\0\t\n\r ]*$/, "");
    const value: unknown = JSON.parse(text);
    return depthOf(text) <= DEPTH_MAX && isWellFormed(value) && namesIn(text) === namesOf(value) ? { value } : null;
  } catch {
    return null;
  }
}

/** The text without its strings: all that is left are brackets, commas, colons, numbers and words. */
const skeleton = (text: string): string => text.replace(/"(?:[^"\\]|\\.)*"/g, '""');

function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const character of skeleton(text)) {
    if (character === "{" || character === "[") deepest = Math.max(deepest, ++depth);
    if (character === "}" || character === "]") depth--;
  }
  return deepest;
}

/** How many names the text writes; a name that stands twice in one object is one of those that its value has. */
const namesIn = (text: string): number => skeleton(text).split(":").length - 1;

function namesOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  const own = Array.isArray(value) ? 0 : Object.keys(value).length;
  return Object.values(value).reduce<number>((count, each) => count + namesOf(each), own);
}

function isWellFormed(value: unknown): boolean {
  if (typeof value === "string") return value.isWellFormed();
  if (typeof value !== "object" || value === null) return true;
  return Object.entries(value).every(([name, each]) => name.isWellFormed() && isWellFormed(each));
}

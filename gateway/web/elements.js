/**
 * Building blocks of the page. Text of other people only ever becomes text: there is no mark-up made of strings here.
 */

/**
 * An element with attributes and children; a function among the attributes listens to the event it is named by.
 * @param {string} name
 * @param {Record<string, any>} attributes
 * @param {...(Node | string | null)} children
 */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(key, value);
    else if (value !== null && value !== false) made.setAttribute(key, value === true ? "" : String(value));
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** What hides, reorders or moves other text. */
const deceptive = /[^\n\t\P{Cc}]|[\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

/** Text, with everything that could deceive a reader written out. @param {string} text */
export function honest(text) {
  return text
    .split(new RegExp(`(${deceptive.source})`, "gu"))
    .map((part) =>
      deceptive.test(part) && [...part].length === 1
        ? element("span", { class: "hidden-character" }, `\\u{${part.codePointAt(0)?.toString(16)}}`)
        : document.createTextNode(part),
    );
}

const words = new Set(
  (
    "all alter and any as asc begin between by case cast commit copy create cross delete desc distinct do drop else end " +
    "except exists explain from full grant group having in inner insert intersect into is join left like limit merge not " +
    "null on or order outer over partition returning revoke right rollback select set table then to truncate union update " +
    "using values view when where with"
  ).split(" "),
);

/** Comments, quoted names, texts, numbers, words: enough to read by, no judge of anything. */
const pieces =
  /(--[^\n]*|\/\*[\s\S]*?\*\/)|("(?:[^"]|"")*")|('(?:[^']|'')*'|\$(\w*)\$[\s\S]*?\$\4\$|\b\d+(?:\.\d+)?\b)|([A-Za-z_]\w*)/g;

/** Characters that are highlighted: of a longer statement, made to take long, the rest is plain. */
const highlightedLength_max = 20_000;

/** A statement, whole, highlighted. @param {string} sql */
export function statement(sql) {
  const code = element("code");
  let at = 0;
  for (const match of sql.slice(0, highlightedLength_max).matchAll(pieces)) {
    const [text, comment, , value, , word] = match;
    code.append(...honest(sql.slice(at, match.index)));
    const kind = comment ? "comment" : value ? "value" : word && words.has(word.toLowerCase()) ? "word" : null;
    code.append(...(kind === null ? honest(text) : [element("span", { class: kind }, ...honest(text))]));
    at = match.index + text.length;
  }
  code.append(...honest(sql.slice(at)));
  return element("pre", { tabindex: "0", "aria-label": "Statement" }, code);
}

/** Names and values, side by side. @param {readonly (readonly [string, string | Node | null])[]} entries */
export function facts(entries) {
  const shown = entries.filter(([, value]) => value !== null && value !== "");
  return element(
    "dl",
    {},
    ...shown.flatMap(([name, value]) => [
      element("dt", {}, name),
      element("dd", {}, ...(typeof value === "string" ? honest(value) : [/** @type {Node} */ (value)])),
    ]),
  );
}

/**
 * A table; an empty one is a sentence.
 * @param {string} caption
 * @param {readonly string[]} heads
 * @param {readonly (readonly (string | Node)[])[]} rows
 */
export function table(caption, heads, rows) {
  if (rows.length === 0) return element("p", { class: "quiet" }, `${caption}: none`);
  const cell = (/** @type {string | Node} */ value) =>
    element("td", {}, ...(typeof value === "string" ? honest(value) : [value]));
  return element(
    "table",
    {},
    element("caption", {}, caption),
    element("thead", {}, element("tr", {}, ...heads.map((head) => element("th", { scope: "col" }, head)))),
    element("tbody", {}, ...rows.map((row) => element("tr", {}, ...row.map(cell)))),
  );
}

/** @param {string} state */
export const tag = (state) => element("span", { class: `tag ${state}` }, state);

/** A moment as the reader's clock has it. @param {string} time */
export const moment = (time) => element("time", { datetime: time, title: time }, new Date(time).toLocaleString());

/** How long until `time`, in words. @param {string} time */
export function timeLeft(time) {
  const seconds = Math.max(0, Math.round((Date.parse(time) - Date.now()) / 1000));
  if (seconds >= 3600) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
  return seconds >= 60 ? `${Math.floor(seconds / 60)} min ${seconds % 60} s` : `${seconds} s`;
}

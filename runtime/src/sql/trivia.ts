/** Blanks, comments and semicolons: the bytes between statements, by PostgreSQL's lexical rules. */
const [tab, vertical_tab, line_feed, form_feed, carriage_return] = [9, 11, 10, 12, 13];
const blanks = new Set([32, tab, line_feed, vertical_tab, form_feed, carriage_return]);
const [semicolon, dash, slash, star] = [59, 45, 47, 42];

/** Whether `bytes[start, end)` holds nothing but blanks, comments and semicolons. Comments nest. */
export function isTrivia(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at < end) {
    const byte = bytes[at] ?? 0;
    if (blanks.has(byte) || byte === semicolon) at++;
    else if (byte === dash && bytes[at + 1] === dash) at = afterLine(bytes, at, end);
    else if (byte === slash && bytes[at + 1] === star) at = afterComment(bytes, at, end);
    else return false;
    if (at < 0) return false;
  }
  return at === end;
}

function afterLine(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] !== line_feed && bytes[at] !== carriage_return) at++;
  return at;
}

/** Position after a comment; negative when it does not end. */
function afterComment(bytes: Uint8Array, start: number, end: number): number {
  let depth = 0;
  for (let at = start; at < end - 1; at++) {
    const pair = [bytes[at], bytes[at + 1]];
    if (pair[0] === slash && pair[1] === star) depth++;
    else if (pair[0] === star && pair[1] === slash) depth--;
    else continue;
    at++;
    if (depth === 0) return at + 1;
  }
  return -1;
}

/**
 * Tables as CSV (RFC 4180), for spreadsheets: a header, then a line a row, CRLF. A text that a spreadsheet would take for a
 * formula gets an apostrophe in front: evidence must show what was logged, and run nothing.
 */
export function toCsv(header: readonly string[], rows: readonly (readonly (string | number | null)[])[]): string {
  return [header, ...rows]
    .map((row) => row.map(cell).join(","))
    .concat("")
    .join("\r\n");
}

function cell(value: string | number | null): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

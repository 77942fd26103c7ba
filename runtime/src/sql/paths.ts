/** Stands for a `.` inside an identifier, so that the dots of a path are always separators. */
const dotInName = "\u001f";

const part = (name: string): string => (name.includes(".") ? name.replaceAll(".", dotInName) : name);

/** `schema.name`, or `schema.table.column`: how facts name tables and columns. A `.` inside a name becomes U+001F. */
export const sqlPath = (...names: readonly string[]): string => names.map(part).join(".");

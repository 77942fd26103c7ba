/**
 * Texts without a statement: blanks, semicolons, line comments and plain block comments. Drivers send them to see whether the
 * server is there. Stricter than the server's own lexer: what is called blank here is blank for every version of it.
 */
const blank = /^(?:[ \t\n\r\f;]|--[^\n\r]*(?:[\n\r]|$)|\/\*[^*/]*\*\/)*$/;
const lengthMax = 1_000;

export const isBlank = (text: string): boolean => text.length <= lengthMax && blank.test(text);

/** What transforms take, as the compiler checks it and maskers read it: the form of key names and of paths in documents. */

/** Name of a key: short, so that a surrogate that carries it fits where names fit (63 bytes). */
export const keyIdPattern = /^[a-z0-9][a-z0-9._-]{0,31}$/;

/** A path of SQL/JSON as far as it is taken: names and all elements of an array, `$.items[*].sku`. */
export const documentPathPattern = /^\$(?:\.[A-Za-z_][A-Za-z0-9_]*|\[\*\])+$/;

/** Bases of the digits that FF1 permutes: 0 to 9, or 0 to 9 and a to z. */
export const digitBases = [10, 36] as const;

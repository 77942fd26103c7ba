/**
 * Settings that decide nothing: how values are printed, what the client is called, and the few values of others that leave
 * everything as the gateway needs it. Drivers set them on every connection. Not here: limits of time and resources, which an
 * operator may have set, and whatever changes what names or texts mean.
 */

/** By lower-case name: null for any value, else the values that are harmless. */
const harmless: ReadonlyMap<string, RegExp | null> = new Map<string, RegExp | null>([
  ["application_name", null],
  ["bytea_output", null],
  ["datestyle", null],
  ["extra_float_digits", null],
  ["intervalstyle", null],
  ["timezone", null],
  ["client_encoding", /^(utf-?8|unicode)$/i],
  ["client_min_messages", /^(notice|warning|error)$/i],
  ["standard_conforming_strings", /^(on|true|yes|1)$/i],
]);

/** `value` null: not a constant, or several. */
export function isHarmlessSetting(name: string, value: string | null): boolean {
  const values = harmless.get(name);
  if (values === undefined) return false;
  return values === null || (value !== null && values.test(value));
}

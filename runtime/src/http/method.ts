import { type Fact, unknown } from "../facts/fact.js";

const overriding = /^x-(?:http-method-override|http-method|method-override)$/i;
const isReading = (method: string): boolean => /^(?:GET|HEAD|OPTIONS)$/.test(method);

/**
 * The method of a request with `headers`, of which some servers take one for the method and others do not. Whoever reads may
 * be made to write, never the other way round; of two that write nobody knows which it is.
 */
export function overriddenMethod(method: string, headers: readonly (readonly [string, string])[]): Fact<string> {
  const sent = method.toUpperCase();
  const asked = headers.filter(([name]) => overriding.test(name)).map(([, value]) => value.trim().toUpperCase());
  const others = [...new Set(asked)].filter((each) => each !== sent && !isReading(each));
  const [only, ...more] = others;
  if (only === undefined) return sent;
  return isReading(sent) && more.length === 0 ? only : unknown("method_override");
}

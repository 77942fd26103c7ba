/**
 * Query strings and paths as Go's net/url reads them, which is what an API server does.
 */

/** Values by name; null when some part is not read by everybody in one way: a semicolon, a percent sign that decodes to nothing. */
export function readQuery(query: string): ReadonlyMap<string, readonly string[]> | null {
  const found = new Map<string, readonly string[]>();
  for (const pair of query.split("&").filter((each) => each !== "")) {
    if (pair.includes(";")) return null;
    const at = pair.indexOf("=");
    const name = decode(at < 0 ? pair : pair.slice(0, at));
    const value = decode(at < 0 ? "" : pair.slice(at + 1));
    if (name === null || value === null) return null;
    found.set(name, [...(found.get(name) ?? []), value]);
  }
  return found;
}

/**
 * The segments of a path, decoded once; null when a server, or a proxy before it, might read others: dot segments, empty
 * ones, an encoded slash, a percent sign that could be decoded again.
 */
export function segmentsOf(path: string): readonly string[] | null {
  const inside = path.replace(/^\//, "").replace(/\/$/, "");
  const segments = inside === "" ? [] : inside.split("/").map((each) => decode(each.replaceAll("+", "%2B")));
  const isOdd = segments.some((each) => each === null || /^\.{0,2}$|[/\\%]|\p{Cc}/u.test(each));
  return isOdd ? null : (segments as readonly string[]);
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return null;
  }
}

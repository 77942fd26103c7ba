import type { UpstreamTarget } from "../session/enforcement.js";

const form = "the upstream URL must look like postgres://user:password@host:5432/database?sslmode=verify-full";

/**
 * Reads `postgres://user:password@host:port/database?sslmode=..`. Port 5432, database the user's name and `sslmode=disable`
 * are what is meant when they are missing. What is not understood is refused, because a parameter that is passed over may
 * be the one that asks for encryption. Throws an error that never holds the password.
 */
export function parseUpstreamUrl(text: string): UpstreamTarget {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^postgres(ql)?:$/.test(url.protocol)) throw new Error(form);
  if (url.hostname === "" || url.username === "" || url.hash !== "" || url.port === "0") throw new Error(form);
  const user = decode(url.username);
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: url.port === "" ? 5432 : Number(url.port),
    user,
    password: decode(url.password),
    database: decode(url.pathname.slice(1)) || user,
    tls: tlsMode(url.searchParams),
  };
}

/** Text without NUL, which would end a field of the protocol early. */
function decode(part: string): string {
  const text = decodeOrNull(part);
  if (text === null || text.includes("\0")) throw new Error(`${form}; write a % as %25`);
  return text;
}

function decodeOrNull(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}

function tlsMode(parameters: URLSearchParams): UpstreamTarget["tls"] {
  const unknown = [...parameters.keys()].find((name) => name !== "sslmode");
  if (unknown !== undefined) throw new Error("the upstream URL has a parameter that is not possible: only sslmode is");
  const [sslmode = "disable", ...more] = parameters.getAll("sslmode");
  if (more.length > 0) throw new Error("the upstream URL gives sslmode twice");
  if (sslmode === "disable" || sslmode === "require") return sslmode;
  if (sslmode === "verify-ca" || sslmode === "verify-full") return "verify";
  throw new Error("the sslmode of the upstream URL is not possible: use disable, require or verify-full");
}

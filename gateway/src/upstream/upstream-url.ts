import type { UpstreamTarget } from "../session/enforcement.js";

/**
 * Reads `postgres://user:password@host:port/database?sslmode=..`. Port 5432, database the user's name and `sslmode=disable`
 * are what is meant when they are missing. Throws an error that never holds the password.
 */
export function parseUpstreamUrl(text: string): UpstreamTarget {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^postgres(ql)?:$/.test(url.protocol) || url.hostname === "" || url.username === "") {
    throw new Error("the upstream URL must look like postgres://user:password@host:5432/database");
  }
  const user = decodeURIComponent(url.username);
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: url.port === "" ? 5432 : Number(url.port),
    user,
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)) || user,
    tls: tlsMode(url.searchParams.get("sslmode") ?? "disable"),
  };
}

function tlsMode(sslmode: string): UpstreamTarget["tls"] {
  if (sslmode === "disable" || sslmode === "require") return sslmode;
  if (sslmode === "verify-ca" || sslmode === "verify-full") return "verify";
  throw new Error(`sslmode=${sslmode} is not possible: use disable, require or verify-full`);
}

/**
 * Audit events as lines of the Common Event Format (CEF, version 0): one line an event, for collectors that read syslog.
 *
 * In: one event of the log. Out: one line without line feed, or null for what only the log itself needs. Pure.
 */
import { connectionOf, type LoggedEvent, principalOf, rulesOf, tablesOf } from "../query.js";
import { toOcsf } from "./ocsf.js";

/** `event` as CEF; `origin` names the log it is from. */
export function toCef(event: LoggedEvent, origin: string): string | null {
  const ocsf = toOcsf(event, origin);
  if (ocsf === null) return null;
  const { kind, detail } = event;
  const header = [
    "CEF:0",
    "HPL",
    "gateway",
    "1",
    String(ocsf.type_uid),
    nameOf(event),
    String(severityOf(ocsf.severity_id)),
  ];
  const fields = [
    ["rt", String(ocsf.time)],
    ["externalId", `${origin}#${event.index}`],
    ["cat", kind],
    ["act", detail.decision?.verdict ?? detail.state ?? detail.status],
    ["suid", principalOf(detail)],
    ["src", detail.ip],
    ["destinationServiceName", connectionOf(detail)],
    ["cs1Label", "rules"],
    ["cs1", rulesOf(detail).join(" ")],
    ["cs2Label", "tables"],
    ["cs2", tablesOf(detail).join(" ")],
    ["cs3Label", "statement"],
    ["cs3", detail.statement?.text],
    ["outcome", detail.sqlstate],
    ["msg", detail.decision?.message ?? detail.reason],
  ].filter(([, value]) => value !== undefined && value !== null && value !== "");
  const extension = fields.map(([name, value]) => `${name}=${escapeValue(String(value))}`).join(" ");
  return `${header.map(escapeHeader).join("|")}|${extension}`;
}

const nameOf = ({ kind, detail }: LoggedEvent): string =>
  kind === "decision" ? `statement: ${detail.decision.verdict}` : kind;

/** OCSF counts 1 to 6, CEF 0 to 10. */
const severityOf = (severity_id: number): number => Math.min(10, severity_id * 2);

// A vertical bar ends a field of the header, an equals sign a name of the extension; a line feed would end the event.
const escapeHeader = (text: string): string => text.replace(/[\\|]/g, "\\$&").replace(/[\r\n]+/g, " ");
const escapeValue = (text: string): string => text.replace(/[\\=]/g, "\\$&").replace(/\r\n|[\r\n\u2028\u2029]/g, "\\n");

/**
 * What others are told of approvals and grants: as an event, or as a message people read in a chat.
 *
 * In: what happened. Out: a body to post. The statement is in it, with its literals: whoever is told must see what is asked.
 * Other people's text can neither format nor link anything in a chat.
 */
import type { AuditKind } from "../audit/event.js";
import type { Grant } from "../sessions/grants.js";
import { printable } from "../sessions/printable.js";
import { type Approval, wordsOf } from "./approval.js";

export interface Announcement {
  readonly kind: AuditKind;
  /** Id of the approval or grant. */
  readonly id: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** For people: a line, the text it is about, and lines below it. */
  readonly title: string;
  readonly quoted: string;
  readonly lines: readonly string[];
}

export function approvalAnnouncement(kind: AuditKind, approval: Approval): Announcement {
  const { id, state, binding, statement, message, needs, requested_at, expires_at, decisions } = approval;
  const { principal, connection, rules } = binding;
  const data = { id, state, principal, connection, statement, rules, message, needs: wordsOf(needs) };
  return {
    kind,
    id,
    data: { ...data, requested_at, expires_at, decisions },
    title: `${principal} on ${connection}: ${state}`,
    quoted: statement,
    lines: [
      message,
      `needs ${wordsOf(needs)}, until ${expires_at}`,
      ...decisions.map(({ user, decision, reason }) => `${user}: ${decision}, ${reason}`),
      `hpl approvals approve ${id}`,
    ],
  };
}

export function grantAnnouncement(kind: AuditKind, grant: Grant): Announcement {
  const { id, principal, reason, expires_at, telling, approval } = grant;
  const consent = approval === null ? "taken without anybody's consent" : `approved as ${approval}`;
  return {
    kind,
    id,
    data: { ...grant, without_approval: approval === null },
    title: `${principal}: ${kind === "grant.given" ? "was given" : "no longer has"} ${grant.grant}`,
    quoted: reason,
    lines: [`${consent}, until ${expires_at}`, `for ${telling.join(", ") || "nobody in particular"}`],
  };
}

export const webhookFormats = ["hpl", "slack"] as const;
export type WebhookFormat = (typeof webhookFormats)[number];

/** The JSON that is posted. */
export function bodyOf(announcement: Announcement, format: WebhookFormat, now: Date): string {
  const { kind, data } = announcement;
  if (format === "hpl") return JSON.stringify({ type: kind, timestamp: now.toISOString(), data });
  return JSON.stringify(slackMessage(announcement));
}

/** Characters of a text block that Slack takes, less the marks around it. */
const textLength_max = 2_900;

/** `text` is what notifications show; blocks are the message. */
function slackMessage({ title, quoted, lines }: Announcement) {
  const code = escaped(quoted).replaceAll("`", "\u02cb");
  // Cut before half an escaped sign.
  const clipped = code.length > textLength_max ? `${code.slice(0, textLength_max).replace(/&[a-z]*$/, "")}...` : code;
  const section = (text: string) => ({ type: "section", text: { type: "mrkdwn", text, verbatim: true } });
  return {
    text: escaped(title),
    blocks: [
      section(`*${plain(title)}*`),
      section(`\`\`\`${clipped}\`\`\``),
      { type: "context", elements: [{ type: "plain_text", text: printable(lines.join("\n")).slice(0, 2_000) }] },
    ],
  };
}

/** Slack reads `&`, `<` and `>`: mentions and links are made of them. */
const escaped = (text: string): string =>
  printable(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** Without what makes text bold, slanted, struck out or code. */
const plain = (text: string): string => escaped(text).replace(/[*_~`]/g, " ");

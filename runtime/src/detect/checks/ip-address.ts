/** An address as RFC 4291 section 2.2 writes it, or four numbers of a byte; without a zone. */
export function isIpAddress(text: string): boolean {
  if (!text.includes(":")) return isIpv4(text);
  const [head = "", tail, ...more] = text.split("::");
  if (more.length > 0) return false;
  const [before, after] = [groupsOf(head), groupsOf(tail ?? "")];
  if (before === null || after === null) return false;
  return tail === undefined ? before === 8 : before + after < 8;
}

const isIpv4 = (text: string): boolean => {
  const parts = text.split(".");
  return parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256);
};

/** Groups of two bytes that `text` writes out; null when it is wrong. */
function groupsOf(text: string): number | null {
  if (text === "") return 0;
  const parts = text.split(":");
  const last = parts.at(-1) ?? "";
  const hasIpv4 = last.includes(".");
  const groups = hasIpv4 ? parts.slice(0, -1) : parts;
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group)) || (hasIpv4 && !isIpv4(last))) return null;
  return groups.length + (hasIpv4 ? 2 : 0);
}

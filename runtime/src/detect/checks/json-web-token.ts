/** Whether the first part of a token is base64url of a JSON object that names an algorithm (RFC 7515 section 4.1.1). */
export function isJsonWebToken(text: string): boolean {
  try {
    const header: unknown = JSON.parse(atob((text.split(".")[0] ?? "").replaceAll("-", "+").replaceAll("_", "/")));
    return typeof header === "object" && header !== null && "alg" in header;
  } catch {
    return false;
  }
}

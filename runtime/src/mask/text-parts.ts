/** Parts of a text that stay when the rest is hidden. How much is hidden never shows; what would show whole is hidden whole. */

export type TextTransform = (text: string) => string;

const HIDDEN = "***";

/** `ann@corp.io` -> `***@corp.io`. Text without exactly one `@` is hidden whole. */
export function keepDomain(text: string): string {
  const parts = text.split("@");
  return parts.length === 2 && parts[0] !== "" ? `${HIDDEN}@${parts[1]}` : HIDDEN;
}

/** Keeps code points at both ends. */
export const keepEnds =
  (first: number, last: number): TextTransform =>
  (text) => {
    const points = [...text];
    if (first + last >= points.length) return HIDDEN;
    return points.slice(0, first).join("") + HIDDEN + points.slice(points.length - last).join("");
  };

/** Country codes of one and of two digits (ITU E.164); all others have three. */
const shortCodes: ReadonlySet<string> = new Set(
  (
    "1 7 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 " +
    "81 82 84 86 90 91 92 93 94 95 98"
  ).split(" "),
);

/** `+49 30 1234567` -> `+49***`. A number without its country is hidden whole. */
export function keepCountry(text: string): string {
  const [, digits = ""] = /^\+([1-9][\d ().-]{7,20})$/.exec(text.trim()) ?? [];
  const plain = digits.replaceAll(/\D/g, "");
  if (plain.length < 8) return HIDDEN;
  const code = [1, 2].map((length) => plain.slice(0, length)).find((short) => shortCodes.has(short));
  return `+${code ?? plain.slice(0, 3)}${HIDDEN}`;
}

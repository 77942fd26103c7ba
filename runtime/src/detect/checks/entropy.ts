/** How often each byte occurs. Kept, because a new one for every match would cost more than the match. */
const counts = new Uint16Array(256);

/**
 * Shannon's entropy of the bytes from `start` to before `end`, in bits a byte: 0 for one over and over, 4 for random
 * hexadecimal. Each byte adds the logarithm of its own count, so that only bytes that occur are looked at.
 */
export function entropyOf(text: Uint8Array, start: number, end: number): number {
  counts.fill(0);
  for (let at = start; at < end; at++) counts[text[at] ?? 0] = (counts[text[at] ?? 0] ?? 0) + 1;
  let sum = 0;
  for (let at = start; at < end; at++) sum += Math.log2(counts[text[at] ?? 0] ?? 1);
  return Math.log2(end - start) - sum / (end - start);
}

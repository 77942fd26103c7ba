/**
 * MurmurHash3, 32 bits (A. Appleby, public domain), over whole little-endian words and then the bytes that are left. Against
 * accidents: every step is a bijection of the word it takes in, so one changed word always changes the sum. A signature
 * protects against people. O(bytes).
 */
export function checksum(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wordsEnd = bytes.length & ~3;
  let hash = 0;
  for (let at = 0; at < wordsEnd; at += 4) hash = mix(hash, view.getInt32(at, true));
  for (let at = wordsEnd; at < bytes.length; at++) hash = mix(hash, bytes[at] ?? 0);
  return finish(hash ^ bytes.length);
}

function mix(hash: number, word: number): number {
  const scrambled = Math.imul(rotate(Math.imul(word, 0xcc9e2d51), 15), 0x1b873593);
  return (Math.imul(rotate(hash ^ scrambled, 13), 5) + 0xe6546b64) | 0;
}

const rotate = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits));

function finish(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

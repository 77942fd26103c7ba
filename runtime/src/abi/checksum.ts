import { checksumKernelBase64 } from "./checksum-kernel-bytes.js";

/**
 * MurmurHash3, 32 bits (A. Appleby, public domain), over whole little-endian words; the bytes that are left are words of their
 * own. Against accidents: every step is a bijection of the word it takes in, so one changed word always changes the sum. A
 * signature protects against people. O(bytes).
 */
export function checksum(bytes: Uint8Array): number {
  const wordsEnd = bytes.length & ~3;
  let hash = 0;
  for (let start = 0; start < wordsEnd; start += PAGE_SIZE) {
    hash = sumOf(hash, bytes.subarray(start, Math.min(start + PAGE_SIZE, wordsEnd)));
  }
  for (const byte of bytes.subarray(wordsEnd)) hash = sumOf(hash, Uint8Array.of(byte, 0, 0, 0));
  return finish(hash ^ bytes.length);
}

/** The kernel's memory: what is summed at once. */
const PAGE_SIZE = 65_536;

/** Opened when it is first needed: who only imports the package does not wait for it. */
let kernel: { readonly page: Uint8Array; readonly sum: (hash: number, size: number) => number } | undefined;

function sumOf(hash: number, words: Uint8Array): number {
  kernel ??= openKernel();
  kernel.page.set(words);
  return kernel.sum(hash, words.length);
}

function openKernel(): NonNullable<typeof kernel> {
  const bytes = Uint8Array.from(atob(checksumKernelBase64), (character) => character.charCodeAt(0));
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const { hpl_checksum } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } }).exports;
  if (typeof hpl_checksum !== "function") throw new Error("HPL9001: the checksum kernel exports no checksum");
  return { page: new Uint8Array(memory.buffer), sum: (hash, size) => Number(hpl_checksum(hash, size)) };
}

function finish(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

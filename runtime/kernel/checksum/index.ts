// The checksum of a policy module: MurmurHash3, 32 bits (A. Appleby, public domain). A kernel, because a module is summed
// once, by a process that may just have started, whose JavaScript is still interpreted.

/** The hash of what came before, and of the `size` bytes at 0: whole little-endian words. */
export function hpl_checksum(hash: i32, size: i32): i32 {
  for (let at = 0; at < size; at += 4) {
    hash ^= rotl<i32>(load<i32>(at) * 0xcc9e2d51, 15) * 0x1b873593;
    hash = rotl<i32>(hash, 13) * 5 + 0xe6546b64;
  }
  return hash;
}

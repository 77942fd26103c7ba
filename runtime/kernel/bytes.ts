/** Whether `size` bytes at `a` and `b` are the same. */
export function sameBytes(a: i32, b: i32, size: i32): bool {
  for (let i = 0; i < size; i++) if (load<u8>(a + i) != load<u8>(b + i)) return false;
  return true;
}

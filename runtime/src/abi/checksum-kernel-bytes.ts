// Generated from runtime/kernel by scripts/build-kernel.mjs. Do not edit.
/** The kernel that sums a module, a WebAssembly module, base64. */
export const checksumKernelBase64 = [
  "AGFzbQEAAAABBwFgAn9/AX8CEAEDZW52Bm1lbW9yeQIBAQEDAgEABxkCDGhwbF9jaGVja3N1bQAABm1lbW9yeQIACkQBQgEBfwNAIAEgAkoEQC",
  "AAIAIoAgBB0dr45HxsQQ93QZPrnNwBbHNBDXdBBWxBnKmuzQFrIQAgAkEEaiECDAELCyAACw==",
].join("");

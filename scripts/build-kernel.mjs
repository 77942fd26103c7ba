// Compiles the kernel to `runtime/kernel/kernel.wasm` and writes its bytes as base64 to `runtime/src/abi/kernel-bytes.ts`,
// so that neither the compiler nor a browser reads files. `--check` compares instead of writing.
import { readFile, writeFile } from "node:fs/promises";
import asc from "assemblyscript/asc";

const root = new URL("../", import.meta.url);
const flags = [
  "runtime/kernel/index.ts",
  "--baseDir",
  new URL(".", root).pathname,
  "--outFile",
  "kernel.wasm",
  "--runtime",
  "stub",
  "--importMemory",
  "--initialMemory",
  "1",
  "--maximumMemory",
  "1",
  "--memoryBase",
  "0",
  "-O3",
  "--converge",
  "--noAssert",
  "--enable",
  "simd",
];

let binary;
const { error, stderr } = await asc.main(flags, {
  writeFile: (name, data) => {
    if (name.endsWith(".wasm")) binary = data;
  },
});
if (error || !binary) {
  console.error(stderr.toString());
  process.exit(1);
}

const kernelFile = new URL("runtime/kernel/kernel.wasm", root);
const bytesFile = new URL("runtime/src/abi/kernel-bytes.ts", root);
const base64 = Buffer.from(binary)
  .toString("base64")
  .replace(/.{1,110}/g, (line) => `  "${line}",\n`);
const text = `// Generated from runtime/kernel by scripts/build-kernel.mjs. Do not edit.
/** The kernel's WebAssembly module, base64. */
export const kernelBase64 = [\n${base64}].join("");
`;

if (process.argv.includes("--check")) {
  const isSame = Buffer.from(binary).equals(await readFile(kernelFile)) && (await readFile(bytesFile, "utf8")) === text;
  if (!isSame) {
    console.error("runtime/kernel/kernel.wasm is stale: run `npm run generate`");
    process.exit(1);
  }
} else {
  await writeFile(kernelFile, binary);
  await writeFile(bytesFile, text);
  console.log(`kernel: ${binary.length} bytes`);
}

// Compiles the kernels to `runtime/kernel/*.wasm` and writes their bytes as base64 to `runtime/src/abi/*-bytes.ts`, so that
// neither the compiler nor a browser reads files. `--check` compares instead of writing.
import { readFile, writeFile } from "node:fs/promises";
import asc from "assemblyscript/asc";

const root = new URL("../", import.meta.url);

/** The native kernel's memory has one size, which the encoder sets; hosts of OPA and of detectors bring theirs. */
const kernels = [
  {
    source: "runtime/kernel/index.ts",
    name: "kernel",
    constant: "kernelBase64",
    what: "The kernel's WebAssembly module",
    flags: ["--initialMemory", "1", "--maximumMemory", "1", "--enable", "simd"],
  },
  {
    source: "runtime/kernel/opa/index.ts",
    name: "opa-kernel",
    constant: "opaKernelBase64",
    what: "The kernel for hosts of the Open Policy Agent, a WebAssembly module",
    flags: ["--initialMemory", "2"],
  },
  {
    source: "runtime/kernel/detect/index.ts",
    name: "detect-kernel",
    constant: "detectKernelBase64",
    what: "The kernel that scans text for detectors, a WebAssembly module",
    flags: ["--initialMemory", "1", "--enable", "simd"],
  },
  {
    source: "runtime/kernel/checksum/index.ts",
    name: "checksum-kernel",
    constant: "checksumKernelBase64",
    what: "The kernel that sums a module, a WebAssembly module",
    flags: ["--initialMemory", "1", "--maximumMemory", "1"],
  },
];

async function compile({ source, name, flags }) {
  const common = ["--runtime", "stub", "--importMemory", "--memoryBase", "0", "-O3", "--converge", "--noAssert"];
  let binary;
  const { error, stderr } = await asc.main(
    [source, "--baseDir", new URL(".", root).pathname, "--outFile", `${name}.wasm`, ...common, ...flags],
    {
      writeFile: (path, data) => {
        if (path.endsWith(".wasm")) binary = data;
      },
    },
  );
  if (!error && binary) return binary;
  console.error(stderr.toString());
  process.exit(1);
}

function textOf({ constant, what }, binary) {
  const base64 = Buffer.from(binary)
    .toString("base64")
    .replace(/.{1,110}/g, (line) => `  "${line}",\n`);
  return `// Generated from runtime/kernel by scripts/build-kernel.mjs. Do not edit.
/** ${what}, base64. */
export const ${constant} = [\n${base64}].join("");
`;
}

for (const kernel of kernels) {
  const binary = await compile(kernel);
  const text = textOf(kernel, binary);
  const kernelFile = new URL(`runtime/kernel/${kernel.name}.wasm`, root);
  const bytesFile = new URL(`runtime/src/abi/${kernel.name}-bytes.ts`, root);
  if (process.argv.includes("--check")) {
    const isSame =
      Buffer.from(binary).equals(await readFile(kernelFile)) && (await readFile(bytesFile, "utf8")) === text;
    if (!isSame) {
      console.error(`runtime/kernel/${kernel.name}.wasm is stale: run \`npm run generate\``);
      process.exit(1);
    }
  } else {
    await writeFile(kernelFile, binary);
    await writeFile(bytesFile, text);
    console.log(`${kernel.name}: ${binary.length} bytes`);
  }
}

import { vi } from "vitest";
import { main } from "../src/main.js";

/** Runs a command in this process, and gives what it prints. */
export async function run(...args: readonly string[]) {
  const streams = [process.stdout, process.stderr] as const;
  const spies = streams.map((stream) => vi.spyOn(stream, "write").mockReturnValue(true));
  try {
    const code = await main(args);
    const [out = "", err = ""] = spies.map(({ mock }) => mock.calls.map(([text]) => String(text)).join(""));
    return { code, out, err };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

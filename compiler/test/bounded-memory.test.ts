import { loadPolicy } from "@hpl/runtime";
import type { Request } from "@hpl/runtime/facts";
import { expect, test } from "vitest";
import { compile } from "../src/index.js";

// Names reach the kernel as bytes and leave it as classes: whatever an attacker calls things, nothing is kept of it.
const policyText = `policy shop governs sql
default block
allow "areas" when all r in statement.relations where (r.name like {"sales_*", "hr_*", "ops_*", "*_public", "*_shared_*"})
block "hidden" when any r in statement.relations where (r.name in {"secrets", "keys", "salaries"})
`;

const requestFor = (name: string): Request =>
  ({
    principal: { id: name, kind: "agent" },
    session: {},
    connection: { name, kind: "postgres" },
    actions: [
      { family: "sql", opaque: false, facts: { kind: "select", relations: [{ name }], complete: true, reasons: [] } },
    ],
  }) as unknown as Request;

test("ten thousand names nobody has heard of leave the memory as it was", () => {
  const memories: WebAssembly.Memory[] = [];
  class SeenMemory extends WebAssembly.Memory {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      super(descriptor);
      memories.push(this);
    }
  }
  const { Memory } = WebAssembly;
  WebAssembly.Memory = SeenMemory;
  const { module } = compile({ sources: [{ path: "shop.hpl", text: policyText }], libraries: [] });
  const loaded = loadPolicy(module ?? new Uint8Array());
  WebAssembly.Memory = Memory;
  if (!loaded.ok) throw new Error(loaded.failure.message);
  const { policy } = loaded;
  const [memory] = memories;
  const before = memory?.buffer;
  const verdictsBefore = ["sales_1", "secrets", "unheard"].map((name) => policy.decide(requestFor(name)).verdict);
  for (let i = 0; i < 10_000; i++)
    policy.decide(requestFor(`name ${(i * 2_654_435_761) % 4_294_967_296} ${"x".repeat(i % 97)}`));
  expect(memory?.buffer).toBe(before);
  expect(() => memory?.grow(1)).toThrow(RangeError);
  expect(["sales_1", "secrets", "unheard"].map((name) => policy.decide(requestFor(name)).verdict)).toEqual(
    verdictsBefore,
  );
  expect(verdictsBefore).toEqual(["allow", "block", "block"]);
});

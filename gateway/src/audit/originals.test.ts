import { createHmac } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { openOriginals } from "./originals.js";

const key = Uint8Array.from({ length: 32 }, (_, i) => i);

/** As `spec/masking.md` says it, in one go. */
function expected(type_oid: number, format: 0 | 1, cells: readonly (Uint8Array | null)[]): string {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(type_oid);
  head[4] = format;
  const own = createHmac("sha256", key).update("hpl/originals/1").digest();
  return createHmac("sha256", own)
    .update(Buffer.concat([Buffer.from("hpl/originals/1\0"), head, ...cells.map(inRow)]))
    .digest("hex");
}

function inRow(cell: Uint8Array | null): Buffer {
  const size = Buffer.alloc(4);
  size.writeInt32BE(cell === null ? -1 : cell.length);
  return Buffer.concat([size, cell ?? new Uint8Array(0)]);
}

/** Short cells, and some around the 4,096 bytes that are collected at a time. */
const cell = fc.option(
  fc.oneof(
    { weight: 9, arbitrary: fc.uint8Array({ maxLength: 40 }) },
    fc.integer({ min: 4_085, max: 4_100 }).map((size) => new Uint8Array(size).fill(size)),
  ),
);

test("the digest is that of all cells behind their lengths, however they are collected", () => {
  fc.assert(
    fc.property(
      fc.array(cell, { maxLength: 300 }),
      fc.nat(0xffff_ffff),
      fc.constantFrom(0 as const, 1 as const),
      (cells, oid, format) => {
        const digest = openOriginals(key)(oid, format);
        for (const each of cells) {
          const message = Buffer.concat([Buffer.from("x"), inRow(each), Buffer.from("y")]);
          digest.add(message, 1, message.length - 1);
        }
        expect(digest.end()).toBe(expected(oid, format, cells));
      },
    ),
  );
});

test("other values, another order, type, format or key: another digest", () => {
  const digestOf = (cells: readonly string[], oid = 25, format: 0 | 1 = 0, of = key): string => {
    const digest = openOriginals(of)(oid, format);
    for (const each of cells) {
      const bytes = inRow(Buffer.from(each));
      digest.add(bytes, 0, bytes.length);
    }
    return digest.end();
  };
  const digests = [
    digestOf(["a", "b"]),
    digestOf(["b", "a"]),
    digestOf(["ab"]),
    digestOf(["a", "b"], 1043),
    digestOf(["a", "b"], 25, 1),
    digestOf(
      ["a", "b"],
      25,
      0,
      key.map((byte) => byte ^ 1),
    ),
    digestOf([]),
  ];
  expect(new Set(digests).size).toBe(digests.length);
});

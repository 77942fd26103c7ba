/** Numbers as PostgreSQL sends them in binary. */

const [int2, int4, int8, oid, numeric] = [21, 23, 20, 26, 1700];

/** The digits of a whole number or a numeric, as text; null when the type is another, or the bytes are not of its form. */
export function decimalText(type_oid: number, bytes: Uint8Array): Uint8Array | null {
  const text = textOf(type_oid, new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  return text === null ? null : new TextEncoder().encode(text);
}

function textOf(type_oid: number, view: DataView): string | null {
  switch (type_oid) {
    case int2:
      return view.byteLength === 2 ? String(view.getInt16(0)) : null;
    case int4:
      return view.byteLength === 4 ? String(view.getInt32(0)) : null;
    case oid:
      return view.byteLength === 4 ? String(view.getUint32(0)) : null;
    case int8:
      return view.byteLength === 8 ? String(view.getBigInt64(0)) : null;
    case numeric:
      return numericText(view);
    default:
      return null;
  }
}

/** `numeric_send` (src/backend/utils/adt/numeric.c): digits of base 10,000, weight of the first, sign, scale, then the digits. */
export function numericText(view: DataView): string | null {
  if (view.byteLength < 8) return null;
  const [count, weight, sign, scale] = [view.getInt16(0), view.getInt16(2), view.getUint16(4), view.getUint16(6)];
  if (count < 0 || view.byteLength !== 8 + count * 2 || (sign !== 0 && sign !== 0x4000)) return null;
  const groupAt = (power: number): string => {
    const place = weight - power;
    const value = place >= 0 && place < count ? view.getInt16(8 + place * 2) : 0;
    return String(value).padStart(4, "0");
  };
  let whole = "";
  for (let power = weight; power >= 0; power--) whole += groupAt(power);
  let fraction = "";
  for (let power = -1; fraction.length < scale; power--) fraction += groupAt(power);
  const point = scale > 0 ? `.${fraction.slice(0, scale)}` : "";
  return `${sign === 0 ? "" : "-"}${whole.replace(/^0+(?=\d)/, "") || "0"}${point}`;
}

const wholeBits: ReadonlyMap<number, number> = new Map([
  [int2, 16],
  [int4, 32],
  [int8, 64],
]);

/** A whole number as a value of the type; null when the type is none of numbers, or the number does not fit. */
export function encodeDecimal(value: bigint, type_oid: number, format: 0 | 1): Uint8Array | null {
  const bits = wholeBits.get(type_oid);
  if (bits === undefined && type_oid !== numeric) return null;
  if (bits !== undefined && BigInt.asIntN(bits, value) !== value) return null;
  if (format === 0) return new TextEncoder().encode(String(value));
  if (bits === undefined) return encodeNumeric(value);
  const bytes = new Uint8Array(bits / 8);
  for (let i = 0; i < bytes.length; i++) bytes[bytes.length - 1 - i] = Number((value >> BigInt(i * 8)) & 0xffn);
  return bytes;
}

/** Digits of base 10,000 from the first to the last that is not zero; scale 0. */
function encodeNumeric(value: bigint): Uint8Array {
  const groups: number[] = [];
  for (let rest = value < 0n ? -value : value; rest > 0n; rest /= 10_000n) groups.unshift(Number(rest % 10_000n));
  const weight = Math.max(0, groups.length - 1);
  while (groups.at(-1) === 0) groups.pop();
  const view = new DataView(new ArrayBuffer(8 + groups.length * 2));
  view.setInt16(0, groups.length);
  view.setInt16(2, weight);
  view.setUint16(4, value < 0n ? 0x4000 : 0);
  groups.forEach((group, i) => {
    view.setInt16(8 + i * 2, group);
  });
  return new Uint8Array(view.buffer);
}

/** How PostgreSQL sends a value: 0 text, 1 binary. */
export type CellFormat = 0 | 1;

/** The value that stands in for a hidden one, in both formats. */
interface StandIn {
  readonly text: string;
  readonly binary: Uint8Array;
}

const utf8 = new TextEncoder();

function bytes(size: number, write: (view: DataView) => void = () => {}): Uint8Array {
  const view = new DataView(new ArrayBuffer(size));
  write(view);
  return new Uint8Array(view.buffer);
}

const sameInBoth = (text: string): StandIn => ({ text, binary: utf8.encode(text) });
const zero = (size: number): StandIn => ({ text: "0", binary: bytes(size) });
/** ndim 0, no nulls, element type (src/backend/utils/adt/arrayfuncs.c, array_send). */
const emptyArray = (element: number): StandIn => ({
  text: "{}",
  binary: bytes(12, (view) => view.setInt32(8, element)),
});

const DAYS_1970 = -10_957; // PostgreSQL counts days and microseconds from 2000-01-01.
const MICROSECONDS_1970 = -946_684_800_000_000n;
const epoch = (text: string): StandIn => ({ text, binary: bytes(8, (view) => view.setBigInt64(0, MICROSECONDS_1970)) });
/** Family, bits, is_cidr, size, address (network.c, network_send). */
const noAddress = (text: string, isCidr: number): StandIn => ({
  text,
  binary: Uint8Array.of(2, 32, isCidr, 4, 0, 0, 0, 0),
});

/** Types whose values are plain UTF-8 text in both formats: text, varchar, bpchar, name, unknown. */
const textTypes: ReadonlySet<number> = new Set([25, 1043, 1042, 19, 705]);

/** Element types of array types (pg_type.dat, `array_type_oid`); their values are separated by commas as text. */
const elementTypes: ReadonlyMap<number, number> = new Map([
  [1000, 16],
  [1001, 17],
  [1002, 18],
  [1003, 19],
  [1005, 21],
  [1007, 23],
  [1009, 25],
  [1014, 1042],
  [1015, 1043],
  [1016, 20],
  [1021, 700],
  [1022, 701],
  [1028, 26],
  [1041, 869],
  [651, 650],
  [1115, 1114],
  [1182, 1082],
  [1183, 1083],
  [1185, 1184],
  [1231, 1700],
  [199, 114],
  [2951, 2950],
  [3807, 3802],
]);

/** By type OID (pg_type.dat). A type that is not here has no stand-in: its hidden values become NULL. */
const standIns: ReadonlyMap<number, StandIn> = new Map<number, StandIn>([
  ...[...textTypes].map((oid) => [oid, sameInBoth("***")] as const),
  [18, sameInBoth("*")], // "char"
  [21, zero(2)],
  [23, zero(4)],
  [20, zero(8)],
  [26, zero(4)],
  [700, zero(4)],
  [701, zero(8)],
  [1700, zero(8)], // No digits, weight 0, positive, scale 0.
  [16, { text: "f", binary: Uint8Array.of(0) }],
  [1082, { text: "1970-01-01", binary: bytes(4, (view) => view.setInt32(0, DAYS_1970)) }],
  [1083, { text: "00:00:00", binary: bytes(8) }],
  [1114, epoch("1970-01-01 00:00:00")],
  [1184, epoch("1970-01-01 00:00:00+00")],
  [114, sameInBoth("null")],
  [3802, { text: "null", binary: Uint8Array.of(1, ...utf8.encode("null")) }],
  [17, { text: "\\x", binary: new Uint8Array(0) }],
  [869, noAddress("0.0.0.0", 0)],
  [650, noAddress("0.0.0.0/32", 1)],
  [2950, { text: "00000000-0000-0000-0000-000000000000", binary: bytes(16) }],
  [1186, { text: "00:00:00", binary: bytes(16) }], // Microseconds, days, months.
  [1266, { text: "00:00:00+00", binary: bytes(12) }],
  ...[...elementTypes].map(([array, element]) => [array, emptyArray(element)] as const),
]);

/** The type of an array's elements; null for a type that is no array, or none that is known. */
export const elementTypeOf = (type_oid: number): number | null => elementTypes.get(type_oid) ?? null;

export const isTextType = (type_oid: number): boolean => textTypes.has(type_oid);

/** The stand-in for a value of type `type_oid`, of that very type; null (SQL NULL) where there is none. */
export function standInFor(type_oid: number, format: CellFormat): Uint8Array | null {
  const standIn = standIns.get(type_oid);
  if (standIn === undefined) return null;
  return format === 1 ? standIn.binary : utf8.encode(standIn.text);
}

/**
 * Archives in the ustar format (POSIX.1-1988), of plain files alone.
 *
 * In: names and bytes. Out: the archive, the same for the same files; and back. What a reader could understand in two ways
 * (links, devices, extensions, a name twice, a name that leads elsewhere, a wrong checksum) is no archive for us.
 */

export interface ArchivedFile {
  /** Relative, with `/`. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

const block = 512;
/** Bytes of a name that fits one header field. */
export const nameSize_max = 100;
export const files_max = 10_000;

/** Null for a name that is too long, or leads elsewhere. Sorted by name. */
export function writeTar(files: readonly ArchivedFile[]): Uint8Array | null {
  if (files.length > files_max || !files.every(({ name }) => isPlainName(name))) return null;
  const sorted = files.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const pieces = sorted.flatMap(({ name, bytes }) => [
    headerOf(name, bytes.length),
    bytes,
    Buffer.alloc((block - (bytes.length % block)) % block),
  ]);
  return Buffer.concat([...pieces, Buffer.alloc(2 * block)]);
}

/** The files of an archive; null for what is none. */
export function readTar(archive: Uint8Array): readonly ArchivedFile[] | null {
  const files: ArchivedFile[] = [];
  const names = new Set<string>();
  let at = 0;
  while (at + block <= archive.length) {
    const header = Buffer.from(archive.subarray(at, at + block));
    if (header.every((byte) => byte === 0)) return isEnd(archive, at) ? files : null;
    const read = readHeader(header);
    if (read === null || names.has(read.name) || files.length >= files_max) return null;
    const start = at + block;
    if (start + read.size > archive.length) return null;
    files.push({ name: read.name, bytes: archive.subarray(start, start + read.size) });
    names.add(read.name);
    at = start + Math.ceil(read.size / block) * block;
  }
  return null;
}

/** Two blocks of zeros, and nothing but zeros behind them. */
const isEnd = (archive: Uint8Array, at: number): boolean =>
  archive.length - at >= 2 * block && archive.subarray(at).every((byte) => byte === 0);

const isPlainName = (name: string): boolean =>
  Buffer.byteLength(name) <= nameSize_max &&
  name.split("/").every((part) => part !== "" && part !== "." && part !== "..") &&
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused.
  !/[\u0000-\u001f\\]/.test(name);

function headerOf(name: string, size: number): Buffer {
  const header = Buffer.alloc(block);
  header.write(name, 0);
  header.write("0000644\x000000000\x000000000\0", 100);
  header.write(`${size.toString(8).padStart(11, "0")}\0`, 124);
  header.write("00000000000\0", 136);
  header.write("0", 156);
  header.write("ustar\x0000", 257);
  header.write(`${checksumOf(header).toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}

/** The sum of the header's bytes, its own field counted as spaces. */
const checksumOf = (header: Buffer): number =>
  header.reduce((sum, byte, i) => sum + (i >= 148 && i < 156 ? 0x20 : byte), 0);

function readHeader(header: Buffer): { readonly name: string; readonly size: number } | null {
  const field = (start: number, end: number): string => header.toString("utf8", start, end).replace(/\0.*$/s, "");
  const octal = (start: number, end: number): number => {
    const text = field(start, end).trim();
    return /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number.NaN;
  };
  const [name, size] = [field(0, 100), octal(124, 136)];
  const isFile = header[156] === 0x30 || header[156] === 0;
  const isUstar = header.toString("latin1", 257, 262) === "ustar" && field(345, 500) === "";
  const isWhole = octal(148, 156) === checksumOf(header) && Number.isSafeInteger(size);
  // Other archivers write `./name`, and OPA's `/name`.
  const plain = name.replace(/^(\.\/|\/)/, "");
  return isFile && isUstar && isWhole && isPlainName(plain) ? { name: plain, size } : null;
}

import type { TableWriter } from "../table-writer.js";

/** `text` as it stands inside a JSON string. */
export const escaped = (text: string): string => JSON.stringify(text).slice(1, -1);

/** The two words of a text. */
export function textWords(writer: TableWriter, text: string): readonly number[] {
  const { address, size } = writer.text(text);
  return [address, size];
}

/** Texts behind each other; returns the address of the first. */
export const writeTexts = (writer: TableWriter, texts: readonly string[]): number =>
  writer.words(texts.flatMap((text) => textWords(writer, text)));

/** Address of `text` with a zero byte behind it. */
export const writeCString = (writer: TableWriter, text: string): number => writer.text(`${text}\0`).address;

import { opaLayout as opa, opaRefusals, opaRefusalTexts, verdicts } from "@hpl/runtime/abi";
import type { TableWriter } from "../table-writer.js";
import { escaped, textWords, writeTexts } from "./escaped-texts.js";

/** The texts a decision is put together from, by `PIECE_` number. `binding` is the semantic digest. */
const piecesWith = (binding: string): Readonly<Record<number, string>> => ({
  [opa.PIECE_RESULT_OPEN]: '[{"result":',
  [opa.PIECE_RESULT_CLOSE]: "}]",
  [opa.PIECE_SET_OPEN]: '{{"result":',
  [opa.PIECE_SET_CLOSE]: "}}",
  ...Object.fromEntries(verdicts.map((verdict, i) => [opa.PIECE_VERDICT + i, `{"verdict":"${verdict}","rules":[`])),
  [opa.PIECE_MUST]: "must",
  [opa.PIECE_MAY]: "may",
  [opa.PIECE_OBLIGATIONS]: '],"obligations":[',
  [opa.PIECE_COMPLETE]: '],"complete":true,"reasons":[',
  [opa.PIECE_INCOMPLETE]: '],"complete":false,"reasons":[',
  [opa.PIECE_MESSAGE]: '],"message":"',
  [opa.PIECE_FIX]: '","fix":"',
  [opa.PIECE_CODE]: '","code":"',
  [opa.PIECE_END]: '"}',
  [opa.PIECE_MASK]: '{"type":"mask","action":',
  [opa.PIECE_MASK_INDEX]: ',"index":',
  [opa.PIECE_MASK_NAME]: ',"name":"',
  [opa.PIECE_MASK_SOURCE]: '","source":[',
  [opa.PIECE_MASK_TRANSFORM]: '],"transform":"',
  [opa.PIECE_MASK_RULE]: '","rule":"',
  [opa.PIECE_APPROVAL]: '{"type":"approval","action":',
  [opa.PIECE_APPROVAL_ALL]: ',"all":[',
  [opa.PIECE_APPROVAL_WITHIN]: '],"within_s":',
  [opa.PIECE_APPROVAL_BINDING]: `,"binding":"${binding}"}`,
  [opa.PIECE_LIMIT]: '{"type":"limit","action":',
  [opa.PIECE_LIMIT_ROWS]: ',"rows":',
  [opa.PIECE_LIMIT_TIME]: ',"time_ms":',
  [opa.PIECE_LIMIT_BYTES]: ',"bytes":',
  [opa.PIECE_DETECT]: '{"type":"detect","action":',
  [opa.PIECE_NOT_UNDERSTOOD]: ": not fully understood (",
  [opa.PIECE_LIST_COMMA]: ", ",
  [opa.PIECE_CLOSE]: ")",
  [opa.PIECE_OPEN]: " (",
  [opa.PIECE_BY_EXCEPTION]: "by exception ",
  [opa.PIECE_NOTE_COMMA]: "; ",
  [opa.PIECE_LIMITED_BY]: "limited by ",
  [opa.PIECE_DEFAULT]: "allowed by default",
  [opa.PIECE_DEFAULT + 1]: "no rule allows this without approval",
  [opa.PIECE_DEFAULT + 2]: "no rule allows this",
  [opa.PIECE_UNKNOWN_NAME]: "?",
  [opa.PIECE_INPUT]: "input",
  [opa.PIECE_FIELD_OPEN]: ": `",
  [opa.PIECE_FIELD_CLOSE]: "`",
});

export function writePieces(writer: TableWriter, binding: string): number {
  const pieces = piecesWith(binding);
  return writeTexts(
    writer,
    Array.from({ length: opa.PIECES_COUNT }, (_, i) => pieces[i] ?? ""),
  );
}

export const writeRefusals = (writer: TableWriter): number =>
  writer.words(
    opaRefusals.flatMap((refusal) => {
      const { code, message, fix } = opaRefusalTexts[refusal];
      return [refusal, escaped(message), escaped(fix), code].flatMap((text) => textWords(writer, text));
    }),
  );

const names: Readonly<Record<number, string>> = {
  [opa.NAME_UNKNOWN]: "?",
  [opa.NAME_ITEMS]: "items",
  [opa.NAME_OPEN]: "open",
  [opa.NAME_ZONES]: "zones",
  [opa.NAME_ACTIONS]: "actions",
  [opa.NAME_TEXT]: "text",
  [opa.NAME_DIALECT]: "dialect",
  [opa.NAME_COMPLETE]: "complete",
  [opa.NAME_REASONS]: "reasons",
  [opa.NAME_COLUMNS]: "columns",
  [opa.NAME_NAME]: "name",
  [opa.NAME_SOURCES]: "sources",
  [opa.NAME_CONNECTION]: "connection",
  [opa.NAME_KIND]: "kind",
};

export const writeNames = (writer: TableWriter): number =>
  writeTexts(
    writer,
    Array.from({ length: opa.NAMES_COUNT }, (_, i) => names[i] ?? ""),
  );

/** The answer for when there is no memory for another: too large, as JSON. */
export function noMemoryText(): string {
  const { code, message, fix } = opaRefusalTexts.too_large;
  const decision = { verdict: "block", rules: [], obligations: [], complete: false, reasons: ["too_large"] };
  return JSON.stringify({ ...decision, message, fix, code });
}

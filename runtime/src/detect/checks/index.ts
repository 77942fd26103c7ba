/**
 * Checks: the bytes of a match in, whether they can be what their detector looks for out.
 *
 * Pure functions of a few dozen bytes. What a pattern says is not said again: a check of a tax number may take for granted that
 * it gets letters and digits where the pattern has them, and answers no for anything else. Signs between digits do not count.
 */
import type { DetectorCheck } from "../../abi/detect-checks.js";
import { isBase58Check, isBech32 } from "./crypto-addresses.js";
import { type Digits, digitsIn } from "./digits.js";
import { entropyOf } from "./entropy.js";
import { isIban } from "./iban.js";
import { isIpAddress } from "./ip-address.js";
import { isJsonWebToken } from "./json-web-token.js";
import * as americas from "./national/americas.js";
import * as asia from "./national/asia-pacific.js";
import * as europe from "./national/europe.js";
import { isPhoneNumber } from "./phone.js";
import { passesLuhn, passesMod97, passesVerhoeff } from "./sums.js";

/** Of the match in `text` from `start` to before `end`. */
export type Check = (text: Uint8Array, start: number, end: number) => boolean;
type NumberedCheck = (...numbers: readonly number[]) => Check;

const decoder = new TextDecoder("latin1");
const ofText =
  (check: (text: string) => boolean): NumberedCheck =>
  () =>
  (text, start, end) =>
    check(decoder.decode(text.subarray(start, end)));
const ofDigits =
  (check: (digits: Digits) => boolean): NumberedCheck =>
  () =>
  (text, start, end) =>
    check(digitsIn(text, start, end));

/** What stands beside a match is the kernel's to look at. */
const beside: NumberedCheck = () => () => true;

const checks: Readonly<Record<DetectorCheck, NumberedCheck>> = {
  starts_word: beside,
  whole_word: beside,
  whole_number: beside,
  entropy:
    (bits = 0) =>
    (text, start, end) =>
      entropyOf(text, start, end) >= bits,
  luhn: ofDigits(passesLuhn),
  mod97: ofText(passesMod97),
  verhoeff: ofDigits(passesVerhoeff),
  ip: ofText(isIpAddress),
  jwt: ofText(isJsonWebToken),
  base58check: ofText(isBase58Check),
  bech32: ofText(isBech32),
  iban: ofText(isIban),
  phone: ofText(isPhoneNumber),
  ssn: ofDigits(americas.isSocialSecurityNumber),
  itin: ofDigits(americas.isTaxpayerNumber),
  us_routing: ofDigits(americas.isRoutingNumber),
  us_npi: ofDigits(americas.isProviderNumber),
  br_cpf: ofDigits(americas.isCpf),
  br_cnpj: ofDigits(americas.isCnpj),
  au_abn: ofDigits(asia.isBusinessNumber),
  au_acn: ofDigits(asia.isCompanyNumber),
  au_tfn: ofDigits(asia.isTaxFileNumber),
  au_medicare: ofDigits(asia.isMedicareNumber),
  in_gstin: ofText(asia.isGstin),
  kr_rrn: ofDigits(asia.isResidentNumber),
  sg_fin: ofText(asia.isSingaporeNumber),
  th_id: ofDigits(asia.isThaiNumber),
  uk_nhs: ofDigits(europe.isHealthServiceNumber),
  de_tax_id: ofDigits(europe.isGermanTaxNumber),
  es_nif: ofText(europe.isSpanishNumber),
  fi_hetu: ofText(europe.isFinnishNumber),
  fr_nir: ofText(europe.isFrenchNumber),
  it_fiscal_code: ofText(europe.isFiscalCode),
  nl_bsn: ofDigits(europe.isDutchNumber),
  pl_pesel: ofDigits(europe.isPesel),
  tr_id: ofDigits(europe.isTurkishNumber),
};

/** The check of this name. One that is not known, of a later version perhaps, hides nothing: every match passes. */
export function checkOf({
  name,
  arguments: numbers,
}: {
  readonly name: string;
  readonly arguments: readonly number[];
}): Check {
  const known = Object.hasOwn(checks, name) ? checks[name as DetectorCheck] : beside;
  return known(...numbers);
}

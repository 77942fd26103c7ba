/** Numbers of people in Europe and Turkey. */
import { type Digits, isRepeated, weightedSum } from "../digits.js";

/** United Kingdom, National Health Service: eleven less the rest by eleven; ten is never given out. */
export function isHealthServiceNumber(digits: Digits): boolean {
  const sum = 11 - (weightedSum(digits, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11);
  return digits.length === 10 && !isRepeated(digits) && sum !== 10 && sum % 11 === digits[9];
}

/** Germany's tax identification number: ISO 7064, MOD 11,10; of the first ten digits one stands there two or three times. */
export function isGermanTaxNumber(digits: Digits): boolean {
  const product = digits.slice(0, 10).reduce((rest, digit) => (((rest + digit) % 10 || 10) * 2) % 11, 10);
  const distinct = new Set(digits.slice(0, 10)).size;
  return (
    digits.length === 11 && digits[0] !== 0 && (distinct === 9 || distinct === 8) && (11 - product) % 10 === digits[10]
  );
}

const spanishLetters = "TRWAGMYFPDXBNJZSQVHLCKE";

/** Spain's NIF, and NIE, whose X, Y and Z count 0, 1 and 2. */
export function isSpanishNumber(text: string): boolean {
  const [, first = "", rest = "", letter] = /^([XYZ]?)-?(\d{7,8})-?([A-Z])$/.exec(text.toUpperCase()) ?? [];
  const isWhole = first === "" ? rest.length === 8 : rest.length === 7;
  return isWhole && spanishLetters[Number(`${first === "" ? "" : "XYZ".indexOf(first)}${rest}`) % 23] === letter;
}

const finnishSigns = "0123456789ABCDEFHJKLMNPRSTUVWXY";

/** Finland's HETU: day of birth, a sign for the century, a number, a sign by both. */
export function isFinnishNumber(text: string): boolean {
  const [, birth, number, sign] = /^(\d{6})[-+A-FU-Y](\d{3})([0-9A-Y])$/.exec(text.toUpperCase()) ?? [];
  return birth !== undefined && Number(number) >= 2 && finnishSigns[Number(`${birth}${number}`) % 31] === sign;
}

/** France's NIR: 97 less the rest by 97; Corsica's 2A and 2B count as 19 and 18. */
export function isFrenchNumber(text: string): boolean {
  const plain = text.replaceAll(/[ .-]/g, "").toUpperCase();
  const digits = plain.replace(/^(.{5})2A/, "$119").replace(/^(.{5})2B/, "$118");
  return /^[12]\d{14}$/.test(digits) && 97n - (BigInt(digits.slice(0, 13)) % 97n) === BigInt(digits.slice(13));
}

/** What digits and letters at odd places of an Italian fiscal code count; at even places, their own value. */
const oddValues = [
  1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23,
] as const;

/** Italy's codice fiscale. Letters may stand for digits where two people would have one code. */
export function isFiscalCode(text: string): boolean {
  const upper = text.toUpperCase();
  const values = [...upper].map((sign) => (/\d/.test(sign) ? Number(sign) : sign.charCodeAt(0) - 0x41));
  const sum = values
    .slice(0, 15)
    .reduce((total, value, i) => total + (i % 2 === 0 ? (oddValues[value] ?? 0) : value), 0);
  return upper.length === 16 && String.fromCharCode(0x41 + (sum % 26)) === upper[15];
}

/** The Netherlands' BSN: weights nine to two, and the last digit taken off. */
export const isDutchNumber = (digits: Digits): boolean =>
  digits.length === 9 && !isRepeated(digits) && weightedSum(digits, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 === 0;

/** Poland's PESEL: a day of birth, whose month says the century, and what is missing to ten. */
export function isPesel(digits: Digits): boolean {
  const month = ((digits[2] ?? 0) * 10 + (digits[3] ?? 0)) % 20;
  const day = (digits[4] ?? 0) * 10 + (digits[5] ?? 0);
  const isBirth = month >= 1 && month <= 12 && day >= 1 && day <= 31;
  return digits.length === 11 && isBirth && weightedSum(digits, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]) % 10 === 0;
}

/** Turkey's identity number: the tenth digit by odd and even places, the eleventh by the sum of ten. */
export function isTurkishNumber(digits: Digits): boolean {
  const tenth = (weightedSum(digits, [7, -1, 7, -1, 7, -1, 7, -1, 7]) + 40) % 10;
  const sum = digits.slice(0, 10).reduce((total, digit) => total + digit, 0);
  return digits.length === 11 && digits[0] !== 0 && tenth === digits[9] && sum % 10 === digits[10];
}

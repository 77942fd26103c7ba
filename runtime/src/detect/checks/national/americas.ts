/** Numbers of the United States and of Brazil. */
import { type Digits, isRepeated, numberOf, weightedSum } from "../digits.js";
import { passesLuhn } from "../sums.js";

/** Numbers that were printed on cards in shop windows, or in advertisements: never anybody's. */
const printedNumbers: ReadonlySet<number> = new Set([78_051_120, 219_099_999, 457_555_462]);

/** Social Security Administration: area not 000, 666 or 900 on, group not 00, serial not 0000. */
export function isSocialSecurityNumber(digits: Digits): boolean {
  const [area, group, serial] = [numberOf(digits, 0, 3), numberOf(digits, 3, 5), numberOf(digits, 5, 9)];
  const isGiven = area > 0 && area !== 666 && area < 900 && group > 0 && serial > 0;
  return digits.length === 9 && isGiven && !printedNumbers.has(numberOf(digits, 0, 9));
}

/** Internal Revenue Service: starts with 9; the middle is 50 to 65, 70 to 88, 90 to 92, or 94 to 99. */
export function isTaxpayerNumber(digits: Digits): boolean {
  const middle = numberOf(digits, 3, 5);
  return digits.length === 9 && digits[0] === 9 && middle >= 50 && ![66, 67, 68, 69, 89, 93].includes(middle);
}

/** American Bankers Association: a Federal Reserve district, or the government's 00, and weights 3, 7, 1. */
export function isRoutingNumber(digits: Digits): boolean {
  const district = numberOf(digits, 0, 2);
  const isDistrict = districts.some(([first, last]) => district >= first && district <= last) && !isRepeated(digits);
  return digits.length === 9 && isDistrict && weightedSum(digits, [3, 7, 1, 3, 7, 1, 3, 7, 1]) % 10 === 0;
}

/** First two digits that are in use. */
const districts = [
  [0, 12],
  [21, 32],
  [61, 72],
  [80, 80],
] as const;

/** Centers for Medicare: Luhn over the number behind 80840, the prefix of American health cards. */
export const isProviderNumber = (digits: Digits): boolean =>
  digits.length === 10 && (digits[0] === 1 || digits[0] === 2) && passesLuhn([8, 0, 8, 4, 0, ...digits]);

/** What a sum of Brazil's makes of the digits before it: eleven less the rest, and 0 where that has two digits. */
const brazilianDigit = (digits: Digits, weights: readonly number[]): number => {
  const rest = weightedSum(digits, weights) % 11;
  return rest < 2 ? 0 : 11 - rest;
};

export const isCpf = (digits: Digits): boolean =>
  digits.length === 11 &&
  !isRepeated(digits) &&
  brazilianDigit(digits, [10, 9, 8, 7, 6, 5, 4, 3, 2]) === digits[9] &&
  brazilianDigit(digits, [11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) === digits[10];

export const isCnpj = (digits: Digits): boolean =>
  digits.length === 14 &&
  !isRepeated(digits) &&
  brazilianDigit(digits, [5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]) === digits[12] &&
  brazilianDigit(digits, [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]) === digits[13];

/** Numbers of Australia, India, South Korea, Singapore and Thailand. */
import { type Digits, isRepeated, weightedSum } from "../digits.js";

/** Australian Business Number: the first digit less one, then weights, divisible by 89. */
export const isBusinessNumber = (digits: Digits): boolean =>
  digits.length === 11 &&
  digits[0] !== 0 &&
  (weightedSum(digits, [10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]) - 10) % 89 === 0;

/** Australian Company Number: what is missing to ten. */
export const isCompanyNumber = (digits: Digits): boolean =>
  digits.length === 9 && (10 - (weightedSum(digits, [8, 7, 6, 5, 4, 3, 2, 1]) % 10)) % 10 === digits[8];

/** Australian Tax File Number, of nine digits. */
export const isTaxFileNumber = (digits: Digits): boolean =>
  digits.length === 9 && !isRepeated(digits) && weightedSum(digits, [1, 4, 3, 7, 5, 8, 6, 9, 10]) % 11 === 0;

/** Australian Medicare card: eight digits, their sum, the issue and perhaps the person. */
export const isMedicareNumber = (digits: Digits): boolean =>
  (digits.length === 10 || digits.length === 11) &&
  (digits[0] ?? 0) >= 2 &&
  (digits[0] ?? 0) <= 6 &&
  weightedSum(digits, [1, 3, 7, 9, 1, 3, 7, 9]) % 10 === digits[8];

const base36 = (character: string): number => Number.parseInt(character, 36);

/** India's GSTIN: ISO 7064-like over base 36, factors 1 and 2 in turn, digits of the product added. */
export function isGstin(text: string): boolean {
  const characters = [...text.toUpperCase()];
  const sum = characters.slice(0, 14).reduce((total, character, i) => {
    const product = base36(character) * (i % 2 === 0 ? 1 : 2);
    return total + Math.floor(product / 36) + (product % 36);
  }, 0);
  return characters.length === 15 && (36 - (sum % 36)) % 36 === base36(characters[14] ?? "");
}

/** South Korea's resident registration number, as given before October 2020: later ones have no sum, and are not told apart. */
export const isResidentNumber = (digits: Digits): boolean =>
  digits.length === 13 && (11 - (weightedSum(digits, [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]) % 11)) % 10 === digits[12];

const singaporeLetters: Readonly<Record<string, { readonly offset: number; readonly letters: string }>> = {
  S: { offset: 0, letters: "JZIHGFEDCBA" },
  T: { offset: 4, letters: "JZIHGFEDCBA" },
  F: { offset: 0, letters: "XWUTRQPNMLK" },
  G: { offset: 4, letters: "XWUTRQPNMLK" },
  M: { offset: 3, letters: "XWUTRQPNJLK" },
};

/** Singapore's NRIC and FIN: a letter for the century and status, seven digits, a letter by their sum. */
export function isSingaporeNumber(text: string): boolean {
  const upper = text.toUpperCase();
  const series = singaporeLetters[upper[0] ?? ""];
  if (series === undefined || !/^[A-Z]\d{7}[A-Z]$/.test(upper)) return false;
  const rest = (weightedSum([...upper.slice(1, 8)].map(Number), [2, 7, 6, 5, 4, 3, 2]) + series.offset) % 11;
  const index = upper[0] === "M" ? 10 - rest : rest;
  return (upper[0] === "M" ? "KLJNPQRTUWX" : series.letters)[index] === upper[8];
}

/** Thailand's national number. */
export const isThaiNumber = (digits: Digits): boolean =>
  digits.length === 13 &&
  digits[0] !== 0 &&
  (11 - (weightedSum(digits, [13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11)) % 10 === digits[12];

/** Check digits that several numbers share. */
import type { Digits } from "./digits.js";

/** ISO/IEC 7812-1, annex B: every second digit from the right counts twice. A number of zeros only does not count. */
export function passesLuhn(digits: Digits): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits[digits.length - 1 - i] ?? 0;
    sum += i % 2 === 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2;
  }
  return digits.length > 1 && sum > 0 && sum % 10 === 0;
}

/** ISO 7064, MOD 97-10, as ISO 13616 has it: the first four characters go to the end, letters count 10 to 35. */
export function passesMod97(text: string): boolean {
  const characters = text.replace(/[^0-9A-Za-z]/g, "").toUpperCase();
  if (characters.length < 5) return false;
  return remainder97(characters.slice(4) + characters.slice(0, 4)) === 1;
}

/** Of a number in base 36 digits, each two decimal digits wide where it is a letter. */
export const remainder97 = (characters: string): number =>
  [...characters].reduce((rest, character) => {
    const value = Number.parseInt(character, 36);
    return (rest * (value > 9 ? 100 : 10) + value) % 97;
  }, 0);

// The dihedral group D5: 0 to 4 are turns, 5 to 9 turns of the other side.
const product = (a: number, b: number): number => {
  if (a < 5) return b < 5 ? (a + b) % 5 : ((a + b) % 5) + 5;
  return b < 5 ? ((a - b) % 5) + 5 : (a - b + 5) % 5;
};
const permutation = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4] as const;
const permuted = (digit: number, times: number): number => {
  let result = digit;
  for (let i = 0; i < times; i++) result = permutation[result] ?? 0;
  return result;
};

/** Verhoeff's sum, 1969. */
export const passesVerhoeff = (digits: Digits): boolean =>
  digits.length > 1 && [...digits].reverse().reduce((sum, digit, i) => product(sum, permuted(digit, i % 8)), 0) === 0;

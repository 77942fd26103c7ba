export type Digits = readonly number[];

/** What the last call found. Kept, because a new one for every match would cost more than the match. */
const found: number[] = [];

/** The ASCII digits from `start` to before `end`, as numbers, until the next call; whatever else there is, is left out. */
export function digitsIn(text: Uint8Array, start: number, end: number): Digits {
  found.length = 0;
  for (let at = start; at < end; at++) {
    const digit = (text[at] ?? 0) - 0x30;
    if (digit >= 0 && digit <= 9) found.push(digit);
  }
  return found;
}

/** The digits from the place `from` to before `to`, as one number. */
export function numberOf(digits: Digits, from: number, to: number): number {
  let number = 0;
  for (let i = from; i < to; i++) number = number * 10 + (digits[i] ?? 0);
  return number;
}

/** Sum of each digit times the weight at its place; digits without one do not count. */
export const weightedSum = (digits: Digits, weights: readonly number[]): number =>
  weights.reduce((sum, weight, i) => sum + weight * (digits[i] ?? 0), 0);

/** Whether all digits are the same one: what people type to fill a field, and what sums often take for right. */
export const isRepeated = (digits: Digits): boolean => digits.every((digit) => digit === digits[0]);

/**
 * Whether the digits can be a telephone number: with a `+`, 8 to 15 of them, as E.164 has it; else ten of North America, whose
 * area and exchange start with 2 to 9 and are not 11 codes such as 911. Whether a number is in use, nobody can tell here.
 */
export function isPhoneNumber(text: string): boolean {
  const digits = text.replaceAll(/\D/g, "");
  if (text.startsWith("+") && !digits.startsWith("1")) return /^[2-9]\d{7,14}$/.test(digits);
  return /^1?[2-9]\d{2}[2-9]\d{6}$/.test(digits) && !/^1?(?:[2-9]11|\d{3}[2-9]11)/.test(digits);
}

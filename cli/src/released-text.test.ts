import { expect, test } from "vitest";
import { releasedText } from "./released-text.js";

const equal = "which values are equal, here and wherever the same key is used";

test.each([
  ["redact", null],
  ["null", null],
  ['fixed("n/a")', null],
  ["partial(keep_domain)", "the part that is kept"],
  ["truncate(month)", "the period that the date lies in"],
  ["bucket(size: 10)", "the neighbourhood of the number"],
  ['hmac(key: "k")', equal],
  ['date_shift(key: "k", days: 30)', `${equal}; the time between any two dates, and the time of day`],
  ["elements(redact)", "how many elements there are"],
  ['elements(hmac(key: "k"))', `how many elements there are; ${equal}`],
])("what %s still shows: %s", (transform, text) => {
  expect(releasedText(transform)).toBe(text);
});

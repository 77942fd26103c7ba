/**
 * Detectors that run: bytes of a text in, what they look like out.
 *
 * In: a policy module, for the tables the compiler made of its detectors (`hpl.detect`) and their checks (`hpl.meta`); then
 * texts. Out: findings, each a detector's name and a half-open range of bytes. A finding is a match of one of the detector's
 * patterns that passes all its checks, wherever it starts: a long false match hides no true one, and findings of several
 * detectors may overlap. Of one detector, what lies inside another of its findings is left out. Shape: a kernel of 1.5 KB scans
 * windows of the text in a memory of its own; checks run here, on the few matches it finds. Limits: a match has at most
 * `MATCH_BYTES_MAX` bytes; checks may cost a number of steps that grows with the text, and a match that comes after counts
 * unchecked, because what is not known to be harmless is not. Absent: names of people, streets, anything without a shape.
 */
export type { Finding } from "./collection.js";
export { coverOf, type Span } from "./cover.js";
export { type Detectors, type DetectorsResult, detectorsIn, openDetectors } from "./detectors.js";

/**
 * The tables of the detectors (`hpl.detect`): what the compiler writes, the scanning kernel reads and the host checks. This file
 * is compiled twice, by TypeScript and by AssemblyScript, so it holds nothing but integer constants. All words are
 * little-endian i32; every pointer is a byte offset from the start of the section.
 *
 * Detectors are compiled to a few **machines**. A machine is one automaton over bytes for all its patterns at once, anchored at
 * a start, and a filter that finds the starts worth trying: whatever the automaton accepts, the filter lets through. An
 * **output** is what a machine can find: one detector. Two machines may find the same detector.
 */

/** Bytes `H P L D`. */
export const DETECT_MAGIC = 0x444c5048;
export const DETECT_VERSION = 1;

// Header: word index of each entry.
export const DETECT_HEADER_MAGIC = 0;
export const DETECT_HEADER_VERSION = 1;
export const DETECT_HEADER_DETECTORS_COUNT = 2;
export const DETECT_HEADER_OUTPUTS_COUNT = 3;
export const DETECT_HEADER_OUTPUTS = 4;
export const DETECT_HEADER_MACHINES_COUNT = 5;
export const DETECT_HEADER_MACHINES = 6;
export const DETECT_HEADER_WORDS = 7;

// An output: index of its detector, flags.
export const OUTPUT_DETECTOR = 0;
export const OUTPUT_FLAGS = 1;
export const OUTPUT_WORDS = 2;

/** Something must still be checked: the host wants every start, whatever was found before. */
export const OUTPUT_CHECKED = 1;
/** No digit stands right before, or right behind, a match. */
export const OUTPUT_LEFT_DIGIT = 2;
export const OUTPUT_RIGHT_DIGIT = 4;
/** No ASCII letter or digit does. */
export const OUTPUT_LEFT_WORD = 8;
export const OUTPUT_RIGHT_WORD = 16;

// A machine. Its classes are 256 bytes, the class of each byte; its transitions are u16, `next[state << shift | class]`. State 0
// is dead. States from FIRST_ACCEPTING on accept: `lists[state - FIRST_ACCEPTING]` (u16) is the index, in u16 from LISTS on, of a
// count and as many outputs.
export const MACHINE_FILTER_KIND = 0;
export const MACHINE_FILTER = 1;
/** Of a pivot filter: the byte, and how many bytes may stand before it. */
export const MACHINE_PIVOT = 2;
export const MACHINE_WALK_MAX = 3;
export const MACHINE_CLASSES = 4;
export const MACHINE_CLASSES_SHIFT = 5;
export const MACHINE_STATES_COUNT = 6;
export const MACHINE_START = 7;
export const MACHINE_FIRST_ACCEPTING = 8;
export const MACHINE_NEXT = 9;
export const MACHINE_LISTS = 10;
/** Number of u16 in LISTS. */
export const MACHINE_LISTS_COUNT = 11;
/** 1 where a start need not be followed past the point from which an earlier one went on alike: no output asks what stands
 * before a match, and none is checked, so that all there is to find from there lies inside what was found. */
export const MACHINE_FOLLOWS = 12;
export const MACHINE_WORDS = 13;

/**
 * Prefix filter: eight buckets of patterns, a bit each. For each of the first PREFIX_BYTES bytes of a match, 16 masks by the
 * byte's low half, then 16 by its high half; a bucket whose bit is in both, for every byte, may match. Then two bytes: the
 * buckets that want no digit, and those that want no letter or digit, before a match.
 */
export const FILTER_PREFIX = 0;
export const PREFIX_BYTES = 4;
export const PREFIX_LEFT_DIGIT = 128;
export const PREFIX_LEFT_WORD = 129;
export const PREFIX_SIZE = 130;

/**
 * Pivot filter: every match holds the pivot byte, and before the first one at most WALK_MAX bytes of a set. 256 bytes: 1 for
 * those of the set.
 */
export const FILTER_PIVOT = 1;
export const PIVOT_SIZE = 256;

/** The longest match, in bytes: of a longer one, what is within. It bounds the work at one start. */
export const MATCH_BYTES_MAX = 8192;

// What the host gives a scan, in words at the address it passes: addresses of the tables, of the state of the outputs and of
// the hits; how many hits there is room for, and how many there are; where the bytes of the window end; what to add to an
// address for the offset in the text. Then the trace, two bytes a byte of the window: the states of the last run that a
// machine with FOLLOWS made; its address is that of address 0. The kernel keeps up to where it goes.
export const CONTROL_TABLES = 0;
export const CONTROL_STATE = 1;
export const CONTROL_HITS = 2;
export const CONTROL_HITS_MAX = 3;
export const CONTROL_HITS_COUNT = 4;
export const CONTROL_END = 5;
export const CONTROL_DELTA = 6;
export const CONTROL_TRACE = 7;
export const CONTROL_TRACED = 8;
export const CONTROL_WORDS = 9;

// State of an output, kept over the windows of a text: start and end of its last hit, and where that hit stands.
export const STATE_START = 0;
export const STATE_END = 1;
export const STATE_HIT = 2;
export const STATE_WORDS = 3;

// A hit: start and end in the text, output.
export const HIT_START = 0;
export const HIT_END = 1;
export const HIT_OUTPUT = 2;
export const HIT_WORDS = 3;

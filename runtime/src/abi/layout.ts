/**
 * The module format: what the compiler writes, the kernel reads, and the engine fills in. This file is compiled twice, by
 * TypeScript and by AssemblyScript (the kernel), so it holds nothing but integer constants. All words are little-endian i32.
 *
 * Memory, from low to high: 1 KiB unused, so that address 0 is never valid · tables (read-only) · facts area · scratch.
 * The tables start with a header of `HEADER_WORDS` words; every pointer in them is an absolute byte address.
 */

/** Version of everything in this file. A host refuses any other. */
export const ABI_VERSION = 3;
/** Bytes `H P L 1`. */
export const TABLES_MAGIC = 0x314c5048;
export const TABLES_ADDRESS = 1024;

// Header: word index of each entry.
export const HEADER_MAGIC = 0;
export const HEADER_RULES_COUNT = 1;
export const HEADER_RULES = 2;
export const HEADER_MODULES_COUNT = 3;
export const HEADER_MODULES = 4;
export const HEADER_LABELS_COUNT = 5;
export const HEADER_LABELS = 6;
export const HEADER_FACTS = 7;
export const HEADER_FACTS_SIZE = 8;
export const HEADER_SCRATCH = 9;
export const HEADER_SCRATCH_SIZE = 10;
/** Bit of the `sql` family: the only one with columns, labels and masks. */
export const HEADER_SQL_FAMILY = 11;
// Slots of the `sql` facts that the kernel itself reads or fills in.
export const HEADER_SLOT_COLUMNS = 12;
export const HEADER_SLOT_COLUMNS_COMPLETE = 13;
export const HEADER_SLOT_PREDICATE_COLUMNS = 14;
export const HEADER_SLOT_LABELS = 15;
export const HEADER_SLOT_OUTPUT_LABELS = 16;
export const HEADER_SLOT_PREDICATE_LABELS = 17;
export const HEADER_SLOT_COLUMN_SOURCES = 18;
export const HEADER_SLOT_COLUMN_EXACT = 19;
export const HEADER_EXCEPTIONS_COUNT = 20;
export const HEADER_EXCEPTIONS = 21;
export const HEADER_VARIABLES_COUNT = 22;
export const HEADER_VARIABLES = 23;
export const HEADER_GROUPS_COUNT = 24;
export const HEADER_GROUPS = 25;
export const HEADER_WORDS = 26;

// A rule: module index, effect, flags, mask (address or 0), index of its first exception and how many it has. What it asks
// stands in the groups.
export const RULE_MODULE = 0;
export const RULE_EFFECT = 1;
export const RULE_FLAGS = 2;
export const RULE_MASK = 3;
export const RULE_EXCEPTIONS = 4;
export const RULE_EXCEPTIONS_COUNT = 5;
export const RULE_WORDS = 6;

export const EFFECT_ALLOW = 0;
export const EFFECT_APPROVE = 1;
export const EFFECT_BLOCK = 2;
export const EFFECT_MASK = 3;
/** Effects that the host turns into obligations: the kernel says whether the rule fired. */
export const EFFECT_LIMIT = 4;
export const EFFECT_DETECT = 5;

export const RULE_IS_ADVISORY = 1;
export const RULE_EVEN_IF_INCOMPLETE = 2;
/** A restriction whose own condition is unknown does nothing. */
export const RULE_IGNORES_UNKNOWN = 4;
/** A block whose own condition is unknown demands approval instead. */
export const RULE_ASKS_ON_UNKNOWN = 8;

// An exception: its diagram. Those of one rule stand together.
export const EXCEPTION_DIAGRAM = 0;
export const EXCEPTION_WORDS = 1;

// A module: families, scope (diagram), default verdict + 1 (0: the module has no default and only restricts).
export const MODULE_FAMILIES = 0;
export const MODULE_SCOPE = 1;
export const MODULE_DEFAULT = 2;
export const MODULE_WORDS = 3;

// A label: its globs, and its path as text.
export const LABEL_GLOBS_COUNT = 0;
export const LABEL_GLOBS = 1;
export const LABEL_PATH = 2;
export const LABEL_PATH_SIZE = 3;
export const LABEL_WORDS = 4;
/** Limit: label sets are bit sets of this many words. */
export const LABEL_SET_WORDS = 8;
export const LABELS_MAX = 256;

// A glob: text address, text size in bytes, separator byte or -1.
export const GLOB_WORDS = 3;

// An automaton: address of the class of each byte, number of classes, first state, address of the transitions (one u16 for
// each state and class), address of one byte a state that says whether it accepts. State 0 is dead.
export const REGEX_CLASSES = 0;
export const REGEX_CLASSES_COUNT = 1;
export const REGEX_START = 2;
export const REGEX_NEXT = 3;
export const REGEX_ACCEPTING = 4;
export const REGEX_WORDS = 5;

// A range of addresses: size of the address in bytes (4 or 16), length of the prefix in bits, then 16 bytes of address.
export const CIDR_SIZE = 0;
export const CIDR_PREFIX = 4;
export const CIDR_ADDRESS = 8;
export const CIDR_WORDS = 6;

// A mask: label set (address), transform, number of tiers, tiers, whether predicates may use masked columns (0 or 1).
// A tier: label set (address, 0 for all), transform, diagram.
export const MASK_LABELS = 0;
export const MASK_TRANSFORM = 1;
export const MASK_TIERS_COUNT = 2;
export const MASK_TIERS = 3;
export const MASK_ALLOWS_PREDICATES = 4;
export const MASK_WORDS = 5;
export const TIER_LABELS = 0;
export const TIER_TRANSFORM = 1;
export const TIER_DIAGRAM = 2;
export const TIER_WORDS = 3;

// Transforms are indices into the module's list, whose first three are fixed. Strength: null > redact > any other > clear.
export const TRANSFORM_NONE = -1;
export const TRANSFORM_CLEAR = 0;
export const TRANSFORM_REDACT = 1;
export const TRANSFORM_NULL = 2;

// A cell, 16 bytes: tag, extra, payload. Payload is a float64 (number), or an address (string, list, record, map).
export const CELL_SIZE = 16;
export const CELL_EXTRA = 4;
export const CELL_PAYLOAD = 8;
export const TAG_ABSENT = 0;
export const TAG_UNKNOWN = 1;
/** Extra: 0 or 1. */
export const TAG_BOOL = 2;
export const TAG_NUMBER = 3;
/** Extra: size in bytes. Payload: address of UTF-8 text. */
export const TAG_STRING = 4;
/** Extra: number of items, with `LIST_IS_OPEN` when there may be more. Payload: address of the items' cells. */
export const TAG_LIST = 5;
/** Payload: address of one cell for each field of the schema, in schema order. */
export const TAG_RECORD = 6;
/** Extra: number of entries, with `MAP_IS_OPEN` when a missing key is unknown. Payload: key and value cells, alternating. */
export const TAG_MAP = 7;
export const LIST_IS_OPEN = 0x40000000;
export const MAP_IS_OPEN = 0x40000000;

// The facts area: family (bit), opaque flag, completeness (truth), epoch of the common facts, then one cell for each root.
export const FACTS_FAMILY = 0;
/** 1 when nothing of the action was understood; from `FACTS_PARENT_SHIFT` on, the base of the action it is part of, plus 1. */
export const FACTS_OPAQUE = 4;
export const FACTS_PARENT_SHIFT = 8;
export const FACTS_COMPLETE = 8;
/** Another number whenever the common facts were laid anew: what was worked out of them before is then forgotten. */
export const FACTS_EPOCH = 12;
export const FACTS_ROOTS = 16;
export const ROOT_PRINCIPAL = 0;
export const ROOT_SESSION = 1;
export const ROOT_CONNECTION = 2;
export const ROOT_NOW = 3;
/** The root of the action's own family. */
export const ROOT_ACTION = 4;
/** A record of numbers: the minute of the week in UTC, then in each time zone of the module, in the order of `hpl.meta`. */
export const ROOT_WEEK = 5;
export const ROOTS_COUNT = 6;
/** First free byte of the facts area, relative to its start. */
export const FACTS_HEAP = 112;

// The result, at the start of scratch: verdict, base, flags, number of columns and where their results stand, number of rules
// that are not definitely false and where their indices stand, in no order; then one byte for each module (scope), one for
// each rule, and one for each exception. The result of a column: its transform, the rule it is attributed to, that strength.
export const RESULT_VERDICT = 0;
export const RESULT_BASE = 4;
export const RESULT_FLAGS = 8;
export const RESULT_COLUMNS_COUNT = 12;
export const RESULT_COLUMNS = 16;
export const RESULT_TOUCHED_COUNT = 20;
export const RESULT_TOUCHED = 24;
export const RESULT_TRUTHS = 28;
export const COLUMN_TRANSFORM = 0;
export const COLUMN_RULE = 1;
export const COLUMN_STRENGTH = 2;
export const COLUMN_WORDS = 3;

export const FLAG_OPAQUE = 1;
export const FLAG_UNGOVERNED = 2;
export const FLAG_MASKED_PREDICATE = 4;
export const FLAG_LINEAGE_LOST = 8;

/** A rule's or exception's byte: its truth, with this bit when it took part in the decision. */
export const TRUTH_BITS = 3;
export const RULE_COUNTED = 4;
/** And with this bit when it is a block that demanded approval, because it did not know. */
export const RULE_ASKED = 8;

// Truth values, in Kleene's order: `and` is the minimum, `or` the maximum, `not` is 2 - x.
export const FALSE = 0;
export const UNKNOWN = 1;
export const TRUE = 2;

export const VERDICT_ALLOW = 0;
export const VERDICT_APPROVE = 1;
export const VERDICT_BLOCK = 2;

// A variable: how a value is found to be of a class, and what for. Path: where the value stands. Table and count: by kind.
export const VARIABLE_KIND = 0;
export const VARIABLE_REACH = 1;
export const VARIABLE_PATH = 2;
export const VARIABLE_TABLE = 3;
export const VARIABLE_COUNT = 4;
/** Of an infix: how many bytes are hashed. */
export const VARIABLE_GRAM_SIZE = 5;
export const VARIABLE_WORDS = 6;
/** The class is the index of the family. */
export const VARIABLE_FAMILY = 0;
/** Whether there is an item, what may stand beyond the items, or none: `ITEM_..`. */
export const VARIABLE_ITEM = 1;
/** Table: `count` slots, a power of two, of a cell's address (0 when empty) and its class; open addressing by `hashByte`. */
export const VARIABLE_CONSTANTS = 2;
/** Table: `count` ascending float64. Class of the i-th: `CLASS_OWN + 2 i + 1`; even ones lie between. */
export const VARIABLE_ORDER = 3;
/** Table: `count` entries, ascending by bytes (from the end for suffixes). */
export const VARIABLE_PREFIX = 4;
export const VARIABLE_SUFFIX = 5;
/** Table: a program; the class is its truth. */
export const VARIABLE_TEST = 6;
/**
 * Table: `count` slots, a power of two, by the hash of some bytes of each text. `gram size` bytes from every place of the text
 * are looked up; the class behind all others is that of texts that hold several.
 */
export const VARIABLE_INFIX = 7;
// What a variable reads: it is asked once for the common facts, once an action, or once an item.
export const REACH_CONTEXT = 0;
export const REACH_ACTION = 1;
export const REACH_ITEM = 2;
export const SLOT_CELL = 0;
export const SLOT_CLASS = 1;
export const SLOT_WORDS = 2;
// A text to be found anywhere: address (0: the slot is empty), size, where in it the hashed bytes stand, class.
export const INFIX_TEXT = 0;
export const INFIX_SIZE = 1;
export const INFIX_OFFSET = 2;
export const INFIX_CLASS = 3;
export const INFIX_WORDS = 4;
// A text at an end: address, size, index of the longest other entry that this one begins (or ends) with or -1, class.
export const AFFIX_TEXT = 0;
export const AFFIX_SIZE = 1;
export const AFFIX_PARENT = 2;
export const AFFIX_CLASS = 3;
export const AFFIX_WORDS = 4;

// Classes of every variable over the value of a fact; behind them come its own.
export const CLASS_UNKNOWN = 0;
export const CLASS_ABSENT = 1;
export const CLASS_OTHER = 2;
export const CLASS_OWN = 3;

export const ITEM_LISTED = 0;
export const ITEM_BEYOND = 1;
export const ITEM_NONE = 2;

/** FNV-1a, 32 bits. */
export const HASH_START = 0x811c9dc5;
export const HASH_FACTOR = 0x01000193;

// A node: variable, where to go for every other class, number of cases, then pairs of a class and where it leads, ascending.
// With DENSE cases: one word for each class from 0 on. Where to go is a truth value or an address.
export const NODE_VARIABLE = 0;
export const NODE_OTHER = 4;
export const NODE_COUNT = 8;
export const NODE_CASES = 12;
export const NODE_IS_DENSE = 0x40000000;
/** In place of a variable: a leaf of rules walked in parallel. Number of threads, then a rule and a node for each. */
export const NODE_IS_LEAF = -1;
export const LEAF_COUNT = 4;
export const LEAF_THREADS = 8;

// A group: path of the list whose items it is asked for, or 0; number and addresses of the first nodes of the diagrams for the
// rules that any item makes true, and of those for the rules that every item must make true.
export const GROUP_LIST = 0;
export const GROUP_ANY_COUNT = 1;
export const GROUP_ANY = 2;
export const GROUP_EVERY_COUNT = 3;
export const GROUP_EVERY = 4;
export const GROUP_WORDS = 5;

// Condition code: a stack machine over truth values. An operation is followed by its operands.
/** Ends the program; its value is on the stack. */
export const OP_END = 0;
/** truth */
export const OP_CONSTANT = 1;
export const OP_NOT = 2;
export const OP_AND = 3;
export const OP_OR = 4;
/** address: goes there when the top is false (true), and leaves it */
export const OP_JUMP_IF_FALSE = 5;
export const OP_JUMP_IF_TRUE = 6;
/** path */
export const OP_IS_TRUE = 7;
/** path */
export const OP_IS_PRESENT = 8;
/** comparison, path, constant cell */
export const OP_COMPARE = 9;
/** comparison, path, path */
export const OP_COMPARE_FACTS = 10;
/** path, count, constant cells */
export const OP_IN = 11;
/** path, count, globs */
export const OP_LIKE = 12;
/** path, count, constant cells */
export const OP_HAS_ANY = 13;
export const OP_HAS_ALL = 14;
export const OP_ONLY = 15;
/** quantifier, list path, address behind the matching OP_NEXT */
export const OP_EACH = 16;
/** address of the body */
export const OP_NEXT = 17;
/** path, count, automata */
export const OP_MATCHES = 18;
/** path, count, ranges of addresses */
export const OP_IN_CIDR = 19;

export const COMPARE_EQ = 0;
export const COMPARE_NE = 1;
export const COMPARE_LT = 2;
export const COMPARE_LE = 3;
export const COMPARE_GT = 4;
export const COMPARE_GE = 5;

export const QUANTIFIER_ANY = 0;
export const QUANTIFIER_ALL = 1;

// A path: root (or -1 - depth for the item of an enclosing quantifier or group), number of steps, then two words a step: a slot and
// -1, or the address and size of a map key.
export const PATH_ROOT = 0;
export const PATH_STEPS_COUNT = 4;
export const PATH_STEPS = 8;

// Limits of one program. They lie well above what the language's limits on nesting and depth let a condition reach; the
// compiler counts all the same, because the kernel does not.
export const STACK_MAX = 1024;
export const QUANTIFIER_DEPTH_MAX = 128;
/** One frame of a quantifier: kind, item address, items left, accumulator, whether the list is open. */
export const FRAME_SIZE = 20;

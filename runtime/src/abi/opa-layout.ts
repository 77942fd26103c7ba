/**
 * What a module for OPA's hosts holds beside the policy's tables: how to read JSON facts, and the pieces of text a decision is
 * written from. Like `layout.ts` it is compiled twice, so it holds nothing but integer constants.
 *
 * Memory, from low to high: unused · this header at `OPA_ADDRESS` · the tables, as in every module · the heap, where the host
 * puts its input and the module everything it works with. A *text* in a table is two words: address and size in bytes. Texts
 * that go into a decision are escaped for JSON; texts that are compared with the input are not.
 */

/** Between the low addresses, which a fact that is not there stands for, and the tables. */
export const OPA_ADDRESS = 512;

export const OPA_ABI_VERSION = 1;
export const OPA_ABI_MINOR_VERSION = 3;

// Header: word index of each entry.
/** First free byte behind the tables. */
export const OPA_HEAP_BASE = 0;
/** Values, as OPA's hosts handle them: their list of host functions, which is empty, and of entry points. */
export const OPA_BUILTINS = 1;
export const OPA_ENTRYPOINTS = 2;
/** Texts with a zero byte behind them, for `opa_abort`. */
export const OPA_MALLOC_FAILED = 3;
export const OPA_BAD_ENTRYPOINT = 4;
/** Answers for when there is no memory to write one, with a zero byte behind them: as an array, and as a set. */
export const OPA_NO_MEMORY = 5;
export const OPA_NO_MEMORY_SET = 6;
/** Names in the input that the reader itself knows: texts, in the order of the `NAME_` numbers. */
export const OPA_NAMES = 7;
/** The four common roots, in the order of the module format: entries of `ROOT_WORDS`. */
export const OPA_ROOTS = 8;
export const OPA_FAMILIES_COUNT = 9;
export const OPA_FAMILIES = 10;
export const OPA_ATTRIBUTES_COUNT = 11;
export const OPA_ATTRIBUTES = 12;
/** Texts: names of the time zones whose minute of the week is a fact, without UTC. */
export const OPA_ZONES_COUNT = 13;
export const OPA_ZONES = 14;
/** What a decision may list, sorted as a decision lists it. */
export const OPA_ENTRIES_COUNT = 15;
export const OPA_ENTRIES = 16;
/** What the rules oblige to, by index of rule. */
export const OPA_DUTIES = 17;
/** Addresses of the approvals of the modules' defaults, or 0, by index of module. */
export const OPA_DEFAULT_APPROVALS = 18;
/** Texts: `{"group":"..","count":` for each group that any approval asks, sorted. */
export const OPA_GROUPS_COUNT = 19;
export const OPA_GROUPS = 20;
/** Texts, by number of transform. */
export const OPA_TRANSFORMS = 21;
/** By number of refusal. */
export const OPA_REFUSALS = 22;
/** Texts, in the order of the `PIECE_` numbers. */
export const OPA_PIECES = 23;
/** Bytes that the facts of one action may take as cells and text, and the kernel's scratch: those of every module. */
export const OPA_FACTS_SIZE = 24;
export const OPA_SCRATCH_SIZE = 25;

/** A text: address and size. */
export const TEXT_WORDS = 2;

// A value as hosts pass it around: what it is, and the text it stands for.
export const VALUE_KIND = 0;
export const VALUE_TEXT = 4;
export const VALUE_TEXT_SIZE = 8;
export const VALUE_SIZE = 16;
/** Text as it came. */
export const VALUE_IS_TEXT = 0x4850_4c01;
/** A decision, to be shown as a set of one result. */
export const VALUE_IS_RESULT = 0x4850_4c02;

// The schema of a fact: kind, then two words. Record: number of fields, fields. Map: node of the values, 1 when a missing key
// is unknown. List: node of the items. Choice: number of members, texts.
export const NODE_KIND = 0;
export const NODE_FIRST = 4;
export const NODE_SECOND = 8;
export const NODE_IS_RECORD = 0;
export const NODE_IS_MAP = 1;
export const NODE_IS_LIST = 2;
export const NODE_IS_TEXT = 3;
export const NODE_IS_CHOICE = 4;
export const NODE_IS_INTEGER = 5;
export const NODE_IS_BOOL = 6;

// A field of a record: name (text), node, flags. Fields stand in schema order, which is the order of their cells.
export const FIELD_NODE = 8;
export const FIELD_FLAGS = 12;
export const FIELD_WORDS = 4;
export const FIELD_IS_REQUIRED = 1;
/** The policy works it out: an input must not have it. */
export const FIELD_IS_DERIVED = 2;
/** No rule reads it. */
export const FIELD_IS_UNREAD = 4;

// A common root: name (text), node.
export const ROOT_NODE = 8;
export const ROOT_WORDS = 3;

// A family of actions: name (text), node of its facts or 0, how it can be given as source text, the fields such a text may
// have beside it, its dialects, and why an action is opaque when it is given so, or when the family has no facts.
export const FAMILY_NODE = 8;
export const FAMILY_SOURCE = 12;
export const FAMILY_SOURCE_FIELDS_COUNT = 16;
export const FAMILY_SOURCE_FIELDS = 20;
export const FAMILY_DIALECTS_COUNT = 24;
/** For each dialect: its name (text), then why an action in it is opaque (text). Without a word it is that of the connection's kind, else the first. */
export const FAMILY_DIALECTS = 28;
export const FAMILY_REASON = 32;
export const FAMILY_WORDS = 10;
export const SOURCE_IS_NEVER = 0;
/** `{"text":".."}`: the action is the text. */
export const SOURCE_IS_ACTION = 1;
/** `{"shell":{"text":".."}}`: an object with that field is a text, any other is facts. */
export const SOURCE_IS_FIELD = 2;

// An attribute: index of its root, slot in the root's record, key in the map there (text; size -1 when the slot itself is the
// attribute), number of members (-1: any text), members (texts), whether it may be missing.
export const ATTRIBUTE_ROOT = 0;
export const ATTRIBUTE_SLOT = 4;
export const ATTRIBUTE_KEY = 8;
export const ATTRIBUTE_MEMBERS_COUNT = 16;
export const ATTRIBUTE_MEMBERS = 20;
export const ATTRIBUTE_IS_OPTIONAL = 24;
export const ATTRIBUTE_WORDS = 7;

// What a decision may list: where its truth comes from, index there, effect, flags, then texts: what stands before and behind
// the certainty, the id, the message when it decides, and the fix, whose address is 0 when there is none.
export const ENTRY_SOURCE = 0;
export const ENTRY_INDEX = 4;
export const ENTRY_EFFECT = 8;
export const ENTRY_FLAGS = 12;
export const ENTRY_HEAD = 16;
export const ENTRY_TAIL = 24;
export const ENTRY_ID = 32;
export const ENTRY_MESSAGE = 40;
export const ENTRY_FIX = 48;
export const ENTRY_WORDS = 14;
export const SOURCE_RULE = 0;
/** A block that asked for approval, because it did not know. */
export const SOURCE_ASKING_RULE = 1;
export const SOURCE_EXCEPTION = 2;
export const SOURCE_DEFAULT = 3;
export const SHOWN_ALLOW = 0;
export const SHOWN_APPROVE = 1;
export const SHOWN_BLOCK = 2;
export const SHOWN_MASK = 3;
export const SHOWN_LIMIT = 4;
export const SHOWN_EXCEPTION = 5;
export const ENTRY_IS_ADVISORY = 1;

// What a rule obliges to: approval and approval when it does not know (addresses, or 0), limit (address or 0), what to look
// for (text behind the index of the action, or 0), its id (text). Advisory rules oblige to nothing.
export const DUTY_APPROVAL = 0;
export const DUTY_APPROVAL_ON_UNKNOWN = 4;
export const DUTY_LIMIT = 8;
export const DUTY_DETECT = 12;
export const DUTY_ID = 20;
export const DUTY_WORDS = 7;

// An approval: number of groups, seconds, then for each group its index and how many of it.
export const APPROVAL_COUNT = 0;
export const APPROVAL_WITHIN = 4;
export const APPROVAL_GROUPS = 8;

// A limit: three 64-bit integers, -1 where there is none.
export const LIMIT_ROWS = 0;
export const LIMIT_TIME = 8;
export const LIMIT_BYTES = 16;

// A refusal: its name, message, fix and code, all texts. The numbers follow `refusals` of message.ts; then come those that
// only a reader of bytes can have.
export const REFUSAL_NAME = 0;
export const REFUSAL_MESSAGE = 8;
export const REFUSAL_FIX = 16;
export const REFUSAL_CODE = 24;
export const REFUSAL_WORDS = 8;
export const REFUSAL_TOO_LARGE = 0;
export const REFUSAL_ILL_TYPED = 1;
export const REFUSAL_MASKED_PREDICATE = 2;
export const REFUSAL_LINEAGE_LOST = 3;
export const REFUSAL_OPAQUE = 4;
export const REFUSAL_UNGOVERNED = 5;
export const REFUSAL_EMPTY = 6;
export const REFUSAL_MALFORMED = 7;
export const REFUSAL_NO_INPUT = 8;
export const REFUSALS_COUNT = 9;

export const NAME_UNKNOWN = 0;
export const NAME_ITEMS = 1;
export const NAME_OPEN = 2;
export const NAME_ZONES = 3;
export const NAME_ACTIONS = 4;
export const NAME_TEXT = 5;
export const NAME_DIALECT = 6;
export const NAME_COMPLETE = 7;
export const NAME_REASONS = 8;
export const NAME_COLUMNS = 9;
export const NAME_NAME = 10;
export const NAME_SOURCES = 11;
export const NAME_CONNECTION = 12;
export const NAME_KIND = 13;
export const NAMES_COUNT = 14;

/** Greatest distance of a time zone from UTC, in minutes; `ZONE_OFFSET_MAX_MIN` of the facts. */
export const ZONE_OFFSET_MAX = 1_080;
/** A longer text is unknown, in bytes; `FACT_TEXT_SIZE_MAX` of the facts. */
export const FACT_TEXT_MAX = 4_096;
/** Limit: arrays and objects inside each other. Keeps the recursive reader far from the end of the host's stack. */
export const DEPTH_MAX = 64;

export const PIECE_RESULT_OPEN = 0;
export const PIECE_RESULT_CLOSE = 1;
export const PIECE_SET_OPEN = 2;
export const PIECE_SET_CLOSE = 3;
/** Start of a decision, by verdict. */
export const PIECE_VERDICT = 4;
export const PIECE_MUST = 7;
export const PIECE_MAY = 8;
export const PIECE_OBLIGATIONS = 9;
export const PIECE_COMPLETE = 10;
export const PIECE_INCOMPLETE = 11;
export const PIECE_MESSAGE = 12;
export const PIECE_FIX = 13;
export const PIECE_CODE = 14;
export const PIECE_END = 15;
export const PIECE_MASK = 16;
export const PIECE_MASK_INDEX = 17;
export const PIECE_MASK_NAME = 18;
export const PIECE_MASK_SOURCE = 19;
export const PIECE_MASK_TRANSFORM = 20;
export const PIECE_MASK_RULE = 21;
export const PIECE_APPROVAL = 22;
export const PIECE_APPROVAL_ALL = 23;
export const PIECE_APPROVAL_WITHIN = 24;
export const PIECE_APPROVAL_BINDING = 25;
export const PIECE_LIMIT = 26;
export const PIECE_LIMIT_ROWS = 27;
export const PIECE_LIMIT_TIME = 28;
export const PIECE_LIMIT_BYTES = 29;
export const PIECE_DETECT = 30;
/** Of messages. */
export const PIECE_NOT_UNDERSTOOD = 31;
export const PIECE_LIST_COMMA = 32;
export const PIECE_CLOSE = 33;
export const PIECE_OPEN = 34;
export const PIECE_BY_EXCEPTION = 35;
export const PIECE_NOTE_COMMA = 36;
export const PIECE_LIMITED_BY = 37;
/** What a default's verdict says, by verdict. */
export const PIECE_DEFAULT = 38;
export const PIECE_UNKNOWN_NAME = 41;
export const PIECE_INPUT = 42;
export const PIECE_FIELD_OPEN = 43;
export const PIECE_FIELD_CLOSE = 44;
export const PIECES_COUNT = 45;

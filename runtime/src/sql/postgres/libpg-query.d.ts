// The emscripten module behind each libpg-query package. We use it directly, because the package's own wrapper keeps
// one instance for ever, and an instance that has trapped must be replaced.
interface PgQueryModule {
  lengthBytesUTF8(text: string): number;
  stringToUTF8(text: string, address: number, bytes: number): void;
  UTF8ToString(address: number): string;
  getValue(address: number, type: "i32"): number;
  _malloc(bytes: number): number;
  _free(address: number): void;
  _wasm_parse_query_raw(text: number): number;
  _wasm_free_parse_result(result: number): void;
}

declare module "libpg-query/wasm/libpg-query.js" {
  export default function create(): Promise<PgQueryModule>;
}
declare module "libpg-query-17/wasm/libpg-query.js" {
  export default function create(): Promise<PgQueryModule>;
}
declare module "libpg-query-16/wasm/libpg-query.js" {
  export default function create(): Promise<PgQueryModule>;
}
declare module "libpg-query-15/wasm/libpg-query.js" {
  export default function create(): Promise<PgQueryModule>;
}

/**
 * The other target: a module that the SDKs of the Open Policy Agent load unchanged (spec/abi.md).
 *
 * In: the same lowered policy. Out: the same programs and tables, joined with a kernel that also reads JSON and writes JSON,
 * and with what that needs: the schemas of facts, and the pieces of text a decision is put together from. So both targets
 * decide by the same code; what differs is who lays the facts and who says what came out. `hpl.meta` goes along for whoever
 * wants to know what the module is; `hpl.map` does not, because positions are already in those texts.
 */
import { META_SECTION, packMeta } from "@hpl/runtime/abi";
import { opaKernelBase64 } from "@hpl/runtime/opa-kernel";
import type { CheckedPolicy } from "../../3-check/checked.js";
import type { LoweredPolicy } from "../../4-lower/lowered.js";
import { decodeBase64, describe, mapOf } from "../emit.js";
import { encodeOpaModule } from "./encode-opa-module.js";
import { writeOpaTables } from "./write-opa-tables.js";

/** The host brings memory; this many pages at least. */
const PAGES_MIN = 2;

export function emitOpa(lowered: LoweredPolicy, checked: CheckedPolicy): Uint8Array<ArrayBuffer> {
  const meta = describe(lowered, checked, PAGES_MIN);
  return encodeOpaModule({
    kernel: decodeBase64(opaKernelBase64),
    image: writeOpaTables(lowered, meta, mapOf(checked, lowered.exceptions)),
    custom: [{ name: META_SECTION, bytes: new TextEncoder().encode(JSON.stringify(packMeta(meta))) }],
  });
}

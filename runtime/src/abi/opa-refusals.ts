import { type Refusal, refusals, refusalTexts } from "./message.js";

/** Why a module for OPA's hosts refuses, which reads bytes where the engine is handed facts. In the order of their numbers. */
export const opaRefusals = [...refusals, "malformed", "no_input"] as const;
export type OpaRefusal = Refusal | "malformed" | "no_input";

export const opaRefusalTexts: Readonly<Record<OpaRefusal, (typeof refusalTexts)[Refusal]>> = {
  ...refusalTexts,
  malformed: {
    code: "HPL8009",
    message: "the input is not one JSON document that means the same to every reader",
    fix: "Send UTF-8 JSON with each name once, nothing behind it, and at most 64 levels.",
  },
  no_input: {
    code: "HPL8010",
    message: "there is no input",
    fix: "Give the request as the input; a host may drop one that is null, false, zero or empty.",
  },
};

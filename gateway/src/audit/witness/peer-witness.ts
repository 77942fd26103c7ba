import { noteSize_max, type WitnessPlace, witnessTimeout_ms } from "./witness.js";

/** The path under which a gateway keeps the checkpoints of `origin` for others: `hpl.audit/` and a part of the key's hash. */
export const witnessPath = (origin: string): string => `/witness/${origin.slice(origin.indexOf("/") + 1)}`;

/** Keeps checkpoints with another gateway, at the address of its metrics. */
export function peerWitness(url: string): WitnessPlace {
  const ask = async (origin: string, init: RequestInit): Promise<Response> => {
    const signal = AbortSignal.timeout(witnessTimeout_ms);
    return fetch(new URL(witnessPath(origin), url), { ...init, redirect: "error", signal });
  };
  return {
    name: new URL(url).origin,
    latest: async (origin) => {
      const response = await ask(origin, { method: "GET" });
      if (response.status === 204) return null;
      const text = await shortText(response);
      if (!response.ok) throw new Error(`it answered ${response.status}`);
      return text;
    },
    keep: async (origin, note) => {
      const response = await ask(origin, { method: "PUT", body: note });
      await response.body?.cancel();
      if (!response.ok) throw new Error(`it answered ${response.status}`);
    },
  };
}

/** The body, as far as a note can be long: what is longer is no note. */
async function shortText(response: Response): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > noteSize_max) break;
  }
  return text.slice(0, noteSize_max);
}

import { actionsOf, type Decision, type Policy, readRequest, refuseBadRequest } from "@hpl/runtime";

/**
 * What the input of a module for OPA's hosts means: each of its actions is what `hpl eval --ndjson` reads, with no front end
 * at hand, and they are decided together.
 */
export function decideNative(policy: Policy, input: Readonly<Record<string, unknown>>): Decision {
  const { actions, ...rest } = input;
  const asked = Array.isArray(actions) ? actions : [];
  const read = [{ text: "" }, ...asked].map((action) => readRequest({ ...rest, action }, null));
  for (const each of read) if (!each.ok) return refuseBadRequest(each.bad);
  const [context, ...requests] = read.flatMap((each) => (each.ok ? [each.request] : []));
  if (context === undefined) throw new Error("nothing was read");
  return policy.decide({
    ...context.context,
    actions: requests.flatMap((request) => actionsOf(request, {}).actions),
  });
}

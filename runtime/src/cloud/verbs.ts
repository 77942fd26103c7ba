/**
 * What a verb of a cloud's API does, by how clouds name their verbs: `describe-instances` reads, `terminate-instances`
 * deletes. A verb that fits nothing writes: that is never too little but for what reads a secret, which is listed.
 */
import type { CloudFacts } from "../facts/generated.js";

type ListItem<T> = T extends readonly (infer I)[] ? I : never;
export type CloudEffect = Extract<ListItem<CloudFacts["effects"]>, string>;

const reading =
  /^(?:get|list|ls|describe|show|head|lookup|search|check|test|validate|preview|estimate|scan|query|filter|wait|help|tail|diff|info|status|version|cat|stat|du|read|export-template|simulate|batch-get|account|account-show|print)(?:-|$)/;
const deleting =
  /^(?:delete|remove|rm|rb|terminate|destroy|purge|drop|deregister|disable|cancel|abort|stop|suspend|release|revoke|detach|disassociate|reset|reboot|undeploy|uninstall|deprovision|batch-delete|schedule-key-deletion|empty|decommission|shutdown|deallocate|prune|clear|mb-delete|reject)(?:-|$)/;
const granting =
  /(?:iam-policy|iam-policy-binding|add-iam|remove-iam|set-iam|-policy$|role-policy|user-policy|group-policy|permission|grant|access-key|login-profile|instance-profile|assume-role-policy|service-linked-role|role-assignment|make-public|^ch$|public-access-block|-acl$)/;
const identityServices =
  /^(?:iam|organizations|sso|sso-admin|identitystore|cognito-idp|ad|role|policy|access-context-manager|org-policies|resource-manager)$/;
const secretReading =
  /^(?:get-secret-value|batch-get-secret-value|access|get-parameter|get-parameters|get-parameters-by-path|get-session-token|get-federation-token|assume-role|get-login-password|get-authorization-token|get-credentials|print-access-token|print-identity-token|decrypt|list-keys|list-credentials|get-password-data|generate-data-key|get-access-token|export-credentials|show-connection-string|list-connection-strings|get-web-identity-token|describe-secret-value)$/;

/** What the verb of a service does. Names as the command line has them. */
export function effectsOf(service: string, verb: string): readonly CloudEffect[] {
  const isSecret =
    /(?:^| )(?:secrets?|keyvault)(?: |$)/.test(service) && /^(?:show|download|get|read|export)/.test(verb);
  if (/^(?:scan|download)(?:-|$)/.test(verb)) return isSecret ? ["read", "secret_read"] : ["read", "export"];
  if (isSecret || secretReading.test(verb)) return ["read", "secret_read"];
  if (reading.test(verb)) return ["read"];
  const effects: CloudEffect[] = [deleting.test(verb) ? "delete" : "write"];
  if (granting.test(verb) || service.split(" ").some((word) => identityServices.test(word))) effects.push("grant");
  if (/^(?:ssh|start-session|send-command|execute-command|run-command|invoke|exec|run|call)$/.test(verb))
    effects.push("exec");
  if (/^(?:export|extract|start-export-task|dump)/.test(verb)) effects.push("export");
  return effects;
}

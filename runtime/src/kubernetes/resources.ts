/**
 * Names of Kubernetes resources: `po`, `pod`, `pods.v1.` and `pods` are one thing, of one group, inside a namespace or not.
 * The list is of what a cluster has from the start; a name that is not on it is a custom resource, whose plural is as written.
 */

export interface Resource {
  readonly resource: string;
  readonly group: string;
  /** Null when nobody knows: a custom resource. */
  readonly namespaced: boolean | null;
}

/** A line each: plural, singular and short names, then the group; `!` marks those outside namespaces. */
const known = `
pods pod po
services service svc
configmaps configmap cm
secrets secret
serviceaccounts serviceaccount sa
persistentvolumeclaims persistentvolumeclaim pvc
replicationcontrollers replicationcontroller rc
endpoints endpoint ep
events event ev
limitranges limitrange limits
resourcequotas resourcequota quota
podtemplates podtemplate
bindings binding
!namespaces namespace ns
!nodes node no
!persistentvolumes persistentvolume pv
!componentstatuses componentstatus cs
deployments deployment deploy @apps
replicasets replicaset rs @apps
statefulsets statefulset sts @apps
daemonsets daemonset ds @apps
controllerrevisions controllerrevision @apps
jobs job @batch
cronjobs cronjob cj @batch
horizontalpodautoscalers horizontalpodautoscaler hpa @autoscaling
ingresses ingress ing @networking.k8s.io
networkpolicies networkpolicy netpol @networking.k8s.io
!ingressclasses ingressclass @networking.k8s.io
poddisruptionbudgets poddisruptionbudget pdb @policy
roles role @rbac.authorization.k8s.io
rolebindings rolebinding @rbac.authorization.k8s.io
!clusterroles clusterrole @rbac.authorization.k8s.io
!clusterrolebindings clusterrolebinding @rbac.authorization.k8s.io
!storageclasses storageclass sc @storage.k8s.io
!volumeattachments volumeattachment @storage.k8s.io
!customresourcedefinitions customresourcedefinition crd crds @apiextensions.k8s.io
!apiservices apiservice @apiregistration.k8s.io
!mutatingwebhookconfigurations mutatingwebhookconfiguration @admissionregistration.k8s.io
!validatingwebhookconfigurations validatingwebhookconfiguration @admissionregistration.k8s.io
!priorityclasses priorityclass pc @scheduling.k8s.io
!certificatesigningrequests certificatesigningrequest csr @certificates.k8s.io
!selfsubjectaccessreviews selfsubjectaccessreview @authorization.k8s.io
!selfsubjectrulesreviews selfsubjectrulesreview @authorization.k8s.io
!subjectaccessreviews subjectaccessreview @authorization.k8s.io
!selfsubjectreviews selfsubjectreview @authentication.k8s.io
!tokenreviews tokenreview @authentication.k8s.io
leases lease @coordination.k8s.io
endpointslices endpointslice @discovery.k8s.io
`;

const resources = new Map<string, Resource>(
  known
    .trim()
    .split("\n")
    .flatMap((line) => {
      const words = line.replace("!", "").split(" ");
      const group = words.find((word) => word.startsWith("@"))?.slice(1) ?? "";
      const names = words.filter((word) => !word.startsWith("@"));
      const resource = { resource: names[0] ?? "", group, namespaced: !line.startsWith("!") };
      return names.map((name) => [name, resource] as const);
    }),
);

/** What `kubectl get all` means. */
export const allResources = [
  "pods",
  "services",
  "deployments",
  "replicasets",
  "statefulsets",
  "daemonsets",
  "jobs",
  "cronjobs",
  "replicationcontrollers",
  "horizontalpodautoscalers",
] as const;

/** The resource a name means, as kubectl reads it: `deploy`, `deployments.apps`, `deployments.v1.apps`. */
export function resourceOf(written: string): Resource {
  const [name = "", ...rest] = written.toLowerCase().split(".");
  const found = resources.get(name);
  const group = (/^v\d/.test(rest[0] ?? "") ? rest.slice(1) : rest).join(".");
  if (found !== undefined && (rest.length === 0 || group === found.group)) return found;
  return { resource: name, group, namespaced: null };
}

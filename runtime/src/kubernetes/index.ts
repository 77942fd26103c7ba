export { effectOf, type KubernetesCall, readApiPath } from "./request.js";
export { allResources, type Resource, resourceOf } from "./resources.js";
export { analyseKubernetes } from "./wire.js";

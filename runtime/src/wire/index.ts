/**
 * @hpl/runtime/wire: requests as they go over a wire, to actions with facts.
 *
 * In: a request to a Kubernetes API server, an HTTP request, the commands of a `git push`, a Redis or MongoDB command, a
 * BigQuery job; as plain objects and bytes, read by whoever holds the connection. Out: the actions that a command line for the
 * same would give, each by the model of its own system. Texts in another language (the SQL of a job, the arguments of an
 * `exec`) are handed back for the judge. Absent: sockets, framing, bodies in pieces.
 */
import { analyseBigQueryJob } from "../cloud/index.js";
import type { WireAnalysis, WireFrontEnd } from "../facts/front-end.js";
import type { WireRequest } from "../facts/wire.js";
import { analyseReceivePack } from "../git/index.js";
import { analyseHttp } from "../http/index.js";
import { analyseKubernetes, readApiPath } from "../kubernetes/index.js";
import { analyseMongo } from "../mongo/index.js";
import { analyseRedis } from "../redis/index.js";

export { analyseBigQueryJob, analyseHttp, analyseKubernetes, analyseMongo, analyseReceivePack, analyseRedis };

/** Total: what is nested deeper than the stack is one opaque action. */
export const wireFrontEnd: WireFrontEnd = {
  analyse(wire) {
    try {
      return analyse(wire);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      const family = wire.kind === "bigquery" ? "cloud" : wire.kind;
      return { actions: [{ family, opaque: true, reasons: ["too_deep"] }] };
    }
  },
};

function analyse(wire: WireRequest): WireAnalysis {
  switch (wire.kind) {
    case "k8s":
      return analyseKubernetes(wire.request);
    case "http":
      return withCluster(wire);
    case "git":
      return analyseReceivePack(wire.push);
    case "redis":
      return analyseRedis(wire.command);
    case "mongo":
      return analyseMongo(wire.command, wire.database);
    case "bigquery":
      return analyseBigQueryJob(wire.job);
    default:
      return unreachable(wire);
  }
}

/** A request that has the path of a cluster's API is one to a cluster, too, as `curl` to it is. */
function withCluster({ request }: Extract<WireRequest, { kind: "http" }>): WireAnalysis {
  const { actions } = analyseHttp(request);
  const [, path = "", query = ""] = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*(\/[^?#]*)(?:\?([^#]*))?/i.exec(request.url) ?? [];
  if (readApiPath(request.method, path, query) === null) return { actions };
  const { actions: calls, ...found } = analyseKubernetes({ ...request, path, query });
  return { actions: [...actions, ...calls.map((call) => ({ ...call, parent: 0 }))], ...found };
}

const unreachable = (value: never): never => {
  throw new Error(`HPL9001: ${JSON.stringify(value)}`);
};

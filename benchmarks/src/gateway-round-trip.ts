/** A query's round trip through the gateway beside the same query sent to the server directly. */
import pg from "pg";
import type { Bench, Findings, GoalCheck, RunSize, Table } from "./bench.js";
import { type Database, type Endpoint, startDatabase } from "./gateway/database.js";
import { type GatewayUnderLoad, openGateway } from "./gateway/open-gateway.js";
import { isInstalled, type Latency, runPgbench } from "./gateway/pgbench.js";
import { checkAnswer, type Path, seed, type Workload, workloads } from "./gateway/workloads.js";
import { quantile } from "./meter.js";
import { ratio, shown } from "./report.js";

/**
 * Counts are of queries. Blocks go in turns, direct then gateway, after a block of each that is not counted: code that V8 has
 * not optimized yet costs twice as much.
 */
const sizes = {
  full: { blocks: 8, short_count: 250, short_warm_up: 2_500, long_count: 4, long_warm_up: 12, pgbench_count: 3_000 },
  tiny: { blocks: 1, short_count: 4, short_warm_up: 1, long_count: 1, long_warm_up: 0, pgbench_count: 5 },
} as const;

export const gatewayRoundTrip: Bench = {
  name: "gateway-round-trip",
  question: "What does the gateway add to a query, decision, audit and masks included?",
  goal: "CPU per query at most 3 times pgbouncer's for simple queries, 2.2 times for prepared ones.",
  worst_case: "A text never seen before, for its parse; a large result with a masked column, for its rows.",
  run,
};

async function run(size: RunSize): Promise<Findings> {
  const database = await startDatabase(seed);
  if (database === null) return { tables: [], goals: [], notes: ["not measured: no real PostgreSQL runs here"] };
  try {
    const gateway = await openGateway(size, database.endpoint);
    try {
      return await runAll(size, database, gateway);
    } finally {
      await gateway.stop();
    }
  } finally {
    await database.stop();
  }
}

async function runAll(size: RunSize, database: Database, gateway: GatewayUnderLoad): Promise<Findings> {
  const measured = await runWorkloads(size, database, gateway);
  const pgbench = isInstalled("pgbench") ? await pgbenchTable(size, database.endpoint, gateway.endpoint) : null;
  return {
    tables: [roundTripTable(measured), ...(pgbench === null ? [] : [pgbench])],
    goals: goalsOf(measured),
    notes: [
      "Client, gateway and server are three processes on the same cores; direct and gateway run in turns.",
      ...(pgbench === null ? ["pgbench: not measured: not installed."] : []),
      isInstalled("pgbouncer")
        ? "pgbouncer: installed, but not measured: this run has no set-up for it."
        : "pgbouncer: not measured: not installed.",
    ],
  };
}

async function runWorkloads(
  size: RunSize,
  database: Database,
  gateway: GatewayUnderLoad,
): Promise<readonly Measured[]> {
  const clients = { direct: await connect(database.endpoint), gateway: await connect(gateway.endpoint) };
  try {
    const measured = [];
    for (const workload of workloads) measured.push(await runWorkload(size, workload, clients, gateway));
    return measured;
  } finally {
    await Promise.all([clients.direct.end(), clients.gateway.end()]);
  }
}

async function connect({ host, port, user, password, database }: Endpoint): Promise<pg.Client> {
  const client = new pg.Client({ host, port, user, password, database });
  await client.connect();
  return client;
}

interface Measured {
  readonly workload: Workload;
  readonly direct: Latency;
  readonly gateway: Latency;
  readonly gateway_cpu_us: number;
}

async function runWorkload(
  size: RunSize,
  workload: Workload,
  clients: Readonly<Record<Path, pg.Client>>,
  gateway: GatewayUnderLoad,
): Promise<Measured> {
  const { blocks, short_count, short_warm_up, long_count, long_warm_up } = sizes[size];
  const [count, warmUp] = workload.rows_count > 1 ? [long_count, long_warm_up] : [short_count, short_warm_up];
  await runBlock(workload, clients.direct, "direct", 0, warmUp);
  await runBlock(workload, clients.gateway, "gateway", 0, warmUp);
  const samples: Record<Path, number[]> = { direct: [], gateway: [] };
  let cpu_us = 0;
  for (let block = 0; block < blocks; block++) {
    const first = warmUp + block * count;
    samples.direct.push(...(await runBlock(workload, clients.direct, "direct", first, count)));
    const before = await gateway.cpu_us();
    samples.gateway.push(...(await runBlock(workload, clients.gateway, "gateway", first, count)));
    cpu_us += (await gateway.cpu_us()) - before;
  }
  const [direct, through] = [latencyOf(samples.direct), latencyOf(samples.gateway)];
  return { workload, direct, gateway: through, gateway_cpu_us: cpu_us / samples.gateway.length };
}

/** Microseconds of each query. Every answer is checked, outside the time. */
async function runBlock(
  workload: Workload,
  client: pg.Client,
  path: Path,
  first: number,
  count: number,
): Promise<readonly number[]> {
  const times_us: number[] = [];
  for (let i = first; i < first + count; i++) {
    const query = workload.query(i);
    const started = performance.now();
    const { rows } = await client.query(query);
    times_us.push((performance.now() - started) * 1_000);
    checkAnswer(workload, i, path, rows);
  }
  return times_us;
}

const latencyOf = (samples_us: readonly number[]): Latency => ({
  p50_us: quantile(samples_us, 0.5),
  p99_us: quantile(samples_us, 0.99),
});

function roundTripTable(measured: readonly Measured[]): Table {
  const rows = measured.map(({ workload, direct, gateway, gateway_cpu_us }) => [
    workload.name,
    direct.p50_us,
    gateway.p50_us,
    ratio(gateway.p50_us, direct.p50_us),
    direct.p99_us,
    gateway.p99_us,
    ratio(gateway.p99_us, direct.p99_us),
    gateway_cpu_us,
  ]);
  const columns = ["query", "direct p50 µs", "gateway p50 µs", "ratio", "direct p99 µs", "gateway p99 µs", "ratio"];
  return { title: "npm pg, one connection", columns: [...columns, "gateway CPU µs a query"], rows };
}

/** The same by a client that costs next to nothing itself; the better of two runs each. */
async function pgbenchTable(size: RunSize, direct: Endpoint, gateway: Endpoint): Promise<Table> {
  const count = sizes[size].pgbench_count;
  const rows = [];
  for (const mode of ["simple", "prepared"] as const) {
    const a = await bestOfTwo(() => runPgbench(direct, mode, count));
    const b = await bestOfTwo(() => runPgbench(gateway, mode, count));
    rows.push([mode, a.p50_us, b.p50_us, ratio(b.p50_us, a.p50_us), a.p99_us, b.p99_us]);
  }
  const columns = ["protocol", "direct p50 µs", "gateway p50 µs", "ratio", "direct p99 µs", "gateway p99 µs"];
  return { title: "pgbench, one client, by key, texts seen before", columns, rows };
}

async function bestOfTwo(measureOnce: () => Promise<Latency>): Promise<Latency> {
  const [first, second] = [await measureOnce(), await measureOnce()];
  return first.p50_us <= second.p50_us ? first : second;
}

/** The goals are multiples of pgbouncer's own CPU, which only a run with pgbouncer beside knows. */
const goalsOf = (measured: readonly Measured[]): readonly GoalCheck[] =>
  measured.flatMap(({ workload, gateway_cpu_us }) =>
    workload.goal === null
      ? []
      : [
          {
            what: `gateway CPU a query, ${workload.name}`,
            goal: workload.goal,
            found: `${shown(gateway_cpu_us)} µs`,
            is_met: null,
          },
        ],
  );

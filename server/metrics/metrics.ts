import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/** What a gauge shows, asked when somebody reads it. */
export type Gauges = {
  /** Seconds since the newest block that the gateway has seen was made. */
  readonly headAge: () => number;
  readonly followerLag: () => number;
  readonly appended: () => number;
  readonly anchored: () => number;
  readonly oldestWait: () => number;
};

/** Numbers for Prometheus. None of them names a consumer, an agreement or a statement. */
export type Metrics = {
  /** Counts one answered request: why it was refused, or that it was permitted. */
  readonly decided: (outcome: string, reason: string | null) => void;
  /** The same function, its duration measured as one stage of the line. */
  readonly timed: <A extends readonly unknown[], T>(
    stage: string,
    work: (...args: A) => Promise<T>,
  ) => (...args: A) => Promise<T>;
  readonly text: () => Promise<string>;
  readonly contentType: string;
};

const gaugeTexts: Readonly<Record<keyof Gauges, readonly [string, string]>> = {
  headAge: ["datapact_chain_head_age_seconds", "Age of the newest block seen"],
  followerLag: ["datapact_follower_lag_blocks", "Blocks that the read model is behind"],
  appended: ["datapact_journal_entries", "Entries appended"],
  anchored: ["datapact_anchored_entries", "Entries covered by a head on chain"],
  oldestWait: ["datapact_anchor_backlog_age_seconds", "How long the oldest entry that is not anchored has waited"],
};

export function createMetrics(gauges: Gauges): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  for (const [name, [metric, help]] of Object.entries(gaugeTexts) as [keyof Gauges, readonly [string, string]][]) {
    const gauge: Gauge = new Gauge({ name: metric, help, registers, collect: () => gauge.set(gauges[name]()) });
  }
  const backlog: Gauge = new Gauge({
    name: "datapact_anchor_backlog_entries",
    help: "Entries that are not anchored",
    registers,
    collect: () => backlog.set(gauges.appended() - gauges.anchored()),
  });
  const decisions = new Counter({
    name: "datapact_decisions_total",
    help: "Answered requests",
    labelNames: ["outcome", "reason"],
    registers,
  });
  const stages = new Histogram({
    name: "datapact_stage_seconds",
    help: "Duration of each stage of the line",
    labelNames: ["stage", "ok"],
    buckets: [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60],
    registers,
  });
  return Object.freeze<Metrics>({
    decided: (outcome, reason) => decisions.inc({ outcome, reason: reason ?? "None" }),
    timed:
      (stage, work) =>
      async (...args) => {
        const started = performance.now();
        const note = (ok: string): void => stages.observe({ stage, ok }, (performance.now() - started) / 1_000);
        try {
          const result = await work(...args);
          note("true");
          return result;
        } catch (error) {
          note("false");
          throw error;
        }
      },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  });
}

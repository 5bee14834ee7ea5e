/** The value below which a share of the samples lies; samples in any order. */
export function quantile(samples: readonly number[], share: number): number {
  const ascending = [...samples].sort((one, other) => one - other);
  return ascending[Math.min(ascending.length - 1, Math.floor(ascending.length * share))] ?? Number.NaN;
}

/** To three significant figures, so that a printed figure does not promise more than one run can tell. */
export const figure = (value: number): number => Number(value.toPrecision(3));

/** Throughput a second and latencies in milliseconds. */
export type Load = { readonly perSecond: number; readonly p50: number; readonly p99: number };

export function loadOf(latencies: readonly number[], elapsedMs: number): Load {
  return {
    perSecond: figure((latencies.length / elapsedMs) * 1_000),
    p50: figure(quantile(latencies, 0.5)),
    p99: figure(quantile(latencies, 0.99)),
  };
}

/** Unix seconds as RFC 3339 in UTC. What lies beyond the last year that can be written is written as that year's end. */
export function toTime(seconds: number | string): string {
  const latest = 8_640_000_000_000;
  return new Date(Math.min(Number(seconds), latest) * 1_000).toISOString().replace(".000Z", "Z");
}

export function toTimeOrNull(seconds: number | string | null): string | null {
  return seconds === null ? null : toTime(seconds);
}

/** One record of PostgreSQL's own log, as far as it tells. `time` is unix milliseconds. */
export type LogRecord = {
  readonly time: number;
  readonly user: string | undefined;
  readonly database: string | undefined;
  readonly application: string | undefined;
  /** What is told of one connection alone: its session id, or its process. */
  readonly session: string | undefined;
  readonly message: string;
  /** What the record adds: the text of a statement that was prepared by name, parameters. */
  readonly detail: string;
};

/** Thrown when a file is not a log in the form that it was taken for. */
export class LogUnreadable extends Error {
  override readonly name = "LogUnreadable";
}

/** Reads a time of the log. Times must bear their zone: those in a local zone's name are of one clock hour or another. */
export function readLogTime(text: string): number {
  const zoned = text
    .replace(/ (UTC|GMT)$/, "Z")
    .replace(" ", "T")
    .replace(/ ([+-]\d{2}):?(\d{2})?$/, (_, hours: string, minutes = "00") => `${hours}:${minutes}`);
  const time = Date.parse(zoned);
  if (!/Z$|[+-]\d{2}(:?\d{2})?$/.test(zoned) || Number.isNaN(time))
    throw new LogUnreadable(`the time "${text}" is not in UTC: set log_timezone = 'UTC'`);
  return time;
}

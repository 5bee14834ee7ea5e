import { type LogRecord, LogUnreadable, readLogTime } from "./logRecord.ts";

type Line = Omit<LogRecord, "detail"> & { readonly level: string };

const escapes: Readonly<Record<string, string>> = {
  m: "(?<time>\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d+ [A-Z]+|\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d+ [+-]\\d+)",
  t: "(?<time>\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d (?:[A-Z]+|[+-]\\d+))",
  n: "(?<epoch>\\d+\\.\\d+)",
  u: "(?<user>[^\\s,@|=\\]]*)",
  d: "(?<database>[^\\s,@|=\\]]*)",
  a: "(?<application>.*?)",
  p: "(?<process>\\d+)",
  c: "(?<session>[0-9a-f]+\\.[0-9a-f]+)",
};
/** What else may stand in a prefix tells us nothing. */
const others = /^[rhbPlsvxeiQLS%]$/;

/** Makes the reader of lines that begin with a `log_line_prefix`. Throws `LogUnreadable` if it tells no time. */
export function readPrefix(prefix: string): (line: string) => Line | undefined {
  let isOptional = false;
  const seen = new Set<string>();
  const parts = prefix.replace(/%-?\d*(\w|%)|[\s\S]/g, (part, name: string | undefined) => {
    if (name === "q") {
      isOptional = true;
      return "(?:";
    }
    if (name === undefined) return part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    if (name === "%") return "%";
    const known = escapes[name];
    if (known === undefined && !others.test(name))
      throw new LogUnreadable(`log_line_prefix has an escape that is not known: %${name}`);
    // the same again must say the same
    if (known === undefined || seen.has(name)) return ".*?";
    seen.add(name);
    return known;
  });
  if (!["m", "t", "n"].some((name) => seen.has(name)))
    throw new LogUnreadable("log_line_prefix tells no time: it needs %m, %t or %n");
  const pattern = new RegExp(`^${parts}${isOptional ? ")?" : ""}(?<level>[A-Z]+\\d?):  (?<message>.*)$`);
  return (line) => {
    const found = pattern.exec(line)?.groups;
    if (found === undefined) return undefined;
    const { time, epoch, user, database, application, session, process, level = "", message = "" } = found;
    return {
      time: time === undefined ? Math.round(Number(epoch) * 1_000) : readLogTime(time),
      user,
      database,
      application,
      session: session ?? process,
      level,
      message,
    };
  };
}

/** What a log may say of an error: its class and sentence, never values of the data or text of a query. */
export function describeError(error: unknown): { name: string; message: string; code?: unknown; cause?: unknown } {
  if (!(error instanceof Error)) return { name: "unknown", message: "not an error" };
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  const fromDatabase = "severity" in error;
  return {
    name: error.name,
    message: fromDatabase ? "the database refused the statement" : error.message.slice(0, 500),
    ...(typeof code === "string" ? { code } : {}),
    ...(cause === undefined ? {} : { cause: describeError(cause) }),
  };
}

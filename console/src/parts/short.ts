/** An id or digest as it can be read and told from others. */
export const short = (value: string): string =>
  value.length > 20 ? `${value.slice(0, 10)}…${value.slice(-4)}` : value;

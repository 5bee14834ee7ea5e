/** Thrown when an answer is larger than anything that was asked for. */
export class AnswerTooLarge extends Error {
  override readonly name = "AnswerTooLarge";
}

/**
 * `fetch` for addresses whose owner is not trusted: takes no redirects, which could lead into the own network, and no more bytes than it
 * is given room for.
 */
export function createBoundedFetch(mostBytes: number): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, { ...init, redirect: "error" });
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of response.body ?? []) {
      size += (chunk as Uint8Array).length;
      if (size > mostBytes) throw new AnswerTooLarge(`the answer is larger than ${mostBytes} bytes`);
      chunks.push(chunk as Uint8Array);
    }
    const { status, statusText, headers } = response;
    return new Response(status === 204 ? null : Buffer.concat(chunks), { status, statusText, headers });
  };
}

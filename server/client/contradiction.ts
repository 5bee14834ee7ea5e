/** Thrown when the events that a node shows are not those of the state that it shows: it hides some, or invents them. */
export class NodeContradicted extends Error {
  override readonly name = "NodeContradicted";
}

/** A node may show a block before it finds the logs in it. */
const mostTries = 4;
const pauseMs = 250;

/** What events tell, and what in the contract's state speaks against it; undefined if nothing does. */
export type Compared<T> = { readonly told: T; readonly problem: string | undefined };

/** Reads what events tell until the state bears it out. Throws `NodeContradicted` if it never does. */
export async function readBorneOut<T>(read: () => Promise<Compared<T>>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    const { told, problem } = await read();
    if (problem === undefined) return told;
    if (tries === mostTries) throw new NodeContradicted(`the node contradicts itself: ${problem}`);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

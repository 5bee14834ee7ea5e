import { useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from "react";
import { ApiProblem } from "../../../server/api/client.ts";
import type { Output } from "../../../server/api/routes.ts";
import { client } from "../api/client.ts";
import { readPreference, writePreference } from "../parts/preference.ts";
import { type Connection, findConnected } from "../wallet/connect.ts";
import { demoWallets } from "../wallet/demo.ts";
import { discoverWallets } from "../wallet/discover.ts";
import type { Wallet } from "../wallet/eip1193.ts";

export type Session = Output<"session">;

type Present = {
  /** Undefined while nobody is signed in. */
  readonly session: Session | undefined;
  /** Whether it is still asked who is signed in. */
  readonly isPending: boolean;
  readonly wallets: readonly Wallet[];
  /** Whether it is still looked for which wallet acts. */
  readonly isConnecting: boolean;
  /** The wallet that acts; undefined if none is connected. */
  readonly connection: Connection | undefined;
  readonly connected: (connection: Connection | undefined) => void;
  readonly signedIn: (session: Session) => void;
  readonly signOut: () => Promise<void>;
};

const Context = createContext<Present | undefined>(undefined);

/** Knows who is signed in, and which wallets are there. */
export function SessionProvider({ children }: { readonly children: ReactNode }) {
  const queries = useQueryClient();
  const wallets = useWallets();
  const [connection, setConnection] = useState<Connection>();
  const asked = useQuery({ queryKey: ["session"], queryFn: askSession, refetchInterval: 60_000, retry: false });
  const session = asked.data ?? undefined;
  const key = session?.key;

  const [lookedFor, setLookedFor] = useState<string>();
  const areThere = wallets !== undefined;

  useEffect(() => {
    if (key === undefined || connection?.address === key || wallets === undefined) return;
    let isCurrent = true;
    void findConnected(wallets, key).then((found) => {
      if (!isCurrent) return;
      if (found !== undefined) setConnection(found);
      setLookedFor(key);
    });
    return () => {
      isCurrent = false;
    };
  }, [key, wallets, connection]);
  const isConnecting = key !== undefined && connection?.address !== key && (!areThere || lookedFor !== key);

  const signedIn = useCallback(
    (opened: Session) => {
      writePreference("session", "open");
      queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== "session" && isPrivate(queryKey[0]) });
      queries.setQueryData(["session"], opened);
    },
    [queries],
  );
  const signOut = useCallback(async () => {
    try {
      await client.signOut();
    } finally {
      writePreference("session", "none");
      setConnection(undefined);
      queries.clear();
      queries.setQueryData(["session"], null);
    }
  }, [queries]);

  const present = useMemo<Present>(
    () => ({
      session,
      isPending: asked.isPending,
      wallets: wallets ?? noWallets,
      isConnecting,
      connection: connection?.address === key ? connection : undefined,
      connected: setConnection,
      signedIn,
      signOut,
    }),
    [session, asked.isPending, wallets, isConnecting, connection, key, signedIn, signOut],
  );
  return <Context.Provider value={present}>{children}</Context.Provider>;
}

export function useSession(): Present {
  const present = useContext(Context);
  if (present === undefined) throw new Error("a session is asked for outside its provider");
  return present;
}

/** Asks only where a session was opened from this browser: whoever never signed in is nobody. */
async function askSession(): Promise<Session | null> {
  if (readPreference("session") !== "open") return null;
  try {
    return await client.session();
  } catch (error) {
    if (!(error instanceof ApiProblem) || (error.status !== 401 && error.status !== 403)) throw error;
    writePreference("session", "none");
    return null;
  }
}

/** Answers that depend on who asks. */
function isPrivate(name: unknown): boolean {
  return typeof name === "string" && /^(entr|finding|export)/.test(name);
}

const noWallets: readonly Wallet[] = [];

/** The wallets that are there; undefined until those of the demo were asked for. Others may turn up at any time. */
function useWallets(): readonly Wallet[] | undefined {
  const [demo, setDemo] = useState<readonly Wallet[]>();
  const [own, setOwn] = useState<readonly Wallet[]>(noWallets);
  useEffect(() => {
    void demoWallets().then(setDemo, () => setDemo(noWallets));
    return discoverWallets((wallet) =>
      setOwn((known) => (known.some(({ id }) => id === wallet.id) ? known : [...known, wallet])),
    );
  }, []);
  return useMemo(() => demo && [...own, ...demo], [own, demo]);
}

import { createClient } from "../../server/api/client.ts";
import { type Breach, fileChallenge } from "../../server/client/challenges.ts";
import { type CheckedReceipt, checkReceipts } from "../../server/client/checkReceipts.ts";
import { openReceiptStore, type ReceiptStore } from "../../server/client/receiptStore.ts";
import { type KeptAnswer, useData } from "../../server/client/useData.ts";
import type { AgreementId } from "../../server/domain/ids.ts";
import type { Gateway } from "../../server/gateway/startGateway.ts";
import { makeFolder } from "../support/folder.ts";
import { sign, type TestSpace } from "../support/space.ts";

/** A consumer who uses data as `datapact query` does, and checks as `datapact receipts check` does. */
export type TestConsumer = {
  readonly folder: string;
  readonly store: ReceiptStore;
  readonly ask: () => Promise<KeptAnswer>;
  readonly check: () => Promise<CheckedReceipt[]>;
  /** Proves the first broken promise on chain, in one transaction. */
  readonly prove: () => Promise<Breach>;
};

type Asked = Pick<Gateway, "id" | "url">;

export function createTestConsumer(
  space: TestSpace,
  gateway: Asked,
  agreement: AgreementId,
  folder = makeFolder("consumer"),
): TestConsumer {
  const store = openReceiptStore(folder);
  const chain = space.founded.space;
  const client = createClient(gateway.url, fetch, 5_000);
  const check = (): Promise<CheckedReceipt[]> =>
    checkReceipts(chain, store, ({ index }) => client.proof({ index: String(index) }).catch(() => undefined));
  return {
    folder,
    store,
    ask: () => useData(chain, store, client, gateway.url, sign(space, gateway as Gateway, agreement)),
    check,
    prove: async () => {
      const challenge = (await check()).flatMap(({ judged }) => judged.challenge ?? [])[0];
      if (challenge === undefined) throw new Error("nothing is proven");
      return fileChallenge(chain, space.founded.wallet("insurer"), challenge);
    },
  };
}

import { useQuery } from "@tanstack/react-query";
import { Flex } from "antd";
import { Link, useSearchParams } from "wouter";
import { ApiProblem } from "../../../server/api/client.ts";
import { client } from "../api/client.ts";
import { type Tell, useText } from "../language/language.tsx";
import { Answered } from "../parts/Answered.tsx";
import { Badge } from "../parts/Badge.tsx";
import { Page } from "../parts/Page.tsx";
import { Section } from "../parts/Section.tsx";
import { Told } from "../parts/Told.tsx";

type Hit = { readonly kind: string; readonly path: string; readonly name: string };

/** What an id or a part of a name leads to. */
export function SearchPage() {
  const tell = useText();
  const [parameters] = useSearchParams();
  const text = (parameters.get("q") ?? "").trim().slice(0, 128);
  const hits = useQuery({ queryKey: ["search", text, tell], queryFn: () => find(text, tell), retry: false });
  return (
    <Page title={tell("search.title")}>
      <Section title={tell("search.for", { text })}>
        <Answered of={hits}>
          {(found) => (
            <Flex vertical gap="middle" component="ul" className="plain">
              {found.length === 0 && <li>{tell("search.nothing")}</li>}
              {found.map(({ kind, path, name }) => (
                <li key={path}>
                  <Badge>{kind}</Badge>{" "}
                  <Link href={path}>
                    <Told of={name} />
                  </Link>
                </li>
              ))}
            </Flex>
          )}
        </Answered>
      </Section>
    </Page>
  );
}

async function find(text: string, tell: Tell): Promise<readonly Hit[]> {
  if (text === "") return [];
  return /^0x[0-9a-f]{64}$/i.test(text) ? findId(text.toLowerCase(), tell) : findText(text, tell);
}

async function findId(id: string, tell: Tell): Promise<readonly Hit[]> {
  const asked = { id: id as never };
  const [agreement, dataset, participant] = await Promise.all([
    unlessMissing(client.agreement(asked)),
    unlessMissing(client.dataset(asked)),
    unlessMissing(client.participant(asked)),
  ]);
  return [
    ...(agreement ? [agreementHit(agreement.agreement, tell)] : []),
    ...(dataset ? [{ kind: tell("agreements.dataset"), path: `/datasets/${id}`, name: dataset.dataset.title }] : []),
    ...(participant
      ? [{ kind: tell("shell.participants"), path: `/participants/${id}`, name: participant.participant.name }]
      : []),
  ];
}

async function findText(text: string, tell: Tell): Promise<readonly Hit[]> {
  const asked = { text, limit: "20" };
  const [agreements, datasets, participants] = await Promise.all([
    client.agreements(asked),
    client.datasets(asked),
    client.participants(asked),
  ]);
  return [
    ...participants.items.map(({ id, name }) => ({
      kind: tell("shell.participants"),
      path: `/participants/${id}`,
      name,
    })),
    ...datasets.items.map(({ id, title }) => ({
      kind: tell("agreements.dataset"),
      path: `/datasets/${id}`,
      name: title,
    })),
    ...agreements.items.map((agreement) => agreementHit(agreement, tell)),
  ];
}

type AgreementNames = {
  readonly id: string;
  readonly assignee: { readonly name: string };
  readonly dataset: { readonly name: string };
};

function agreementHit({ id, assignee, dataset }: AgreementNames, tell: Tell): Hit {
  const name = tell("agreement.title", { assignee: assignee.name, dataset: dataset.name });
  return { kind: tell("agreements.agreement"), path: `/agreements/${id}`, name };
}

async function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 404) return undefined;
    throw error;
  }
}

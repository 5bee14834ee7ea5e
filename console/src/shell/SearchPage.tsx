import { useQuery } from "@tanstack/react-query";
import { Flex } from "antd";
import { Link, useSearchParams } from "wouter";
import { useFormat } from "../language/format.ts";
import { useText } from "../language/language.tsx";
import { Answered } from "../parts/Answered.tsx";
import { Badge } from "../parts/Badge.tsx";
import { Page } from "../parts/Page.tsx";
import { Section } from "../parts/Section.tsx";
import { Told } from "../parts/Told.tsx";
import { useSession } from "../session/SessionProvider.tsx";
import { find } from "./find.ts";

/** What an id, a digest, the number of an entry or a part of a name leads to. */
export function SearchPage() {
  const tell = useText();
  const { number } = useFormat();
  const { session, isPending } = useSession();
  const [parameters] = useSearchParams();
  const text = (parameters.get("q") ?? "").trim().slice(0, 128);
  const hits = useQuery({
    queryKey: ["search", text, tell, session?.key],
    queryFn: () => find(text, { session, tell, number }),
    enabled: !isPending,
    retry: false,
    // to look for an entry may be a reading, which is an entry itself: none happens by itself
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });
  return (
    <Page title={tell("search.title")}>
      <Section title={tell("search.for", { text })}>
        <Answered of={hits}>
          {(found) => (
            <Flex vertical gap="middle" component="ul" className="plain">
              {found.length === 0 && <li>{tell("search.nothing")}</li>}
              {found.map(({ kind, path, name, note }) => (
                <li key={`${kind}${path ?? name}`}>
                  <Badge>{kind}</Badge>{" "}
                  {path === undefined ? (
                    <Told of={name} />
                  ) : (
                    <Link href={path}>
                      <Told of={name} />
                    </Link>
                  )}
                  {note !== undefined && <div className="quiet">{note}</div>}
                </li>
              ))}
            </Flex>
          )}
        </Answered>
      </Section>
    </Page>
  );
}

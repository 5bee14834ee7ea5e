import { Button, Flex, Result } from "antd";
import type { ReactNode } from "react";
import { Link } from "wouter";
import type { Role } from "../../../server/domain/roles.ts";
import { useFormat } from "../language/format.ts";
import { useText } from "../language/language.tsx";
import { Loading } from "../parts/Loading.tsx";
import { Account } from "./Account.tsx";
import { type Session, useSession } from "./SessionProvider.tsx";

type Props = { readonly roles?: readonly Role[]; readonly children: (session: Session) => ReactNode };

/** Shows something to participants who are signed in, in one of these roles if any are named; tells others what they need. */
export function For({ roles, children }: Props) {
  const tell = useText();
  const { list } = useFormat();
  const { session, isPending, signOut } = useSession();
  if (isPending) return <Loading />;
  if (session === undefined)
    return (
      <Result
        status="info"
        title={tell("session.needed")}
        subTitle={tell("session.needed.advice")}
        extra={<Account />}
      />
    );
  if (roles === undefined || roles.some((role) => session.roles.includes(role))) return <>{children(session)}</>;
  return (
    <Result
      status="warning"
      title={tell("session.roleNeeded", { roles: list(roles.map((role) => tell(`role.${role}`))) })}
      subTitle={tell("session.roleNeeded.advice", { name: session.participant.name })}
      extra={
        <Flex gap="middle" justify="center" align="center">
          <Button type="primary" onClick={() => void signOut()}>
            {tell("session.signOut")}
          </Button>
          <Link href="/">{tell("shell.home")}</Link>
        </Flex>
      }
    />
  );
}

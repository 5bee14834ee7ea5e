import { LoginOutlined, LogoutOutlined } from "@ant-design/icons";
import { Button, Flex, Tooltip } from "antd";
import { lazy, Suspense, useState } from "react";
import { Link } from "wouter";
import { useText } from "../language/language.tsx";
import { Told } from "../parts/Told.tsx";
import { useSession } from "./SessionProvider.tsx";

const SignIn = lazy(async () => ({ default: (await import("./SignIn.tsx")).SignIn }));

/** Who is signed in, and the way in and out. */
export function Account() {
  const tell = useText();
  const { session, signOut } = useSession();
  const [isOpen, setOpen] = useState(false);
  if (session !== undefined)
    return (
      <Flex align="center" gap="small" style={{ minWidth: 0 }}>
        <Link href={`/participants/${session.participant.id}`} className="account">
          <Told of={session.participant.name} />
        </Link>
        <Tooltip title={tell("session.signOut")}>
          <Button
            icon={<LogoutOutlined aria-hidden />}
            aria-label={tell("session.signOut")}
            style={{ flex: "none" }}
            onClick={() => void signOut()}
          />
        </Tooltip>
      </Flex>
    );
  return (
    <>
      <Button type="primary" icon={<LoginOutlined aria-hidden />} onClick={() => setOpen(true)}>
        {tell("session.signIn")}
      </Button>
      {isOpen && (
        <Suspense fallback={null}>
          <SignIn onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}

import { Link, useLocation } from "wouter";
import type { Role } from "../../../server/domain/roles.ts";
import { useText } from "../language/language.tsx";
import type { TextKey } from "../language/texts.ts";
import { useSession } from "../session/SessionProvider.tsx";
import { Waiting } from "./Waiting.tsx";

type Group = {
  readonly title: TextKey;
  readonly pages: readonly (readonly [path: string, text: TextKey])[];
};

const everyone: Group = {
  title: "shell.everyone",
  pages: [
    ["/", "shell.overview"],
    ["/agreements", "shell.agreements"],
    ["/datasets", "shell.datasets"],
    ["/participants", "shell.participants"],
    ["/hospitals", "hospitals.title"],
    ["/log", "shell.log"],
    ["/verify", "verify.title"],
  ],
};

const ofRoles: Readonly<Record<Role, Group | undefined>> = {
  Regulator: {
    title: "role.Regulator",
    pages: [
      ["/queue", "queue.title"],
      ["/trail", "trail.title"],
      ["/findings", "findings.title"],
    ],
  },
  Hospital: {
    title: "role.Hospital",
    pages: [
      ["/mine", "mine.title"],
      ["/import", "import.title"],
      ["/trail", "trail.title"],
      ["/findings", "findings.title"],
    ],
  },
  Consumer: {
    title: "role.Consumer",
    pages: [
      ["/mine", "mine.title"],
      ["/request", "request.title"],
      ["/receipts", "trail.receipts"],
    ],
  },
  Gateway: undefined,
};

/** All pages that the reader may open. */
export function Navigation({ onGo }: { readonly onGo?: () => void }) {
  const tell = useText();
  const [location] = useLocation();
  const { session } = useSession();
  const groups = [...(session?.roles ?? []).flatMap((role) => ofRoles[role] ?? []), everyone];
  const paths = groups.flatMap(({ pages }) => pages.map(([path]) => path));
  const selected = paths.filter((path) => location === path || location.startsWith(`${path}/`)).at(-1);
  return (
    <nav aria-label={tell("shell.navigation")}>
      {groups.map(({ title, pages }) => (
        <section key={title} className="group" aria-label={tell(title)}>
          {groups.length > 1 && <p className="group-title">{tell(title)}</p>}
          <ul>
            {pages.map(([path, text]) => (
              <li key={path}>
                <Link
                  href={path}
                  {...(onGo && { onClick: onGo })}
                  aria-current={path === selected ? "page" : undefined}
                >
                  {tell(text)}
                </Link>
                {(path === "/queue" || path === "/mine") && <Waiting />}
              </li>
            ))}
          </ul>
        </section>
      ))}
    </nav>
  );
}

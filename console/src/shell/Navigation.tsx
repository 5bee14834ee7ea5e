import { Link, useLocation } from "wouter";
import { useText } from "../language/language.tsx";
import type { TextKey } from "../language/texts.ts";

type Group = { readonly title: TextKey; readonly pages: readonly (readonly [path: string, text: TextKey])[] };

const everyone: Group = {
  title: "shell.everyone",
  pages: [
    ["/", "shell.overview"],
    ["/agreements", "shell.agreements"],
    ["/datasets", "shell.datasets"],
    ["/participants", "shell.participants"],
    ["/log", "shell.log"],
  ],
};

/** All pages that the reader may open. */
export function Navigation({ onGo }: { readonly onGo?: () => void }) {
  const tell = useText();
  const [location] = useLocation();
  const groups = [everyone];
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
              </li>
            ))}
          </ul>
        </section>
      ))}
    </nav>
  );
}

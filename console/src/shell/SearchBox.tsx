import { useLocation } from "wouter";
import { useText } from "../language/language.tsx";
import { SearchField } from "../parts/SearchField.tsx";
import { digestIn } from "./find.ts";

/** Finds anything by id or name. */
export function SearchBox({ onGo }: { readonly onGo?: () => void }) {
  const tell = useText();
  const [, go] = useLocation();
  return (
    <SearchField
      label={tell("search.label")}
      longest={100_000}
      onSearch={(text) => {
        if (text === "") return;
        onGo?.();
        // a whole receipt may be pasted
        go(`/search?q=${encodeURIComponent(digestIn(text) ?? text.slice(0, 128))}`);
      }}
    />
  );
}

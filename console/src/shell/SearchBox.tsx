import { useLocation } from "wouter";
import { useText } from "../language/language.tsx";
import { SearchField } from "../parts/SearchField.tsx";

/** Finds anything by id or name. */
export function SearchBox({ onGo }: { readonly onGo?: () => void }) {
  const tell = useText();
  const [, go] = useLocation();
  return (
    <SearchField
      label={tell("search.label")}
      onSearch={(text) => {
        if (text === "") return;
        onGo?.();
        go(`/search?q=${encodeURIComponent(text)}`);
      }}
    />
  );
}

import { Input } from "antd";
import { useState } from "react";
import { useLocation } from "wouter";
import { useText } from "../language/language.tsx";

/** Finds anything by id or name. */
export function SearchBox({ onGo }: { readonly onGo?: () => void }) {
  const tell = useText();
  const [, go] = useLocation();
  const [text, setText] = useState("");
  return (
    <search>
      <Input.Search
        value={text}
        maxLength={128}
        aria-label={tell("search.label")}
        placeholder={tell("search.label")}
        onChange={({ target }) => setText(target.value)}
        onSearch={(asked) => {
          if (asked.trim() === "") return;
          onGo?.();
          go(`/search?q=${encodeURIComponent(asked.trim())}`);
        }}
      />
    </search>
  );
}

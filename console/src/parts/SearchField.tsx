import { SearchOutlined } from "@ant-design/icons";
import { Button, Input, Space } from "antd";
import { useState } from "react";
import { useText } from "../language/language.tsx";

type Props = {
  readonly label: string;
  readonly width?: number;
  readonly longest?: number;
  readonly onSearch: (text: string) => void;
};

/** A box to search with, by its button or with Enter; what is asked for has no spaces around it. */
export function SearchField({ label, width = 420, longest = 128, onSearch }: Props) {
  const tell = useText();
  const [text, setText] = useState("");
  const search = (): void => onSearch(text.trim());
  return (
    <search style={{ width: "100%", maxWidth: width }}>
      <Space.Compact block>
        <Input
          allowClear
          value={text}
          maxLength={longest}
          aria-label={label}
          placeholder={label}
          onChange={({ target }) => setText(target.value)}
          onClear={() => onSearch("")}
          onPressEnter={search}
        />
        <Button icon={<SearchOutlined aria-hidden />} aria-label={tell("search.title")} onClick={search} />
      </Space.Compact>
    </search>
  );
}

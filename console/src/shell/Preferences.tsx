import { BulbOutlined, GlobalOutlined } from "@ant-design/icons";
import { Button, Dropdown, Flex } from "antd";
import { useLanguage } from "../language/language.tsx";
import { type Appearance, appearances } from "./appearance.ts";

type Props = { readonly appearance: Appearance; readonly chooseAppearance: (appearance: Appearance) => void };

/** Language and appearance. */
export function Preferences({ appearance, chooseAppearance }: Props) {
  const { language, choose, tell } = useLanguage();
  const other = language === "en" ? "zh" : "en";
  return (
    <Flex gap="small">
      <Button
        icon={<GlobalOutlined aria-hidden />}
        type="text"
        lang={other === "zh" ? "zh-CN" : "en"}
        onClick={() => choose(other)}
      >
        {other === "zh" ? "中文" : "English"}
      </Button>
      <Dropdown
        trigger={["click"]}
        menu={{
          items: appearances.map((key) => ({ key, label: tell(`shell.appearance.${key}`) })),
          selectable: true,
          selectedKeys: [appearance],
          onClick: ({ key }) => chooseAppearance(key as Appearance),
        }}
      >
        <Button icon={<BulbOutlined aria-hidden />} type="text" aria-label={tell("shell.appearance")} />
      </Dropdown>
    </Flex>
  );
}

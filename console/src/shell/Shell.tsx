import { MenuOutlined } from "@ant-design/icons";
import { Button, Drawer, Flex, Grid, Layout, theme } from "antd";
import { type CSSProperties, type ReactNode, useState } from "react";
import { Link } from "wouter";
import { useText } from "../language/language.tsx";
import { Account } from "../session/Account.tsx";
import type { Appearance } from "./appearance.ts";
import { Navigation } from "./Navigation.tsx";
import { Preferences } from "./Preferences.tsx";
import { SearchBox } from "./SearchBox.tsx";

type Props = {
  readonly appearance: Appearance;
  readonly chooseAppearance: (appearance: Appearance) => void;
  readonly children: ReactNode;
};

/** What stands around every page: where to go, what to find, and how it looks. */
export function Shell({ appearance, chooseAppearance, children }: Props) {
  const tell = useText();
  const { token } = theme.useToken();
  const isWide = Grid.useBreakpoint().lg ?? innerWidth >= 992;
  const [isOpen, setOpen] = useState(false);
  const colors = {
    "--dp-border": token.colorBorderSecondary,
    "--dp-quiet": token.colorTextSecondary,
    "--dp-text": token.colorText,
    "--dp-good": token.colorSuccessText,
    "--dp-bad": token.colorErrorText,
    "--dp-surface": token.colorBgContainer,
    "--dp-hover": token.colorFillTertiary,
    "--dp-chosen": token.colorPrimaryBg,
    "--dp-chosen-text": token.colorText,
  } as CSSProperties;
  const edge = `1px solid ${token.colorBorderSecondary}`;
  const preferences = <Preferences appearance={appearance} chooseAppearance={chooseAppearance} />;
  return (
    <Layout style={{ minHeight: "100vh", ...colors }}>
      <a href="#content" className="skip">
        {tell("shell.skip")}
      </a>
      <Layout.Header
        style={{ background: token.colorBgContainer, borderBottom: edge, padding: isWide ? "0 24px" : "0 12px" }}
      >
        <Flex align="center" gap={isWide ? "large" : "small"} style={{ height: "100%" }}>
          {!isWide && (
            <Button
              icon={<MenuOutlined aria-hidden />}
              type="text"
              aria-label={tell("shell.menu")}
              onClick={() => setOpen(true)}
            />
          )}
          <Link href="/" style={{ fontWeight: 700, fontSize: 18, color: token.colorText }}>
            Datapact
          </Link>
          {isWide && (
            <div style={{ flex: 1, minWidth: 0, maxWidth: 420 }}>
              <SearchBox />
            </div>
          )}
          <Flex gap="small" align="center" style={{ marginInlineStart: "auto", minWidth: 0 }}>
            {isWide && preferences}
            <Account />
          </Flex>
        </Flex>
      </Layout.Header>
      <Layout>
        {isWide && (
          <Layout.Sider width={248} theme="light" style={{ borderInlineEnd: edge, background: token.colorBgContainer }}>
            <Navigation />
          </Layout.Sider>
        )}
        <Layout.Content
          id="content"
          tabIndex={-1}
          style={{ padding: isWide ? 32 : 16, maxWidth: 1240, outline: "none" }}
        >
          {children}
        </Layout.Content>
      </Layout>
      <Drawer open={isOpen && !isWide} onClose={() => setOpen(false)} placement="left" size={300} title="Datapact">
        <Flex vertical gap="large">
          <SearchBox onGo={() => setOpen(false)} />
          <Navigation onGo={() => setOpen(false)} />
          {preferences}
        </Flex>
      </Drawer>
    </Layout>
  );
}

import { App as AntApp, ConfigProvider } from "antd";
import enGB from "antd/locale/en_GB";
import zhCN from "antd/locale/zh_CN";
import { lazy, Suspense } from "react";
import { Route, Switch } from "wouter";
import { useLanguage } from "./language/language.tsx";
import { nonce } from "./nonce.ts";
import { Overview } from "./overview/Overview.tsx";
import { Loading } from "./parts/Loading.tsx";
import { SessionProvider } from "./session/SessionProvider.tsx";
import { useAppearance } from "./shell/appearance.ts";
import { NotFound } from "./shell/NotFound.tsx";
import { Shell } from "./shell/Shell.tsx";

const AgreementList = lazy(async () => ({ default: (await import("./agreements/AgreementList.tsx")).AgreementList }));
const AgreementPage = lazy(async () => ({ default: (await import("./agreements/AgreementPage.tsx")).AgreementPage }));
const DatasetList = lazy(async () => ({ default: (await import("./datasets/DatasetList.tsx")).DatasetList }));
const DatasetPage = lazy(async () => ({ default: (await import("./datasets/DatasetPage.tsx")).DatasetPage }));
const ParticipantList = lazy(async () => ({
  default: (await import("./participants/ParticipantList.tsx")).ParticipantList,
}));
const ParticipantPage = lazy(async () => ({
  default: (await import("./participants/ParticipantPage.tsx")).ParticipantPage,
}));
const LogPage = lazy(async () => ({ default: (await import("./log/LogPage.tsx")).LogPage }));
const SearchPage = lazy(async () => ({ default: (await import("./shell/SearchPage.tsx")).SearchPage }));

export function App() {
  const { language } = useLanguage();
  const { theme, appearance, choose } = useAppearance();
  return (
    <ConfigProvider
      theme={theme}
      csp={{ nonce }}
      locale={language === "zh" ? zhCN : enGB}
      button={{ autoInsertSpace: false }}
    >
      <AntApp>
        <SessionProvider>
          <Shell appearance={appearance} chooseAppearance={choose}>
            <Suspense fallback={<Loading />}>
              <Switch>
                <Route path="/" component={Overview} />
                <Route path="/agreements" component={AgreementList} />
                <Route path="/agreements/:id">{({ id }) => <AgreementPage id={id} key={id} />}</Route>
                <Route path="/datasets" component={DatasetList} />
                <Route path="/datasets/:id">{({ id }) => <DatasetPage id={id} key={id} />}</Route>
                <Route path="/participants" component={ParticipantList} />
                <Route path="/participants/:id">{({ id }) => <ParticipantPage id={id} key={id} />}</Route>
                <Route path="/log" component={LogPage} />
                <Route path="/search" component={SearchPage} />
                <Route component={NotFound} />
              </Switch>
            </Suspense>
          </Shell>
        </SessionProvider>
      </AntApp>
    </ConfigProvider>
  );
}

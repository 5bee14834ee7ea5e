import { App as AntApp, ConfigProvider } from "antd";
import enGB from "antd/locale/en_GB";
import zhCN from "antd/locale/zh_CN";
import { lazy, Suspense } from "react";
import { Route, Switch } from "wouter";
import { useLanguage } from "./language/language.tsx";
import { nonce } from "./nonce.ts";
import { Overview } from "./overview/Overview.tsx";
import { Loading } from "./parts/Loading.tsx";
import { Nothing } from "./parts/Nothing.tsx";
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
const Workbench = lazy(async () => ({ default: (await import("./workbench/Workbench.tsx")).Workbench }));
const RequestPage = lazy(async () => ({ default: (await import("./request/RequestPage.tsx")).RequestPage }));
const QueuePage = lazy(async () => ({ default: (await import("./queue/QueuePage.tsx")).QueuePage }));
const MinePage = lazy(async () => ({ default: (await import("./queue/MinePage.tsx")).MinePage }));
const ImportPage = lazy(async () => ({ default: (await import("./import/ImportPage.tsx")).ImportPage }));
const VerifyPage = lazy(async () => ({ default: (await import("./verifier/VerifyPage.tsx")).VerifyPage }));
const TrailPage = lazy(async () => ({ default: (await import("./trail/TrailPage.tsx")).TrailPage }));
const ReceiptsPage = lazy(async () => ({ default: (await import("./trail/TrailPage.tsx")).ReceiptsPage }));
const EntryPage = lazy(async () => ({ default: (await import("./trail/EntryPage.tsx")).EntryPage }));
const FindingsPage = lazy(async () => ({ default: (await import("./findings/FindingsPage.tsx")).FindingsPage }));
const FindingPage = lazy(async () => ({ default: (await import("./findings/FindingPage.tsx")).FindingPage }));
const HospitalsPage = lazy(async () => ({ default: (await import("./hospitals/HospitalsPage.tsx")).HospitalsPage }));
const LogPage = lazy(async () => ({ default: (await import("./log/LogPage.tsx")).LogPage }));
const SearchPage = lazy(async () => ({ default: (await import("./shell/SearchPage.tsx")).SearchPage }));

export function App() {
  const { language } = useLanguage();
  const { theme, appearance, choose } = useAppearance();
  return (
    <ConfigProvider
      theme={theme}
      csp={{ nonce }}
      renderEmpty={() => <Nothing />}
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
                <Route path="/agreements/:id/query">{({ id }) => <Workbench id={id} key={id} />}</Route>
                <Route path="/trail" component={TrailPage} />
                <Route path="/trail/:index">{({ index }) => <EntryPage index={index} key={index} />}</Route>
                <Route path="/receipts" component={ReceiptsPage} />
                <Route path="/findings" component={FindingsPage} />
                <Route path="/findings/:id">{({ id }) => <FindingPage id={id} key={id} />}</Route>
                <Route path="/hospitals" component={HospitalsPage} />
                <Route path="/queue" component={QueuePage} />
                <Route path="/mine" component={MinePage} />
                <Route path="/request" component={RequestPage} />
                <Route path="/import" component={ImportPage} />
                <Route path="/verify" component={VerifyPage} />
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

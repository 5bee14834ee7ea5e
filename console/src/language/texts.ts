import { actTexts } from "../acts/texts.ts";
import { agreementTexts } from "../agreements/texts.ts";
import { datasetTexts } from "../datasets/texts.ts";
import { findingTexts } from "../findings/texts.ts";
import { historyTexts } from "../history/texts.ts";
import { hospitalTexts } from "../hospitals/texts.ts";
import { importTexts } from "../import/texts.ts";
import { logTexts } from "../log/texts.ts";
import { overviewTexts } from "../overview/texts.ts";
import { participantTexts } from "../participants/texts.ts";
import { partTexts } from "../parts/texts.ts";
import { purposeTexts } from "../purposes/texts.ts";
import { queueTexts } from "../queue/texts.ts";
import { requestTexts } from "../request/texts.ts";
import { sessionTexts } from "../session/texts.ts";
import { shellTexts } from "../shell/texts.ts";
import { trailTexts } from "../trail/texts.ts";
import { verifierTexts } from "../verifier/texts.ts";
import { workbenchTexts } from "../workbench/texts.ts";
import { reasonNames } from "./reasons.ts";
import { words } from "./words.ts";

/** Every text of the console. */
export const texts = {
  ...words,
  ...reasonNames,
  ...shellTexts,
  ...partTexts,
  ...overviewTexts,
  ...agreementTexts,
  ...datasetTexts,
  ...participantTexts,
  ...logTexts,
  ...trailTexts,
  ...findingTexts,
  ...hospitalTexts,
  ...queueTexts,
  ...requestTexts,
  ...verifierTexts,
  ...workbenchTexts,
  ...actTexts,
  ...sessionTexts,
  ...purposeTexts,
  ...historyTexts,
  ...importTexts,
} as const;
export type TextKey = keyof typeof texts;

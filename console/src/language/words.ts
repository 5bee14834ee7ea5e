import type { FieldLevel, FieldType } from "../../../server/domain/dataset.ts";
import type { Outcome } from "../../../server/domain/reasons.ts";
import type { Role } from "../../../server/domain/roles.ts";
import type { DatasetStatus, Status } from "../../../server/domain/status.ts";
import type { Assurance, Capacity, Disclosure } from "../../../server/domain/terms.ts";
import { type Pair, pairs } from "./pair.ts";

/** The words of the field, one for each idea, for every member of the lists that the server knows. */
export const words = pairs({
  "role.Hospital": ["Hospital", "医院"],
  "role.Consumer": ["Consumer", "数据使用方"],
  "role.Regulator": ["Regulator", "监管方"],
  "role.Gateway": ["Gateway", "网关"],

  "status.Unknown": ["Unknown", "未知"],
  "status.Offered": ["Offered", "待签署"],
  "status.Scheduled": ["Scheduled", "待生效"],
  "status.InForce": ["In force", "生效中"],
  "status.Suspended": ["Suspended", "已暂停"],
  "status.Expired": ["Expired", "已到期"],
  "status.Terminated": ["Terminated", "已终止"],

  "datasetStatus.Active": ["Active", "可用"],
  "datasetStatus.Suspended": ["Suspended", "已暂停"],
  "datasetStatus.Retired": ["Retired", "已退役"],

  "participantStatus.Active": ["Active", "正常"],
  "participantStatus.Suspended": ["Suspended", "已暂停"],

  "capacity.Assigner": ["Assigner", "授权方"],
  "capacity.Assignee": ["Assignee", "被授权方"],
  "capacity.Regulator": ["Regulator", "监管方"],

  "disclosure.Aggregate": ["Aggregate", "统计结果"],
  "disclosure.Deidentified": ["De-identified rows", "去标识化明细"],
  "disclosure.Identified": ["Identified", "可识别数据"],
  "disclosure.Aggregate.meaning": [
    "Only figures over groups of patients leave, each checked before it does.",
    "仅群体统计数值可离开医院，离开前逐项检查。",
  ],
  "disclosure.Deidentified.meaning": [
    "Rows leave without direct identifiers; numbers of patients and records leave as pseudonyms.",
    "明细数据去除直接标识后离开医院，患者和记录编号以假名代替。",
  ],
  "disclosure.Identified.meaning": ["Rows that name patients. Not served.", "可识别患者的明细。本网关不提供。"],

  "assurance.Receipt": ["Receipt", "回执"],
  "assurance.Anchored": ["Anchored", "已上链"],
  "assurance.Receipt.meaning": [
    "The answer leaves with a receipt; the entry is anchored by its deadline.",
    "结果与回执一同返回，审计条目在期限前上链。",
  ],
  "assurance.Anchored.meaning": [
    "The answer waits until its entry is anchored on chain.",
    "结果须待其审计条目上链后才返回。",
  ],

  "level.Neutral": ["Neutral", "一般"],
  "level.Quasi": ["Quasi-identifier", "准标识"],
  "level.Sensitive": ["Sensitive", "敏感"],
  "level.Linking": ["Linking number", "关联编号"],
  "level.Direct": ["Direct identifier", "直接标识"],

  "fieldType.Text": ["Text", "文本"],
  "fieldType.Integer": ["Integer", "整数"],
  "fieldType.Decimal": ["Decimal", "小数"],
  "fieldType.Boolean": ["Yes or no", "是否"],
  "fieldType.Date": ["Date", "日期"],
  "fieldType.Timestamp": ["Time", "时间"],

  "outcome.Permitted": ["Permitted", "已准许"],
  "outcome.Denied": ["Denied", "已拒绝"],
  "outcome.Failed": ["Failed", "失败"],
}) satisfies Readonly<
  Record<
    | `role.${Role}`
    | `status.${Status}`
    | `datasetStatus.${DatasetStatus}`
    | `capacity.${Capacity}`
    | `disclosure.${Disclosure}`
    | `assurance.${Assurance}`
    | `level.${FieldLevel}`
    | `fieldType.${FieldType}`
    | `outcome.${Outcome}`,
    Pair
  >
>;

import type { FindingState, Severity } from "../../../server/domain/finding.ts";
import { type Pair, pairs } from "../language/pair.ts";

export const findingTexts = pairs({
  "findings.title": ["Findings", "审计发现"],
  "findings.lead": [
    "What regulators found about entries of this log. Nothing of it is ever taken away: each change is a revision.",
    "监管方对本日志条目的审计发现。内容不可删除，每次变更均为新的修订。",
  ],
  "findings.none": [
    "No finding is recorded. Regulators record one on the page of an entry.",
    "没有审计发现。监管方可在审计条目的页面记录。",
  ],
  "findings.finding": ["Finding", "审计发现"],
  "findings.severity": ["Severity", "严重程度"],
  "findings.state": ["State", "状态"],
  "findings.entries": ["Entries", "条目"],
  "findings.author": ["Author", "记录者"],
  "findings.time": ["Recorded", "记录时间"],
  "findings.record": ["Record a finding", "记录审计发现"],
  "findings.text": ["What was done, and under which rule it was wrong", "发生了什么，违反了哪条规则"],
  "findings.text.help": [
    "Name no patient and quote no data: it is kept for ever.",
    "请勿提及患者或引用数据：内容将永久保存。",
  ],
  "findings.sign": ["Sign and record", "签名并记录"],
  "findings.revision": ["Revision {revision}", "修订 {revision}"],
  "findings.revise": ["Revise", "修订"],
  "findings.recorded": ["It is recorded as entry {index}.", "已记录为第 {index} 条。"],
  "findings.forged": [
    "This is not what was signed, or its author did not sign it. Do not rely on it, and tell the gateway's operator.",
    "此内容与所签内容不符，或并非由所示记录者签署。请勿采信，并通知网关运维人员。",
  ],
  "findings.proven": [
    "This is what was signed, and the chain says that the key is its author's.",
    "与所签内容一致，且链上确认签名密钥属于记录者。",
  ],
  "findings.signed": [
    "This is what was signed. Whose key signed, the chain tells through a wallet.",
    "与所签内容一致。签名密钥的归属可通过钱包向链查询。",
  ],
  "severity.Note": ["Note", "提示"],
  "severity.Minor": ["Minor", "轻微"],
  "severity.Major": ["Major", "重大"],
  "severity.Critical": ["Critical", "严重"],
  "findingState.Open": ["Open", "待处理"],
  "findingState.Explained": ["Explained", "已说明"],
  "findingState.Confirmed": ["Confirmed", "已确认"],
  "findingState.Closed": ["Closed", "已关闭"],
}) satisfies Readonly<Record<`severity.${Severity}` | `findingState.${FindingState}`, Pair>>;

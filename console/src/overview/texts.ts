import { pairs } from "../language/pair.ts";

export const overviewTexts = pairs({
  "overview.title": ["Overview", "总览"],
  "overview.lead": [
    "What this space holds, how much it is used, and whether its log and chain are well.",
    "本空间包含的内容、使用情况，以及日志与链的健康状况。",
  ],
  "overview.agreements": ["Agreements by status", "数字合约状态分布"],
  "overview.uses": ["Answers and refusals by day", "每日准许与拒绝"],
  "overview.uses.none": ["No use was asked for in the last 30 days.", "近 30 天没有使用请求。"],
  "overview.refusals": ["Refusals by reason, last 30 days", "近 30 天拒绝原因"],
  "overview.refusals.none": ["Nothing was refused in the last 30 days.", "近 30 天没有拒绝。"],
  "overview.day": ["Day", "日期"],
  "overview.count": ["Count", "数量"],
  "overview.status": ["Status", "状态"],
  "overview.reason": ["Reason", "原因"],
  "overview.datasets": ["Datasets in use", "可用数据集"],
  "overview.participants": ["Participants", "参与方"],
  "overview.inForce": ["Agreements in force", "生效中的数字合约"],
  "overview.permitted": ["Permitted uses, last 30 days", "近 30 天准许的使用"],
  "overview.refused": ["Refused uses, last 30 days", "近 30 天拒绝的使用"],
  "overview.health": ["Log and chain", "日志与链"],
});

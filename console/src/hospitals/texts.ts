import { pairs } from "../language/pair.ts";

export const hospitalTexts = pairs({
  "hospitals.title": ["Hospitals and gateways", "医院与网关"],
  "hospitals.lead": [
    "Hospitals side by side, and how each of their gateways keeps its promises, as the chain tells it.",
    "各医院对照，以及其网关履行承诺的情况（以链上数据为准）。",
  ],
  "hospitals.compare": ["Comparison of hospitals", "医院对照"],
  "hospitals.hospital": ["Hospital", "医院"],
  "hospitals.datasets": ["Datasets", "数据集"],
  "hospitals.inForce": ["Agreements in force", "生效合约"],
  "hospitals.suspended": ["Suspended", "已暂停"],
  "hospitals.uses": ["Uses on chain", "链上使用次数"],
  "hospitals.none": ["No hospital is admitted yet.", "尚无准入的医院。"],
  "hospitals.gateways": ["Gateways and their logs", "网关及其日志"],
  "hospitals.gateway": ["Gateway", "网关"],
  "hospitals.entries": ["Anchored entries", "已上链条目"],
  "hospitals.lastHead": ["Last head on chain", "最近树头"],
  "hospitals.promises": ["Promises", "承诺"],
  "hospitals.kept": ["none is known to be broken", "未发现违背"],
  "hospitals.broken": ["broke its promise for entry {index}", "违背对第 {index} 条的承诺"],
  "hospitals.never": ["none yet", "尚无"],
  "hospitals.key": ["Present key", "当前密钥"],
  "hospitals.noGateway": ["No gateway is admitted yet.", "尚无准入的网关。"],
  "hospitals.acknowledge.lead": [
    "A stopped log goes on once a regulator acknowledges the breach on chain.",
    "监管方在链上确认违约后，已停止的日志方可继续。",
  ],
});

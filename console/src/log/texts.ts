import { pairs } from "../language/pair.ts";

export const logTexts = pairs({
  "log.title": ["Log and chain", "日志与链"],
  "log.lead": [
    "Every use and every refusal is an entry. Entries are durable before their answer leaves, and are anchored on chain in batches.",
    "每次使用和每次拒绝都是一条审计条目。条目先落盘，结果才返回；条目随后分批上链。",
  ],
  "log.ready": ["The gateway serves: chain, log and data are all in reach.", "网关正常服务：链、日志与数据均可访问。"],
  "log.notReady": [
    "The gateway answers no requests now. It refuses rather than answer what it cannot record.",
    "网关当前不处理请求。无法记录时一律拒绝。",
  ],
  "log.appended": ["Entries appended (durable)", "已落盘条目"],
  "log.anchored": ["Entries anchored on chain", "已上链条目"],
  "log.waiting": ["Waiting for the next batch", "等待下一批上链"],
  "log.oldestWait": ["Oldest entry that waits", "最早的待上链条目"],
  "log.ofPromise": ["{waited} s, promised within {promised} s", "已等待 {waited} 秒（承诺 {promised} 秒内上链）"],
  "log.late": [
    "Entries wait too long for the chain. The gateway releases no result until they are anchored.",
    "条目等待上链时间过长。在其上链之前，网关不返回任何结果。",
  ],
  "log.noneAnchored": ["Nothing is anchored yet.", "尚无条目上链。"],
  "log.heads": ["Heads on chain, newest first", "链上树头（从新到旧）"],
  "log.gateway": ["Gateway", "网关"],
  "log.entries": ["Entries", "条目"],
  "log.one": ["{index}", "第 {index} 条"],
  "log.range": ["{from} to {to}", "第 {from} 至 {to} 条"],
  "log.size": ["Size of the log", "日志大小"],
  "log.root": ["Root", "根"],
  "log.block": ["Block", "区块"],
  "log.time": ["Time", "时间"],
});

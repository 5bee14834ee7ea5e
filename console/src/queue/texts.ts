import { pairs } from "../language/pair.ts";

export const queueTexts = pairs({
  "queue.title": ["Waiting for approval", "待审批场景"],
  "queue.lead": [
    "Scenarios that lack your approval, newest first. Each has one page with everything to decide on.",
    "等待您批准的使用场景（从新到旧）。每个场景一页，列出审批所需的全部内容。",
  ],
  "queue.offered": ["All scenarios that not all have signed", "全部待签署场景"],
  "queue.offered.none": ["No scenario is offered.", "没有待签署的场景。"],
  "queue.none": ["Nothing waits for approval.", "没有待审批的场景。"],
  "offers.title": ["Offers to sign", "待签署合约"],
  "offers.none": ["Nothing waits for your signature.", "没有待您签署的合约。"],
  "mine.title": ["My agreements", "我的数字合约"],
  "mine.lead": ["Everything that you are a party to.", "您作为当事方的全部合约。"],
  "mine.datasets": ["My datasets", "我的数据集"],
  "mine.gateway": ["My gateway", "我的网关"],
  "mine.none": ["You are no party to any agreement yet.", "您尚未成为任何合约的当事方。"],
  "difference.title": ["Difference to the agreement that it replaces", "与被取代合约的差异"],
  "difference.term": ["Term", "条款"],
  "difference.before": ["Before", "原合约"],
  "difference.after": ["After", "新合约"],
  "difference.none": ["No term differs but the id.", "除编号外条款无差异。"],
});

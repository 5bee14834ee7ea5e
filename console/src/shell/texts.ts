import { pairs } from "../language/pair.ts";

export const shellTexts = pairs({
  "shell.skip": ["Skip to the content", "跳到正文"],
  "shell.menu": ["Menu", "菜单"],
  "shell.navigation": ["Pages", "页面"],
  "shell.overview": ["Overview", "总览"],
  "shell.agreements": ["Agreements", "数字合约"],
  "shell.datasets": ["Datasets", "数据集"],
  "shell.participants": ["Participants", "参与方"],
  "shell.log": ["Log and chain", "日志与链"],
  "shell.everyone": ["Everyone", "公开"],
  "shell.language": ["Language", "语言"],
  "shell.appearance": ["Appearance", "外观"],
  "shell.appearance.system": ["As the system", "跟随系统"],
  "shell.appearance.light": ["Light", "浅色"],
  "shell.appearance.dark": ["Dark", "深色"],
  "shell.notFound": ["There is no such page", "没有这个页面"],
  "shell.notFound.advice": ["The address may be mistyped.", "地址可能有误。"],
  "shell.home": ["To the overview", "返回总览"],
  "shell.api": ["API", "接口文档"],
  "search.label": ["Id, name, digest or #entry", "编号、名称、摘要或 #条目"],
  "search.title": ["Search", "搜索"],
  "search.for": ["Found for “{text}”", "“{text}”的搜索结果"],
  "search.nothing": [
    "Nothing found. Give an id, a part of a name, the number of an entry such as #12, or the digest of an entry or request. Only the log of this page's gateway is searched.",
    "没有结果。请输入编号、名称的一部分、条目号（如 #12），或条目、请求的摘要。仅搜索本页网关的日志。",
  ],
  "search.request": ["Request", "请求"],
  "search.participant": ["Participant", "参与方"],
  "search.noEntry": [
    "There is no entry {index} yet: this log has {appended}, counted from 0.",
    "尚无第 {index} 条：本日志共 {appended} 条，从 0 起计。",
  ],
  "search.elsewhere": [
    "Entry {index} stands in the log of another gateway. Look for it in that gateway's console.",
    "第 {index} 条位于其他网关的日志中，请在该网关的控制台查找。",
  ],
  "search.signIn": [
    "It is in the log. What it says is shown to those alone whom it concerns: sign in.",
    "条目在日志中，内容仅对相关方可见，请登录。",
  ],
  "search.notYours": [
    "It is in the log, but not yours to see: only its hospital, regulators and whoever signed the request may.",
    "条目在日志中，但您无权查看：仅所属医院、监管方及请求签名方可见。",
  ],
  "search.waiting": ["{count} {count|waits|wait} for you", "{count} 项待您处理"],
});

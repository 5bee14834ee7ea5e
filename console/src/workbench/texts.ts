import { pairs } from "../language/pair.ts";

export const workbenchTexts = pairs({
  "workbench.title": ["Query", "查询"],
  "workbench.lead": [
    "One SELECT over the licensed fields. You sign each statement; what leaves is recorded before it does.",
    "对授权字段执行一条 SELECT。每条语句由您签名；结果先记录后返回。",
  ],
  "workbench.under": ["Under: {agreement}", "依据合约：{agreement}"],
  "workbench.statement": ["Statement", "语句"],
  "workbench.run": ["Sign and run", "签名并运行"],
  "workbench.fields": ["Fields", "字段"],
  "workbench.functions": ["Functions", "函数"],
  "workbench.functions.aggregate": ["over groups", "聚合"],
  "workbench.functions.row": ["in expressions", "表达式"],
  "workbench.insert": ["A click inserts the name into the statement.", "点击可将名称插入语句。"],
  "workbench.result": ["Result", "结果"],
  "workbench.rows": ["{rows} {rows|row|rows}", "{rows} 行"],
  "workbench.withheld": ["withheld", "已隐去"],
  "workbench.withheld.meaning": [
    "An empty cell has no value, or is withheld because too few patients stand behind it.",
    "空单元格表示无值，或因患者数不足而隐去。",
  ],
  "workbench.csv": ["Save as CSV", "导出 CSV"],
  "workbench.evidence": ["Save the evidence", "导出证据"],
  "workbench.refused": ["Refused, and recorded: {reason}", "已拒绝并记录：{reason}"],
  "workbench.recorded": [
    "Entry {index}: appended. Anchored before {deadline}.",
    "第 {index} 条：已落盘，将于 {deadline} 前上链。",
  ],
  "workbench.notYours": ["Only the assignee may query under this agreement.", "仅被授权方可在该合约下查询。"],
  "workbench.notInForce": [
    "The agreement is not in force ({status}), so every request will be refused and recorded.",
    "该合约未生效（{status}），请求将被拒绝并记录。",
  ],
  "workbench.draw": ["Draw", "绘图"],
  "workbench.failed": ["No answer: {message}", "未返回结果：{message}"],
  "workbench.aggregates": [
    "count, count(DISTINCT …), sum, avg, stddev, variance, corr, covar_pop, covar_samp, regr_slope, regr_intercept, regr_r2, percentile_cont (0.25, 0.5, 0.75)",
    "count、count(DISTINCT …)、sum、avg、stddev、variance、corr、covar_pop、covar_samp、regr_slope、regr_intercept、regr_r2、percentile_cont（0.25、0.5、0.75）",
  ],
  "workbench.scalars": [
    "CASE, extract, date_trunc, abs, round, floor, ceil, width_bucket, lower, upper, length, left, substring, coalesce, nullif",
    "CASE、extract、date_trunc、abs、round、floor、ceil、width_bucket、lower、upper、length、left、substring、coalesce、nullif",
  ],
});

import { pairs } from "../language/pair.ts";

export const requestTexts = pairs({
  "request.title": ["Request a scenario", "申请使用场景"],
  "request.lead": [
    "One scenario, one authorization: say what you need and for what. Hospital and regulators see and sign exactly this.",
    "一场景一授权：说明需要什么、用于什么。医院与监管方看到并签署的正是这些内容。",
  ],
  "request.dataset": ["Dataset", "数据集"],
  "request.dataset.choose": ["Choose a dataset", "选择数据集"],
  "request.replaces": ["Replaces an agreement (optional)", "取代已有合约（可选）"],
  "request.replaces.help": [
    "It ends when this one is signed by all; its uses go on being counted.",
    "新合约全部签署后旧合约终止，使用次数继续累计。",
  ],
  "request.purpose": ["Purpose", "使用目的"],
  "request.purpose.help": ["Only what the hospital permits for this dataset.", "仅限医院对该数据集允许的目的。"],
  "request.fields": ["Fields", "字段"],
  "request.fields.help": [
    "Ask for no more than the purpose needs. Direct identifiers are never served.",
    "请仅申请目的所需字段。直接标识不予提供。",
  ],
  "request.disclosure": ["Manner of use", "使用方式"],
  "request.limits": ["Manner and limits of use", "使用方式与限制"],
  "request.rows": ["Rows (a condition, empty for all)", "行范围（条件，留空为全部）"],
  "request.rows.help": [
    "For example newborns.gestational_age_weeks >= 35",
    "例如 newborns.gestational_age_weeks >= 35",
  ],
  "request.minCohort": ["Smallest cohort", "最小群体"],
  "request.minCohort.help": ["At least {floor}, as the hospital demands.", "医院要求不低于 {floor}。"],
  "request.maxUses": ["Number of uses", "使用次数"],
  "request.maxRows": ["Most rows of one answer", "单次结果行数上限"],
  "request.from": ["Valid from", "生效日期"],
  "request.until": ["Valid until (first day after)", "到期日期（不含当日）"],
  "request.assurance": ["Assurance", "保证方式"],
  "request.policy": ["Policy text", "使用约定"],
  "request.policy.help": [
    "What is done with the results, and what is not. It is published on chain: write nothing personal.",
    "说明结果的用途与禁止事项。内容将公开上链，请勿包含个人信息。",
  ],
  "request.offer": ["Offer these terms", "提出该合约"],
  "request.offer.help": [
    "The terms are published on chain. They bind nobody until all have signed; you sign next.",
    "条款将公开上链，全部签署前不具约束力；下一步由您签署。",
  ],
  "request.missing": ["This must be filled in.", "此项必填。"],
  "request.periodInvalid": ["The end must lie after the beginning.", "到期日期须晚于生效日期。"],
  "request.none": ["No dataset can be requested now.", "当前没有可申请的数据集。"],
});

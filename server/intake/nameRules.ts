import type { FieldLevel } from "../domain/dataset.ts";

/** A rule over a column's name as `plainName` writes it. The first that matches counts. */
export type NameRule = { readonly level: FieldLevel; readonly meaning: string; readonly name: RegExp };

/** Matches whole words, alone or between `_`. */
function word(alternatives: string): RegExp {
  return new RegExp(`(?:^|_)(?:${alternatives})(?:_|$)`, "u");
}

/** Matches anywhere: for Chinese, which does not part words, and for English run together. */
function part(alternatives: string): RegExp {
  return new RegExp(alternatives, "u");
}

const rule = (level: FieldLevel, meaning: string, name: RegExp): NameRule => ({ level, meaning, name });

/** What names someone or reaches them. */
const direct: readonly NameRule[] = [
  rule(
    "Direct",
    "a public number of a person",
    word("ssn|sin|nin|nhs|cpr|tax_?id|id_?card(_?no)?|national_?id|identity_?(card|no|number)|idno"),
  ),
  rule(
    "Direct",
    "a public number of a person",
    part("social_?security|passport|driver|licen[cs]e_?(no|num|plate)|insurance_?(card|policy)_?n"),
  ),
  rule(
    "Direct",
    "a public number of a person",
    part(
      "身份证|证件号|护照|驾照|驾驶证|社保号|社保卡|医保卡|医保号|医疗证|银行卡|账号|账户|车牌|军官证|港澳通行证|台胞证",
    ),
  ),
  rule(
    "Direct",
    "a part of a person's name",
    word(
      "first|last|middle|given|family|maiden|surname|forename|nickname|initials|prefix|suffix|fname|lname|mname|alias",
    ),
  ),
  rule(
    "Direct",
    "a part of a person's name",
    part("(first|last|middle|given|family|maiden|full|nick|owner|user|patient|mother|father|doctor|provider)_?name"),
  ),
  rule(
    "Direct",
    "a person's name",
    part(
      "姓名|名字|姓氏|曾用名|联系人|监护人|家长|签名|经办人|操作员|操作者|(?:母亲|父亲|产妇|患者|病人|医生|医师|护士)(?:姓)?名",
    ),
  ),
  rule(
    "Direct",
    "a way to reach someone",
    word("tel|telephone|cell_?phone|fax|email|e_?mail|wechat|weixin|qq|contact|ip|ip_?addr(ess)?|mac|url|website"),
  ),
  rule("Direct", "a way to reach someone", part("phone|mobile|telefon|电话|手机|联系方式|传真|邮箱|邮件|微信|网址")),
  rule(
    "Direct",
    "an address or a position",
    word("lat|lon|lng|gps|geo|coord(inate)?s?|street|house_?(no|number)|addr"),
  ),
  rule(
    "Direct",
    "an address or a position",
    part(
      "address|latitude|longitude|birth_?place|place_?of_?birth|地址|住址|居住地|出生地|户口|户籍|门牌|经度|纬度|坐标",
    ),
  ),
  rule(
    "Direct",
    "an image or trait of a body",
    part("photo(?!therap)|fingerprint|biometric|facial|照片|指纹|人脸|声纹"),
  ),
  rule("Direct", "the number of an implanted device", word("udi")),
];

/** Names of things, which end like names of people. */
const things: readonly NameRule[] = [
  rule(
    "Sensitive",
    "a name out of a clinical catalog",
    part("(drug|medication|test|item|procedure|diagnosis|disease|operation|surgery|vaccine|gene|product|code)_?name"),
  ),
  rule(
    "Quasi",
    "the name of an organization or a thing",
    part(
      "(hospital|department|dept|ward|device|file|unit|table|column|event|state|city|county|country)_?name|机构名称|医院名称|科室名称",
    ),
  ),
  rule("Sensitive", "a name out of a catalog", part("名称")),
  rule("Direct", "a name", word("name|names")),
  rule("Direct", "a name", part("_name$")),
];

const quasi: readonly NameRule[] = [
  rule(
    "Quasi",
    "a date of a person's life",
    part("birth(?!_?weight|_?order|_?length)|death|deceased|dob(_|$)|出生日|出生时|生日|死亡日|死亡时|逝世"),
  ),
  rule("Quasi", "age", word("age|ages|age_?(years|months|days|group)?|gestation|gestational")),
  rule("Quasi", "age", part("年龄|月龄|日龄|胎龄|孕周")),
  rule(
    "Quasi",
    "a place of many people",
    word(
      "zip|zip_?code|postal|postcode|city|state|county|province|district|town|region|country|village|borough|headquartered",
    ),
  ),
  rule(
    "Quasi",
    "a place of many people",
    part("postal_?code|邮编|邮政编码|省|城市|市区|区县|街道|乡镇|籍贯|国籍|居委会"),
  ),
  rule(
    "Quasi",
    "a trait of a person",
    word(
      "sex|gender|race|ethnicity|ethnic|nation|nationality|marital|marital_?status|religion|occupation|job|profession|employer|education|language|income",
    ),
  ),
  rule("Quasi", "a trait of a person", part("性别|民族|婚姻|婚否|宗教|职业|工作单位|学历|文化程度|语言|收入")),
  rule(
    "Quasi",
    "where or by whom someone was treated",
    word("ward|bed|room|dept|department|hospital|clinic|speciali?ty|facility|site_?of_?care"),
  ),
  rule("Quasi", "where or by whom someone was treated", part("科室|病区|病房|床号|床位|院区|机构|医院")),
  rule("Quasi", "the model or lot of a device", part("型号|批号|批次")),
];

const linking: readonly NameRule[] = [
  rule(
    "Linking",
    "the number of a record",
    word("id|ids|uid|uuid|guid|identifier|mrn|pid|serial|sn|barcode|accession(_?(no|number))?|key"),
  ),
  rule(
    "Linking",
    "the number of a record",
    word(
      "(hospital|patient|admission|visit|encounter|inpatient|outpatient|chart|case|claim|order|member|subject|mother|bill|invoice|card|record|sample|specimen|medical_?record)_?(no|nr|num|number|id)",
    ),
  ),
  rule(
    "Linking",
    "the number of a record",
    part(
      "(?:编号|流水号|序列号|条码|条形码|号码|主键|标识)$|(?<![床型批房])号$|(?:患者|病人|就诊|住院|门诊|标本|样本)(?:id|码)",
    ),
  ),
];

const sensitive: readonly NameRule[] = [
  rule(
    "Sensitive",
    "a diagnosis, code or finding",
    part(
      "diag|icd|snomed|loinc|dx|condition|disease|symptom|finding|pathology|allerg|reaction|severity|patholog|gene(_|$|tic)|genotype|hiv|pregnan|psych|mental|incompatib|g6pd|deficien|delivery|feeding|smok|alcohol",
    ),
  ),
  rule(
    "Sensitive",
    "a diagnosis, code or finding",
    part(
      "诊断|疾病|病名|病种|症状|体征|过敏|病理|基因|传染|妊娠|吸烟|饮酒|手术|并发症|感染|高危|缺乏|血型|溶血|结局|转归|分娩方式|喂养",
    ),
  ),
  rule(
    "Sensitive",
    "a treatment or its reason",
    part(
      "phototherap|procedure|operation|surgery|medication|drug|vaccin|therapy|treatment|indication|reason|处方|用药|药品|药物|治疗|指征|原因|疫苗|光疗",
    ),
  ),
  rule(
    "Sensitive",
    "a code or its text",
    word("code|codes|system|description|desc|category|outcome|status|class|type|modality|body_?site|modifier"),
  ),
  rule("Sensitive", "a code or its text", part("code$|description|编码|代码|描述|阳性|阴性")),
];

/** What a measurement is called; said in text, it may be a finding. */
const measured: readonly NameRule[] = [
  rule("Sensitive", "a result", part("(?:^|_)(?:value|results?|measurement)(?:_|$)|检验|检查|结果")),
];

/** True for rules that say nothing of a column of numbers. */
export function isMeasured(rule: NameRule): boolean {
  return measured.includes(rule);
}

const units: readonly NameRule[] = [rule("Neutral", "a unit of measure", part("^(?:.*_)?(?:units?|uom)$|^计?单位$"))];

/** All rules in the order in which they count. Dates and free text come in between, see `proposeLevel`. */
export const nameRules: readonly NameRule[] = [
  ...units,
  ...things.slice(0, 3),
  ...direct,
  ...things.slice(3),
  ...linking,
  ...quasi,
  ...sensitive,
];

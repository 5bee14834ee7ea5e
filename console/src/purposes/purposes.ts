import type { Language, Pair } from "../language/pair.ts";

/** A purpose that can be chosen: its code, its name and its definition in short. */
export type KnownPurpose = {
  readonly code: string;
  readonly source: keyof typeof sources;
  readonly name: Pair;
  readonly definition: Pair;
};

/** Where codes and definitions come from. The definitions are shortened, the Chinese is ours. */
export const sources = {
  DUO: {
    title: "GA4GH Data Use Ontology (DUO)",
    url: "https://github.com/EBISPOT/DUO",
    license: "CC BY 4.0",
  },
  DPV: {
    title: "W3C Data Privacy Vocabulary (DPV) 2",
    url: "https://w3id.org/dpv",
    license: "W3C Community Final Specification Agreement",
  },
} as const;

/** A small choice for hospital data; any other code may be agreed on too. */
export const purposes: readonly KnownPurpose[] = [
  {
    code: "DUO:0000007",
    source: "DUO",
    name: ["Disease-specific research", "特定疾病研究"],
    definition: ["Use is allowed provided it is related to the specified disease.", "仅允许用于与指定疾病相关的研究。"],
  },
  {
    code: "DUO:0000006",
    source: "DUO",
    name: ["Health, medical or biomedical research", "健康、医学或生物医学研究"],
    definition: [
      "Use is allowed for health, medical or biomedical purposes; the study of population origins or ancestry is not included.",
      "允许用于健康、医学或生物医学目的；不包括人群起源或祖源研究。",
    ],
  },
  {
    code: "DUO:0000042",
    source: "DUO",
    name: ["General research use", "一般研究用途"],
    definition: ["Use is allowed for any research purpose.", "允许用于任何研究目的。"],
  },
  {
    code: "DUO:0000011",
    source: "DUO",
    name: ["Population origins or ancestry research only", "仅限人群起源或祖源研究"],
    definition: ["Use is limited to the study of population origins or ancestry.", "仅限用于人群起源或祖源研究。"],
  },
  {
    code: "DUO:0000043",
    source: "DUO",
    name: ["Clinical care use", "临床诊疗使用"],
    definition: [
      "Use is allowed for clinical use and care; data may be used for clinical decision making.",
      "允许用于临床诊疗，可用于临床决策。",
    ],
  },
  {
    code: "dpv:AcademicResearch",
    source: "DPV",
    name: ["Academic research", "学术研究"],
    definition: [
      "Conducting or assisting with research in an academic context, e.g. within universities.",
      "在高校等学术环境中开展或协助研究。",
    ],
  },
  {
    code: "dpv:CommercialResearch",
    source: "DPV",
    name: ["Commercial research", "商业研究"],
    definition: [
      "Conducting research in a commercial setting or with the intention to commercialise, e.g. in a company.",
      "在商业环境中或以商业化为目的开展研究，例如企业研究。",
    ],
  },
  {
    code: "dpv:NonCommercialResearch",
    source: "DPV",
    name: ["Non-commercial research", "非商业研究"],
    definition: [
      "Conducting research in a non-commercial setting, e.g. for a non-profit organisation.",
      "在非商业环境中开展研究，例如非营利组织的研究。",
    ],
  },
  {
    code: "dpv:MaintainCreditRatingDatabase",
    source: "DPV",
    name: ["Maintain a credit rating database", "维护信用评级数据库"],
    definition: ["Maintaining a database of credit ratings.", "维护信用评级数据库。"],
  },
];

/** What a purpose is called; a code that is not known is its own name. */
export function purposeName(code: string, language: Language): string {
  return findPurpose(code)?.name[language === "zh" ? 1 : 0] ?? code;
}

export function findPurpose(code: string): KnownPurpose | undefined {
  return purposes.find((known) => known.code === code);
}

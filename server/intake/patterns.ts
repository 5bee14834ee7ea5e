/** Contents that give a column away, whatever its name. */
export const patterns = ["ChineseId", "Mobile", "Email", "Ssn", "Uuid", "ChineseName", "Words"] as const;
export type Pattern = (typeof patterns)[number];

const chineseId = /^[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]$/;
const mobile = /^(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}$/;
const email = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
const ssn = /^\d{3}-\d{2}-\d{4}$/;
const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
/** Two words, or a sentence in Chinese. One step a character, as cells may be long. */
const words = /\p{L}[ ,]+\p{L}|\p{Script=Han}{5}/u;

/** The hundred most frequent family names and the two-character ones. */
const familyNames = new Set(
  "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常",
);
const chineseName = /^(?:\p{Script=Han}{2,3}|(?:欧阳|上官|司马|诸葛|司徒|东方|皇甫|尉迟|夏侯)\p{Script=Han}{1,2})$/u;

/** Tells which pattern a value has; undefined if none. */
export function patternOf(value: string): Pattern | undefined {
  const first = value.charCodeAt(0);
  if (first >= 0x4e00 && isChineseName(value)) return "ChineseName";
  if (value.length === 36 && uuid.test(value)) return "Uuid";
  if (value.length === 18 && isChineseId(value)) return "ChineseId";
  if (value.length === 11 && ssn.test(value)) return "Ssn";
  if (value.length >= 11 && value.length <= 17 && mobile.test(value)) return "Mobile";
  if (value.length >= 6 && value.length <= 254 && value.includes("@") && email.test(value)) return "Email";
  return words.test(value) ? "Words" : undefined;
}

function isChineseName(value: string): boolean {
  return familyNames.has(value.charAt(0)) && chineseName.test(value);
}

const idWeights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/** Checks form, date and check digit of a resident identity number (GB 11643). */
export function isChineseId(value: string): boolean {
  if (!chineseId.test(value)) return false;
  const sum = idWeights.reduce((total, weight, index) => total + weight * Number(value[index]), 0);
  return "10X98765432"[sum % 11] === value[17]?.toUpperCase();
}

import type { Random } from "./random.ts";

/** What names a newborn and its mother. All of it is made up. */
export type Person = {
  readonly motherName: string;
  readonly newbornName: string;
  readonly mobile: string;
  readonly motherIdNumber: string;
  readonly district: string;
};

const families = [
  ..."王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈",
];
const given = [..."芳娜敏静丽艳娟霞秀兰燕玲丹萍红梅琳雪倩颖婷慧莹洁佳欣怡雯璐瑶晶蕾菲悦琪露珊岚"];
const districts = ["望江区", "临湖区", "北山区", "南港区", "云溪区", "青禾区", "松岭县", "白石县"];

export function createPerson(random: Random, sex: "M" | "F"): Person {
  const motherName = random.pick(families) + random.pick(given) + (random.chance(0.6) ? random.pick(given) : "");
  return {
    motherName,
    newbornName: `${motherName}之${sex === "M" ? "子" : "女"}`,
    mobile: `19900${String(random.integer(0, 999_999)).padStart(6, "0")}`,
    motherIdNumber: createIdNumber(random),
    district: random.pick(districts),
  };
}

const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/** Well formed, with a right check digit, and nobody's: there is no region 990000. */
function createIdNumber(random: Random): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const born = `${random.integer(1982, 2003)}${two(random.integer(1, 12))}${two(random.integer(1, 28))}`;
  const digits = `990000${born}${String(random.integer(0, 499) * 2).padStart(3, "0")}`;
  const sum = weights.reduce((total, weight, index) => total + weight * Number(digits[index]), 0);
  return digits + "10X98765432".charAt(sum % 11);
}

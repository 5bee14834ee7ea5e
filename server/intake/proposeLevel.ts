import type { FieldLevel } from "../domain/dataset.ts";
import { endsLikeNumber, freeText, plainName } from "./lexicon.ts";
import { isMeasured, type NameRule, nameRules } from "./nameRules.ts";
import type { Pattern } from "./patterns.ts";
import type { ColumnProfile } from "./profile.ts";

/** A level and one line that says why. */
export type LevelProposal = { readonly level: FieldLevel; readonly reason: string };

/** Fewer distinct values than this are a list of choices, not something of one person. */
const manyValues = 200;

/** Proposes the level of a column, from its content first where that gives it away, then from its name, then from type and spread. */
export function proposeLevel(column: ColumnProfile): LevelProposal {
  const plain = plainName(column.name);
  const byContent = contentProposal(column);
  const byName = nameProposal(plain, column);
  if (byContent?.level === "Direct" || byName === undefined) return byContent ?? spreadProposal(column);
  if (byContent !== undefined && byName.level !== "Direct") return byContent;
  return byName;
}

const contentRules: readonly { pattern: Pattern; share: number; proposal: LevelProposal }[] = [
  {
    pattern: "ChineseId",
    share: 0.05,
    proposal: { level: "Direct", reason: "values are identity numbers with a right check digit" },
  },
  { pattern: "Mobile", share: 0.2, proposal: { level: "Direct", reason: "values look like mobile numbers" } },
  { pattern: "Email", share: 0.05, proposal: { level: "Direct", reason: "values look like e-mail addresses" } },
  { pattern: "Ssn", share: 0.05, proposal: { level: "Direct", reason: "values look like social security numbers" } },
  { pattern: "Uuid", share: 0.5, proposal: { level: "Linking", reason: "values are UUIDs" } },
];

function contentProposal(column: ColumnProfile): LevelProposal | undefined {
  const rule = contentRules.find(({ pattern, share }) => column.shares[pattern] >= share);
  if (rule !== undefined) return rule.proposal;
  const namesPeople = column.shares.ChineseName > 0.6 && column.distinct > 20;
  return namesPeople ? { level: "Direct", reason: "values look like Chinese names of people" } : undefined;
}

function nameProposal(plain: string, column: ColumnProfile): LevelProposal | undefined {
  const isText = column.fieldType === "Text";
  if (isText && freeText.test(plain)) return { level: "Direct", reason: "free text, which may name anybody" };
  const rule = nameRules.find(({ name }) => name.test(plain));
  if (rule === undefined) return endsLikeNumber(plain) ? numberProposal(column) : undefined;
  if (rule.level === "Linking") return numberProposal(column);
  if (rule.level === "Sensitive" && isSpokenByType(rule, column)) return undefined;
  return { level: rule.level, reason: `named as ${rule.meaning}` };
}

/** Dates stay dates, and a number that is no code is a measurement, whatever was treated with it. */
function isSpokenByType(rule: NameRule, { fieldType }: ColumnProfile): boolean {
  if (fieldType === "Date" || fieldType === "Timestamp") return true;
  if (fieldType === "Decimal") return !/code/.test(rule.meaning);
  return fieldType === "Integer" && isMeasured(rule);
}

/** Numbers of records link; a handful of small numbers is a code list that is merely called so. */
function numberProposal(column: ColumnProfile): LevelProposal | undefined {
  if (column.fieldType === "Decimal" || column.fieldType === "Boolean") return undefined;
  if (column.fieldType === "Date" || column.fieldType === "Timestamp") return undefined;
  const isList = column.fieldType === "Integer" && column.distinct <= 100 && column.values >= 10 * column.distinct;
  if (isList)
    return { level: "Quasi", reason: `named as the number of a record, with ${column.distinct} values in all` };
  return { level: "Linking", reason: "named as the number of a record" };
}

/** Speaks where neither content nor name does. */
function spreadProposal(column: ColumnProfile): LevelProposal {
  if (column.values === 0) return { level: "Sensitive", reason: "no values, so nothing tells what it will hold" };
  return bySpread[column.fieldType](column);
}

const bySpread: Readonly<Record<ColumnProfile["fieldType"], (column: ColumnProfile) => LevelProposal>> = {
  Date: () => ({ level: "Quasi", reason: "a date" }),
  Timestamp: () => ({ level: "Quasi", reason: "a point in time" }),
  Boolean: () => ({ level: "Sensitive", reason: "a yes or no about a person" }),
  Decimal: (column) => flagProposal(column) ?? { level: "Neutral", reason: "a measurement" },
  Integer: integerProposal,
  Text: textProposal,
};

/** Two numbers are a yes or no in other words: of a diagnosis, say, which few have. */
function flagProposal({ distinct, values }: ColumnProfile): LevelProposal | undefined {
  const isFlag = distinct <= 2 && values >= 5;
  return isFlag ? { level: "Sensitive", reason: "two numbers at most, as a yes or no about a person" } : undefined;
}

function integerProposal(column: ColumnProfile): LevelProposal {
  const flag = flagProposal(column);
  if (flag !== undefined) return flag;
  const unique = column.values >= 20 && column.distinct > 0.95 * column.values;
  if (unique) return { level: "Linking", reason: "nearly every whole number occurs once, as record numbers do" };
  if (column.meanLength >= 12) return { level: "Linking", reason: "long whole numbers, as record numbers are" };
  return { level: "Neutral", reason: "a count or measurement" };
}

function textProposal(column: ColumnProfile): LevelProposal {
  const unique = column.distinct > 0.9 * column.values;
  if (column.shares.Words > 0.2 && (unique || column.meanLength > 40) && column.distinct > 20)
    return { level: "Direct", reason: "free text or names: many different texts of several words" };
  if (column.numericShare > 0.5) return { level: "Sensitive", reason: "measurements mixed with text" };
  if (unique && column.values >= 5) return { level: "Linking", reason: "nearly every text occurs once" };
  if (column.distinct > manyValues)
    return { level: "Linking", reason: `${column.distinct} different texts may single people out` };
  return { level: "Quasi", reason: `one of ${column.distinct} texts, meaning unknown` };
}

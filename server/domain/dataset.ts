/** What stands in `IDatasetRegistry.Description`, with names for its numbers. Orders of the lists are those of the Solidity enums. */
export const fieldTypes = ["Text", "Integer", "Decimal", "Boolean", "Date", "Timestamp"] as const;
export type FieldType = (typeof fieldTypes)[number];

/** How close a field comes to a person, from nothing to a name. */
export const fieldLevels = ["Neutral", "Quasi", "Sensitive", "Linking", "Direct"] as const;
export type FieldLevel = (typeof fieldLevels)[number];

export type Field = { readonly name: string; readonly fieldType: FieldType; readonly level: FieldLevel };

/** `patientKey` names the field that tells patients apart; empty for a table without patients. */
export type Table = { readonly name: string; readonly patientKey: string; readonly fields: readonly Field[] };

/** Two fields, each `table.field`, along which tables may be joined. */
export type Join = { readonly left: string; readonly right: string };

export type Description = {
  readonly title: string;
  readonly tables: readonly Table[];
  readonly joins: readonly Join[];
};

/** Most fields a dataset may have: an agreement names them in a bitmap of one word. */
export const maxFields = 256;

/** A field with its place in the dataset. */
export type NumberedField = Field & { readonly table: string; readonly number: number };

/** Lists all fields in the order in which an agreement's bitmap numbers them. */
export function numberFields(description: Description): NumberedField[] {
  return description.tables
    .flatMap((table) => table.fields.map((field) => ({ ...field, table: table.name })))
    .map((field, number) => ({ ...field, number }));
}

import type { FieldType } from "./dataset.ts";

/**
 * What leaves after a permitted use. Integers and decimals are strings, so that nothing passes through a floating-point number;
 * null stands for no value and for a value that is withheld because too few patients stand behind it.
 */
export type Result = {
  readonly columns: readonly { readonly name: string; readonly type: FieldType }[];
  readonly rows: readonly (readonly (string | boolean | null)[])[];
};

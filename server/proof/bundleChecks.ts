/** What is checked of a bundle, in the order in which it hangs together. */
export const bundleChecks = [
  "form",
  "manifest",
  "participants",
  "head",
  "heads",
  "agreements",
  "signatures",
  "entries",
  "receipts",
  "uses",
  "promises",
  "range",
  "period",
  "seal",
] as const;
export type BundleCheck = (typeof bundleChecks)[number];

/** Takes what a check finds; undefined for nothing. */
export type Note = (check: BundleCheck, problem: string | undefined) => void;

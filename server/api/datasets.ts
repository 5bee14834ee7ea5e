import { z } from "zod";
import { fieldLevels, fieldTypes } from "../domain/dataset.ts";
import type { DatasetId, ParticipantId } from "../domain/ids.ts";
import { datasetStatuses } from "../domain/status.ts";
import { disclosures } from "../domain/terms.ts";
import { namedSchema, pageOf, pageQuery, searchText } from "./page.ts";
import { bytes32, indexSchema, time } from "./primitives.ts";

export const fieldSchema = z
  .strictObject({ name: z.string(), fieldType: z.enum(fieldTypes), level: z.enum(fieldLevels) })
  .meta({ id: "Field" });

export const descriptionSchema = z
  .strictObject({
    title: z.string(),
    tables: z.array(z.strictObject({ name: z.string(), patientKey: z.string(), fields: z.array(fieldSchema) })),
    joins: z.array(z.strictObject({ left: z.string(), right: z.string() })),
  })
  .meta({ id: "Description" });

const rulesSchema = z
  .strictObject({
    purposes: z.array(z.string()),
    maxDisclosure: z.enum(disclosures),
    minCohort: indexSchema,
    approvals: indexSchema,
  })
  .meta({ id: "Rules", description: "What the holder permits at most, whatever an agreement says" });

export const datasetSummary = z
  .strictObject({
    id: bytes32<DatasetId>(),
    name: z.string(),
    title: z.string(),
    holder: namedSchema,
    status: z.enum(datasetStatuses),
    rules: rulesSchema,
    revision: z.int().positive(),
    tables: indexSchema,
    fields: indexSchema,
    registeredAt: time,
  })
  .meta({ id: "DatasetSummary" });

export const datasetSchema = z
  .strictObject({
    ...datasetSummary.shape,
    descriptionHash: bytes32(),
    description: descriptionSchema,
    suspendedByHolderAt: time.nullable(),
    suspendedByRegulatorAt: time.nullable(),
    retiredAt: time.nullable(),
  })
  .meta({ id: "Dataset" });

export const datasetQuery = z.strictObject({
  ...pageQuery,
  holder: bytes32<ParticipantId>().optional(),
  status: z.enum(datasetStatuses).optional(),
  text: searchText,
});
export const datasetPage = pageOf(datasetSummary).meta({ id: "DatasetPage" });

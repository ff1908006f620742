/** What `JSON.parse` gives for a record. */
export type Json = null | boolean | number | string | Json[] | JsonObject;

/** A JSON object: a record, a tagged value such as `{ "$tensor": ... }`, or a mapping. */
export interface JsonObject {
  [key: string]: Json;
}

/** Whether `value` is a JSON object (neither null nor an array). */
export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The field `key` of `record` as an array; an absent field is an empty array. */
export function arrayField(record: JsonObject, key: string): Json[] {
  const value = record[key];
  return Array.isArray(value) ? value : [];
}

/** The field `key` of `record` as an object; an absent field is an empty object. */
export function objectField(record: JsonObject, key: string): JsonObject {
  const value = record[key];
  return isJsonObject(value) ? value : {};
}

/** The field `key` of `record` as text. @throws Error when it is missing or not a string. */
export function stringField(record: JsonObject, key: string): string {
  const value = record[key];
  if (typeof value !== "string") {
    throw new Error(`record has no text field "${key}"`);
  }
  return value;
}

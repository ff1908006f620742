// Every transform by name, those of single elements and those of whole events.
export * from "./elementwise-transforms.ts";
export * from "./event-transforms.ts";

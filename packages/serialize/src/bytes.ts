import "./inflate-portable.ts";

export * from "./formats.ts";

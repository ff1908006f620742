import { Decoder } from "./decode.ts";
import { arrayField, isJsonObject, type Json, type JsonObject, objectField, stringField } from "./json.ts";
import { type Callable, classNamed, type Library, methodNamed, withOptions } from "./library.ts";

/** What the runner needs of a module of the library. */
export type ModuleLike = Callable & {
  training: boolean;
  stateDict(): Map<string, unknown>;
  namedParameters(): Iterable<[string, unknown]>;
};

/** Builds a recorded module (`{ module, args, kwargs }`), and the modules among its arguments. @throws MissingFeature */
export function buildModule(library: Library, record: JsonObject): ModuleLike {
  const decoder = new Decoder(library, { tagged: (value) => decodeModule(library, value) });
  const { args, options } = decoder.arguments(arrayField(record, "args"), objectField(record, "kwargs"));
  return new (classNamed(library, stringField(record, "module")))(...withOptions(args, options)) as ModuleLike;
}

function decodeModule(library: Library, value: JsonObject): { value: unknown } | undefined {
  const nested = value["$module"];
  if (isJsonObject(nested)) {
    return { value: buildModule(library, nested) };
  }
  const entries = value["$dict"] ?? value["$odict"];
  if (Array.isArray(entries)) {
    const decoder = new Decoder(library, { tagged: (item) => decodeModule(library, item) });
    return { value: new Map((entries as [Json, Json][]).map(([key, item]) => [decoder.decode(key), decoder.decode(item)])) };
  }
  return undefined;
}

/** Converts parameters and buffers to `dtype` where they are floating point. */
export function convertModule(module: ModuleLike, dtype: string): void {
  methodNamed(module, "to")(dtype);
}

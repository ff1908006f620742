import { buildTensor, type Layout } from "./build-tensor.ts";
import { readFloat } from "./compare.ts";
import { isRecordedTensor, readTensor } from "./elements.ts";
import { isJsonObject, type Json, type JsonObject } from "./json.ts";
import { functionNamed, type Library, type TensorLike } from "./library.ts";
import { camelCase } from "./naming.ts";

/** How recorded values become values of the library. */
export interface DecodeOptions {
  readonly layout?: Layout;
  /** Integral Python floats are wrapped so that type promotion sees them as floats; else they are plain numbers. */
  readonly markFloats?: boolean;
  /** Leave `requires_grad` out, as for a run whose gradients nobody asks for. */
  readonly withoutGrad?: boolean;
  /** Tagged values that only some records have (`$var`, `$module`, ...). Returns undefined to decline. */
  readonly tagged?: (value: JsonObject) => { readonly value: unknown } | undefined;
}

/** Decoded arguments, and the tensors among them by path (`args.0`, `kwargs.weight`, `args.0.1`), in order of appearance. */
export interface Arguments {
  readonly args: unknown[];
  readonly options: Record<string, unknown>;
  readonly tensors: ReadonlyMap<string, TensorLike>;
}

/** Turns recorded values into values of the library. */
export class Decoder {
  readonly tensors = new Map<string, TensorLike>();

  constructor(
    private readonly library: Library,
    private readonly settings: DecodeOptions = {},
  ) {}

  /** Decodes one value; `path` names it in {@link tensors}. */
  decode(value: Json, path = "value"): unknown {
    if (Array.isArray(value)) {
      return value.map((item, index) => this.decode(item, `${path}.${index}`));
    }
    if (!isJsonObject(value)) {
      return value;
    }
    if (isRecordedTensor(value)) {
      const recorded = readTensor(value);
      const tensor = buildTensor(
        this.library,
        this.settings.withoutGrad ? { ...recorded, requiresGrad: false } : recorded,
        this.settings.layout,
      );
      this.tensors.set(path, tensor);
      return tensor;
    }
    const special = this.settings.tagged?.(value);
    return special === undefined ? this.decodeTagged(value, path) : special.value;
  }

  private decodeTagged(value: JsonObject, path: string): unknown {
    const [tag, content] = Object.entries(value)[0] ?? ["", null];
    switch (tag) {
      case "$float": {
        const number = readFloat(content);
        return this.settings.markFloats && Number.isInteger(number) ? this.library.floatScalar(number) : number;
      }
      case "$int":
        return BigInt(content as string);
      case "$complex": {
        const [re, im] = content as [Json, Json];
        return this.library.complexScalar(Number(re), Number(im));
      }
      case "$dtype":
      case "$device":
      case "$memory_format":
      case "$layout":
        return content;
      case "$slice": {
        const [start, stop, step] = content as [Json, Json, Json];
        return functionNamed(this.library, "slice")(start, stop, step);
      }
      case "$ellipsis":
        return "...";
      case "$dict":
      case "$odict":
        return new Map(
          (content as [Json, Json][]).map(([key, item], index) => [
            this.decode(key, `${path}.key${index}`),
            this.decode(item, `${path}.${index}`),
          ]),
        );
      case "$tuple":
      case "$size":
        return this.decode(content, path);
      case "$set":
        return new Set(this.decode(content, path) as unknown[]);
      case "$bytes":
        return Uint8Array.from(Buffer.from(content as string, "hex"));
      default:
        if (tag.startsWith("$")) {
          throw new Error(`records hold an unknown value ${tag}`);
        }
        return Object.fromEntries(Object.entries(value).map(([key, item]) => [camelCase(key), this.decode(item, `${path}.${key}`)]));
    }
  }

  /** Decodes positional arguments and keyword arguments; keywords become options in camelCase. */
  arguments(args: readonly Json[], kwargs: JsonObject): Arguments {
    const decoded = args.map((value, index) => this.decode(value, `args.${index}`));
    const options = Object.fromEntries(Object.entries(kwargs).map(([key, value]) => [camelCase(key), this.decode(value, `kwargs.${key}`)]));
    return { args: decoded, options, tensors: this.tensors };
  }
}

/**
 * Whether integral Python floats among `values` can matter for the result's dtype: they do unless a floating-point or complex
 * tensor takes part, beside which the kind of a number no longer counts.
 */
export function floatsMatter(values: Json): boolean {
  let floating = false;
  const visit = (value: Json): void => {
    if (Array.isArray(value)) {
      value.forEach(visit);
    } else if (isRecordedTensor(value)) {
      floating ||= /float|complex/.test(String(value.$tensor["dtype"]));
    } else if (isJsonObject(value)) {
      Object.values(value).forEach(visit);
    }
  };
  visit(values);
  return !floating;
}

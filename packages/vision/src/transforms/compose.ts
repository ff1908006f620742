import { rand, randperm } from "@bluedot/core";
import { drawInteger } from "./draw.ts";
import { Transform, type TransformFunction } from "./transform.ts";

// biome-ignore lint/suspicious/noExplicitAny: a chain takes and gives whatever its first and last transforms do
type Any = any;

function indented(transforms: readonly TransformFunction[]): string {
  return transforms
    .map((transform) => `\n    ${transform instanceof Transform ? String(transform) : `<function ${transform.name || "anonymous"}>`}`)
    .join("");
}

/** What the last of the transforms gives. */
type OutputOf<T extends readonly unknown[]> = T extends readonly [...unknown[], infer Last]
  ? Last extends (input: never) => infer Output
    ? Output
    : unknown
  : Any;

/** Several transforms one after the other. @see torchvision.transforms.Compose */
export class Compose<T extends readonly TransformFunction[] = readonly TransformFunction[]> extends Transform<Any, OutputOf<T>> {
  readonly transforms: T;

  /** @throws {TypeError} for a member that cannot be called */
  constructor(transforms: readonly [...T]) {
    super();
    for (const [i, transform] of transforms.entries())
      if (typeof transform !== "function")
        throw new TypeError(`Compose: transforms[${i}] is ${typeof transform}, expected a transform or a function`);
    this.transforms = transforms as unknown as T;
  }

  forward(input: Any): OutputOf<T> {
    let value: unknown = input;
    for (const transform of this.transforms) value = transform(value as never);
    return value as OutputOf<T>;
  }

  override get isPixelwise(): boolean {
    return this.transforms.every((transform) => transform instanceof Transform && transform.isPixelwise);
  }

  override toString(): string {
    return `Compose(${indented(this.transforms)}\n)`;
  }
}

/** A function as a transform. @see torchvision.transforms.Lambda */
export class Lambda<Input, Output> extends Transform<Input, Output> {
  readonly lambd: (input: Input) => Output;

  constructor(lambd: (input: Input) => Output) {
    super();
    if (typeof lambd !== "function") throw new TypeError(`Argument lambd should be callable, got ${typeof lambd}`);
    this.lambd = lambd;
  }

  forward(input: Input): Output {
    return this.lambd(input);
  }

  override toString(): string {
    return "Lambda()";
  }
}

/** All of the transforms, or none, with probability `p`. @see torchvision.transforms.RandomApply */
export class RandomApply extends Transform<Any, Any> {
  readonly transforms: readonly TransformFunction[];
  readonly p: number;

  constructor(transforms: readonly TransformFunction[], p: number | { p?: number } = 0.5) {
    super();
    this.transforms = transforms;
    this.p = typeof p === "number" ? p : (p.p ?? 0.5);
  }

  forward(input: Any): Any {
    if (this.p < (rand([1]).item() as number)) return input;
    let value: unknown = input;
    for (const transform of this.transforms) value = transform(value as never);
    return value;
  }

  override toString(): string {
    return `RandomApply(\n    p=${this.p}${indented(this.transforms)}\n)`;
  }
}

/** One of the transforms, chosen at random. @see torchvision.transforms.RandomChoice */
export class RandomChoice extends Transform<Any, Any> {
  readonly transforms: readonly TransformFunction[];
  /** Weights of the choice, or `null` for equal ones. */
  readonly p: readonly number[] | null;

  constructor(transforms: readonly TransformFunction[], p: readonly number[] | null = null) {
    super();
    if (p !== null && p.length !== transforms.length) throw new TypeError("Length of p doesn't match the number of transforms");
    this.transforms = transforms;
    this.p = p;
  }

  forward(input: Any): Any {
    let which = 0;
    if (this.p === null) which = drawInteger(0, this.transforms.length);
    else {
      let left = (rand([1]).item() as number) * this.p.reduce((a, b) => a + b, 0);
      while (which < this.p.length - 1 && left >= this.p[which]!) left -= this.p[which++]!;
    }
    return this.transforms[which]!(input as never);
  }

  override toString(): string {
    return `RandomChoice(${indented(this.transforms)}\n)(p=${this.p === null ? "None" : `[${this.p.join(", ")}]`})`;
  }
}

/** All of the transforms in random order. @see torchvision.transforms.RandomOrder */
export class RandomOrder extends Transform<Any, Any> {
  readonly transforms: readonly TransformFunction[];

  constructor(transforms: readonly TransformFunction[]) {
    super();
    this.transforms = transforms;
  }

  forward(input: Any): Any {
    let value: unknown = input;
    for (const i of randperm(this.transforms.length).tolist() as number[]) value = this.transforms[i]!(value as never);
    return value;
  }

  override toString(): string {
    return `RandomOrder(${indented(this.transforms)}\n)`;
  }
}

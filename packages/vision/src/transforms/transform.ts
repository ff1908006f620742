/** Something that turns one value into another: a {@link Transform} or a plain function. */
export type TransformFunction = (input: never) => unknown;

/**
 * Base of the transforms. An instance is a function: `transform(image)` runs its `forward`.
 * @see torchvision.transforms
 */
export abstract class Transform<Input, Output> {
  constructor() {
    const self = ((input: Input) => self.forward(input)) as unknown as this;
    // A function's own `name` and `length` would stand in the way of fields of those names.
    delete (self as { name?: unknown }).name;
    delete (self as { length?: unknown }).length;
    Object.setPrototypeOf(self, new.target.prototype as object);
    // biome-ignore lint/correctness/noConstructorReturn: this is what makes instances callable
    return self;
  }

  /** What a call does. */
  abstract forward(input: Input): Output;

  /**
   * True when the transform maps each value of each channel by itself and draws no random numbers: a data set of uint8 images may then apply it
   * by table to a whole batch at once.
   */
  get isPixelwise(): boolean {
    return false;
  }

  /** What stands between the parentheses in PyTorch's `repr`. */
  protected extraRepr(): string {
    return "";
  }

  /** PyTorch's `repr`. */
  toString(): string {
    return `${this.constructor.name}(${this.extraRepr()})`;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

export interface Transform<Input, Output> {
  // biome-ignore lint/style/useShorthandFunctionType: merged with the class, so that its instances can be called
  (input: Input): Output;
}

/** Base of every error the library throws on bad input. `message` is PyTorch's sentence wherever PyTorch has one. */
export class TensorError extends Error {
  constructor(message: string) {
    super(message);
    this.name = new.target.name;
  }
}

/** Shapes, sizes or numbers of dimensions that do not fit. */
export class ShapeError extends TensorError {}

/** A dtype that the operation does not take. */
export class DTypeError extends TensorError {}

/** A device that is absent, or tensors on different devices. */
export class DeviceError extends TensorError {}

/** A misuse of automatic differentiation. */
export class AutogradError extends TensorError {}

/** An index or a dimension out of range. */
export class IndexError extends TensorError {}

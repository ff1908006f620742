import { ByteReader } from "./byte-reader.ts";
import { isTuple } from "./containers.ts";
import { UnpicklingError } from "./errors.ts";
import { findGlobal } from "./globals.ts";
import { type NpyArray, npyArrayOf } from "./npy.ts";
import { type PickleGlobal, PickleReader, pickleGlobal } from "./pickle-reader.ts";

/** A dtype under construction: its code (`u1`), and the byte order that its state tells. */
class PickledDType {
  readonly code: string;
  order = "|";
  constructor(code: string) {
    this.code = code;
  }
}

/** An array under construction; the state fills it in. */
class PickledArray {
  array: NpyArray | null = null;
}

const text = (value: unknown): string => (value instanceof Uint8Array ? new TextDecoder("latin1").decode(value) : String(value));

const ndarray = pickleGlobal("numpy.ndarray");
const reconstruct = (name: string) =>
  pickleGlobal(name, ([type]) => {
    if (type !== ndarray) throw new UnpicklingError(`${name} may make plain arrays only`);
    return new PickledArray();
  });
const known = new Map<string, PickleGlobal>(
  [
    ndarray,
    reconstruct("numpy.core.multiarray._reconstruct"),
    reconstruct("numpy._core.multiarray._reconstruct"),
    pickleGlobal("numpy.dtype", ([code]) => new PickledDType(text(code))),
  ].map((global) => [global.name, global]),
);

function build(target: unknown, state: unknown): boolean {
  if (target instanceof PickledDType) {
    if (!isTuple(state) || state.length < 2) throw new UnpicklingError("a dtype of the file has no valid state");
    target.order = text(state[1]);
    return true;
  }
  if (!(target instanceof PickledArray)) return false;
  if (!isTuple(state) || state.length !== 5) throw new UnpicklingError("an array of the file has no valid state");
  const [, shape, dtype, fortranOrder, data] = state;
  if (!isTuple(shape) || !(dtype instanceof PickledDType) || !(data instanceof Uint8Array))
    throw new UnpicklingError("an array of the file has no valid state");
  target.array = npyArrayOf(data, `${dtype.order}${dtype.code}`, shape as number[], fortranOrder === true || fortranOrder === 1);
  return true;
}

/** Arrays for the shells that were filled in while the rest was read. */
function unwrap(value: unknown): unknown {
  if (value instanceof PickledArray) return value.array ?? raise();
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key instanceof Uint8Array ? text(key) : key, unwrap(item)]));
  if (Array.isArray(value)) return value.map(unwrap);
  return value;
}

function raise(): never {
  throw new UnpicklingError("an array of the file has no content");
}

/**
 * Reads a plain pickle of data and NumPy arrays, as data sets for Python are published (CIFAR-10). Strings of Python 2 come as bytes, except for keys.
 *
 * @throws {UnpicklingError} when it is damaged, or names something that is not data
 */
export function loadNumpyPickle(bytes: Uint8Array): unknown {
  return unwrap(
    new PickleReader(new ByteReader(bytes), {
      findGlobal: (module, name) => known.get(`${module}.${name}`) ?? findGlobal(module, name),
      persistentLoad: () => {
        throw new UnpicklingError("a persistent id outside a file of torch.save");
      },
      build,
      stringsAreBytes: true,
    }).load(),
  );
}

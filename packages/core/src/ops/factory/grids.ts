import { given as givenArguments, isOptions, required, signature } from "../../dispatch/arguments.ts";
import { DTypeError, ShapeError } from "../../errors.ts";
import { isComplex } from "../../tensor/dtype.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { indexSelect } from "../indexing/index-select.ts";
import { scatter } from "../indexing/scatter.ts";
import { cumprod } from "../reduce/cumulative.ts";
import { tensorList } from "../view/atleast.ts";
import { cat, stack } from "../view/cat.ts";
import { flip } from "../view/flip.ts";
import { reshape } from "../view/reshape.ts";
import { fromNumbers } from "./arange.ts";
import { onesLike, zeros } from "./filled.ts";

export interface MeshgridOptions {
  /** `"ij"`: the first tensor varies along the first dimension (default); `"xy"`: along the second. */
  indexing?: "ij" | "xy";
}

/** Views of vectors (or numbers) expanded to the grid that they span. @throws {ShapeError} @throws {DTypeError} @see torch.meshgrid */
export function meshgrid(...args: readonly (Tensor | readonly Tensor[] | MeshgridOptions)[]): Tensor[] {
  const last = args[args.length - 1];
  const options = isOptions(last) ? (last as MeshgridOptions) : {};
  for (const key of Object.keys(options)) {
    if (key !== "indexing") throw new TypeError(`meshgrid() got an unexpected keyword argument '${key}'; it takes indexing`);
  }
  const given = isOptions(last) ? args.slice(0, -1) : args;
  const tensors = (Array.isArray(given[0]) ? given[0] : given) as readonly Tensor[];
  if (tensors.length === 0) throw new ShapeError("meshgrid expects a non-empty TensorList");
  for (const t of tensors) {
    if (t.ndim > 1) throw new ShapeError(`torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: ${t.shape.length}`);
    if (t.dtype !== tensors[0]!.dtype) throw new DTypeError("torch.meshgrid expects all tensors to have the same dtype");
  }
  const indexing = options.indexing ?? "ij";
  if (indexing !== "ij" && indexing !== "xy") {
    throw new ShapeError(`torch.meshgrid: indexing must be one of "xy" or "ij", but received: ${String(indexing)}`);
  }
  const swap = indexing === "xy" && tensors.length >= 2;
  const list = swap ? [tensors[1]!, tensors[0]!, ...tensors.slice(2)] : tensors;
  const shape = list.map((t) => t.count);
  const grids = list.map((t, d) =>
    t
      .view([-1])
      .view(shape.map((_, i) => (i === d ? -1 : 1)))
      .expand(shape),
  );
  if (!swap) return grids;
  return [grids[1]!, grids[0]!, ...grids.slice(2)];
}

/** All tuples of one element of each vector, as rows. @throws {ShapeError} @see torch.cartesian_prod */
export function cartesianProd(...tensors: Tensor[] | [readonly Tensor[]]): Tensor {
  const list = tensorList("cartesianProd", tensors);
  for (const t of list) if (t.ndim !== 1) throw new ShapeError(`Expect a 1D vector, but got shape ${JSON.stringify(t.shape)}`);
  if (list.length === 1) return list[0]!;
  return stack(
    meshgrid(list).map((t) => reshape(t, [-1])),
    1,
  );
}

const bindCombinations = signature("combinations", { r: 2, withReplacement: false });

/** All combinations of `r` elements of a vector, in order, as rows; `withReplacement` lets elements recur. @throws {ShapeError} @see torch.combinations */
export function combinations(
  self: Tensor,
  r?: number | { r?: number; withReplacement?: boolean },
  withReplacement?: boolean | { withReplacement?: boolean },
  ...extra: never[]
): Tensor {
  const given = bindCombinations(givenArguments([r, withReplacement, ...extra])) as { r: number; withReplacement: boolean };
  if (self.ndim !== 1) throw new ShapeError(`Expect a 1D vector, but got shape [${self.shape.join(", ")}]`);
  if (given.r < 0) throw new ShapeError(`Expect a non-negative number, but got ${given.r}`);
  if (given.r === 0) return self.newEmpty([0]);
  const rows: number[][] = [];
  const extend = (row: readonly number[], from: number): void => {
    if (row.length === given.r) {
      rows.push([...row]);
      return;
    }
    for (let i = from; i < self.count; i++) extend([...row, i], given.withReplacement ? i : i + 1);
  };
  extend([], 0);
  const index = fromNumbers(Float64Array.from(rows.flat()), [rows.length * given.r], "int64", { device: self.device });
  return reshape(indexSelect(self, 0, index), [rows.length, given.r]);
}

const bindVander = signature("vander", { N: null, increasing: false });
export interface VanderOptions {
  /** Number of columns. Default: square. */
  N?: number | null;
  /** Powers from low to high rather than from high to low. Default false. */
  increasing?: boolean;
}

/** The powers of a vector as columns, falling from N - 1 to 0 unless `increasing`. @throws {ShapeError} @see torch.vander */
export function vander(x: Tensor, N?: number | null | VanderOptions, increasing?: boolean | VanderOptions, ...extra: never[]): Tensor {
  const given = bindVander(givenArguments([N, increasing, ...extra])) as Required<VanderOptions>;
  if (x.ndim !== 1) throw new ShapeError("x must be a one-dimensional tensor.");
  const columns = given.N ?? x.count;
  if (columns < 0) throw new ShapeError("N must be non-negative.");
  const source =
    isComplex(x.dtype) || x.dtype === "float32" || x.dtype === "float64"
      ? x
      : x.to(x.dtype === "float16" || x.dtype === "bfloat16" ? x.dtype : "int64");
  if (columns === 0) return source.newEmpty([x.count, 0]);
  const ones = onesLike(source).unsqueeze(1);
  const powers = columns === 1 ? ones : cat([ones, cumprod(source.unsqueeze(1).expand([x.count, columns - 1]), 1)], 1);
  return given.increasing ? powers : flip(powers, 1);
}

const bindOneHot = signature("oneHot", { input: required, numClasses: -1 });

/** Class numbers as vectors of zeros with a one at the class, in a new last dimension; int64. @throws {DTypeError} @throws {ShapeError} @see torch.nn.functional.one_hot */
export function oneHot(
  input: Tensor | { input: Tensor; numClasses?: number },
  numClasses?: number | { numClasses?: number },
  ...extra: never[]
): Tensor {
  const given = bindOneHot([input, numClasses, ...extra].filter((a) => a !== undefined).map((a) => renameTensor(a))) as {
    input: Tensor;
    numClasses: number;
  };
  const classes = given.input;
  if (classes.dtype !== "int64") throw new DTypeError("one_hot is only applicable to index tensor.");
  if (classes.count === 0) {
    if (given.numClasses <= 0) throw new ShapeError("Can not infer total number of classes from empty tensor.");
    return zeros([...classes.shape, given.numClasses], { dtype: "int64", device: classes.device });
  }
  if (classes.min().item() < 0) throw new ShapeError("Class values must be non-negative.");
  const most = classes.max().item();
  let n = given.numClasses;
  if (n === -1) n = most + 1;
  else if (n < 1) throw new ShapeError("num_classes should be positive");
  else if (most >= n) throw new ShapeError("Class values must be smaller than num_classes.");
  return scatter(zeros([...classes.shape, n], { dtype: "int64", device: classes.device }), -1, classes.unsqueeze(-1), 1);
}

/** PyTorch calls the argument both `input` and `tensor`. */
function renameTensor(argument: unknown): unknown {
  if (!isOptions(argument) || !Object.hasOwn(argument as object, "tensor")) return argument;
  const { tensor, ...rest } = argument as { tensor: Tensor };
  return { ...rest, input: tensor };
}

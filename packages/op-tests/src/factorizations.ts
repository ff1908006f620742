import { compareElements, compareTensor, elementsOf, type Tolerance } from "./compare.ts";
import { countOf, type RecordedTensor, readTensor } from "./elements.ts";
import { arrayField, type JsonObject, objectField, stringField } from "./json.ts";
import { memberOf, type TensorLike } from "./library.ts";

/** A stack of real matrices, row-major. */
interface Matrices {
  readonly batch: number;
  readonly rows: number;
  readonly columns: number;
  readonly data: readonly number[];
}

function matricesOf(tensor: TensorLike): Matrices {
  const { shape } = tensor;
  const rows = shape[shape.length - 2] ?? 1;
  const columns = shape[shape.length - 1] ?? 1;
  return { batch: countOf(shape.slice(0, -2)), rows, columns, data: elementsOf(tensor) as number[] };
}

function build(batch: number, rows: number, columns: number, at: (b: number, i: number, j: number) => number): Matrices {
  const data: number[] = [];
  for (let b = 0; b < batch; b++) {
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        data.push(at(b, i, j));
      }
    }
  }
  return { batch, rows, columns, data };
}

const element = ({ rows, columns, data }: Matrices, b: number, i: number, j: number): number =>
  data[(b * rows + i) * columns + j] as number;

const transposed = (m: Matrices): Matrices => build(m.batch, m.columns, m.rows, (b, i, j) => element(m, b, j, i));

function product(left: Matrices, right: Matrices): Matrices {
  return build(left.batch, left.rows, right.columns, (b, i, j) => {
    let sum = 0;
    for (let k = 0; k < left.columns; k++) {
      sum += element(left, b, i, k) * element(right, b, k, j);
    }
    return sum;
  });
}

/** The first `count` columns. */
const firstColumns = (m: Matrices, count: number): Matrices => build(m.batch, m.rows, count, (b, i, j) => element(m, b, i, j));

/** Columns scaled by the numbers of `values`, a vector for each matrix. */
const scaledColumns = (m: Matrices, values: readonly number[]): Matrices =>
  build(m.batch, m.rows, m.columns, (b, i, j) => element(m, b, i, j) * (values[b * m.columns + j] as number));

function matricesAgree(actual: Matrices, expected: Matrices, tolerance: Tolerance, what: string): string | undefined {
  const scale = Math.max(1, ...expected.data.map(Math.abs));
  const mismatch = compareElements(actual.data, expected.data, {
    rtol: tolerance.rtol,
    atol: Math.max(tolerance.atol, 10 * tolerance.rtol * scale),
  });
  return mismatch === undefined ? undefined : `${what}: ${mismatch}`;
}

function hasOrthonormalColumns(m: Matrices, tolerance: Tolerance, what: string): string | undefined {
  const identity = build(m.batch, m.columns, m.columns, (_, i, j) => (i === j ? 1 : 0));
  return matricesAgree(product(transposed(m), m), identity, tolerance, `${what} is not orthonormal`);
}

/**
 * Judges a decomposition, whose factors are unique only up to signs: that the factors have the recorded shapes, multiply to
 * the input and are orthonormal or triangular, and that what is unique has the recorded values.
 */
export function compareFactorization(record: JsonObject, input: TensorLike, out: unknown, tolerance: Tolerance): string | undefined {
  const expected = arrayField(record, "out").map((value) => readTensor(value as { $tensor: JsonObject }));
  const items = [...(out as Iterable<unknown>)];
  const kind = record["compare"];
  const shapes = kind === "lstsq" ? undefined : compareShapes(items, expected, tolerance);
  if (shapes !== undefined) {
    return shapes;
  }
  if (kind === "lstsq") {
    return compareTensor(items[0], expected[0] as RecordedTensor, tolerance);
  }
  const [first, second, third] = items as TensorLike[];
  const a = matricesOf(input);
  switch (kind) {
    case "svd": {
      const columns = stringField(record, "op") === "svd";
      const vectors = matricesOf(third as TensorLike);
      return (
        compareTensor(second, expected[1] as RecordedTensor, tolerance) ??
        compareSvd(
          a,
          matricesOf(first as TensorLike),
          elementsOf(second as TensorLike) as number[],
          columns ? vectors : transposed(vectors),
          tolerance,
        )
      );
    }
    case "eigh": {
      const values = elementsOf(first as TensorLike) as number[];
      const upper = objectField(record, "kwargs")["UPLO"] === "U";
      const symmetric = build(a.batch, a.rows, a.columns, (b, i, j) => (upper === i <= j ? element(a, b, i, j) : element(a, b, j, i)));
      const vectors = matricesOf(second as TensorLike);
      return (
        compareTensor(first, expected[0] as RecordedTensor, tolerance) ??
        matricesAgree(product(symmetric, vectors), scaledColumns(vectors, values), tolerance, "A V is not V diag(w)") ??
        hasOrthonormalColumns(vectors, tolerance, "V")
      );
    }
    case "qr":
      return compareQr(a, first as TensorLike, second as TensorLike, expected[1] as RecordedTensor, tolerance);
    default:
      return `records ask for an unknown comparison ${String(kind)}`;
  }
}

function compareShapes(items: readonly unknown[], expected: readonly RecordedTensor[], tolerance: Tolerance): string | undefined {
  if (items.length < expected.length || items.some((item) => memberOf(item, "shape") === undefined)) {
    return `expected ${expected.length} tensors, got ${items.length}`;
  }
  return expected
    .map((tensor, index) => compareTensor(items[index], tensor, { ...tolerance, shapeOnly: true }))
    .find((mismatch) => mismatch !== undefined);
}

function compareSvd(a: Matrices, u: Matrices, values: readonly number[], v: Matrices, tolerance: Tolerance): string | undefined {
  const rank = Math.min(a.rows, a.columns);
  const rebuilt = product(scaledColumns(firstColumns(u, rank), values), transposed(firstColumns(v, rank)));
  return (
    matricesAgree(rebuilt, a, tolerance, "U diag(S) Vh is not the input") ??
    hasOrthonormalColumns(u, tolerance, "U") ??
    hasOrthonormalColumns(v, tolerance, "V")
  );
}

function compareQr(a: Matrices, q: TensorLike, r: TensorLike, expectedR: RecordedTensor, tolerance: Tolerance): string | undefined {
  const upper = matricesOf(r);
  const below = build(upper.batch, upper.rows, upper.columns, (b, i, j) => (i > j ? element(upper, b, i, j) : 0));
  const triangular = matricesAgree(
    below,
    build(upper.batch, upper.rows, upper.columns, () => 0),
    tolerance,
    "R is not upper triangular",
  );
  if (triangular !== undefined) {
    return triangular;
  }
  if (q.numel() === 0) {
    // mode "r" leaves Q out: R is unique up to the signs of its rows
    return compareElements(
      upper.data.map(Math.abs),
      expectedR.data.map((value) => Math.abs(Number(value))),
      tolerance,
    );
  }
  const orthonormal = matricesOf(q);
  return (
    matricesAgree(product(orthonormal, upper), a, tolerance, "Q R is not the input") ?? hasOrthonormalColumns(orthonormal, tolerance, "Q")
  );
}

import { Tensor, zeros } from "@bluedot/core";
import {
  allOps,
  copyElements,
  type DType,
  defineOp,
  dtypeInfo,
  emptyTensor,
  isRowMajor,
  kernel,
  launch,
  type Op,
  registerReferenceKernels,
  run,
  type Shape,
} from "@bluedot/core/extend";

interface Layout {
  readonly shape: Shape;
  readonly strides: readonly number[];
  readonly dtype: DType;
}

/** Where a view lies within the tensor it is a view of. */
export interface Window {
  readonly base: Layout;
  readonly view: Layout;
  /** From the base's first element to the view's, in bytes. */
  readonly shift: number;
}

/** The place of `view` in `base`, which share storage. */
export const windowOf = (base: Tensor, view: Tensor): Window => ({
  base: { shape: base.shape, strides: base.strides, dtype: base.dtype },
  view: { shape: view.shape, strides: view.strides, dtype: view.dtype },
  shift: view.offset * view.itemsize - base.offset * base.itemsize,
});

/** The window as a tensor over `memory`, which is laid out as the base. */
const windowOver = (memory: Tensor, { view, shift }: Window): Tensor =>
  new Tensor(
    memory.storage,
    view.shape,
    view.strides,
    (memory.offset * memory.itemsize + shift) / dtypeInfo[view.dtype].itemSize,
    view.dtype,
  );

/** Uninitialised memory laid out as the base, gaps and all. */
function likeBase({ base }: Window, device: string): Tensor {
  const span = base.shape.reduce((last, n, i) => last + (n - 1) * base.strides[i]!, 1);
  const out = emptyTensor([span], base.dtype, device);
  out.relayout(base.shape, base.strides, 0);
  return out;
}

const clear = (target: Tensor): void => launch(allOps().get("fill")!, [target], [target], 0);
const isContiguous = ({ shape, strides }: Layout): boolean => isRowMajor(shape, strides);

/** `out`, or memory laid out as the base where that is another layout; `commit` copies it to `out`. */
function workspace(window: Window, out: Tensor): { memory: Tensor; commit: () => void } {
  if (isContiguous(window.base)) return { memory: out, commit: () => {} };
  const memory = likeBase(window, out.device);
  return { memory, commit: () => copyElements(memory, out) };
}

/** A dimension along which elements of the layout meet, or -1. */
function overlappingDim({ shape, strides }: Layout): number {
  const dims = shape.map((n, i) => [n, Math.abs(strides[i]!), i] as const).filter(([n]) => n > 1);
  dims.sort((a, b) => a[1] - b[1]);
  let reach = 0;
  for (const [n, stride, dim] of dims) {
    if (stride <= reach) return dim;
    reach += (n - 1) * stride;
  }
  return -1;
}

/** Adds `source` to `target`, whose elements may share places. */
function addInto(target: Tensor, source: Tensor): void {
  const dim = overlappingDim(target);
  if (dim < 0) return launch(allOps().get("add")!, [target, source], [target], undefined);
  const part = (t: Tensor, i: number): Tensor =>
    new Tensor(t.storage, t.shape.toSpliced(dim, 1), t.strides.toSpliced(dim, 1), t.offset + i * t.strides[dim]!, t.dtype);
  for (let i = 0; i < target.shape[dim]!; i++) addInto(part(target, i), part(source, i));
}

/** What a tensor laid out as the base holds in the window, in new memory. */
const gatherOp: Op<readonly [Tensor], Window> = defineOp<readonly [Tensor], Window>({
  name: "windowGather",
  gradName: "AsStridedBackward0",
  infer: (_, { view }) => view,
  backward: [({ grad, params }) => spread(grad, params)],
});

/** Zeros of the base's shape but for the window; where elements of the window share a place they are summed. The adjoint of {@link gather}. */
const spreadOp: Op<readonly [Tensor], Window> = defineOp<readonly [Tensor], Window>({
  name: "windowSpread",
  gradName: "AsStridedScatterBackward0",
  infer: (_, { base }) => base,
  backward: [({ grad, params }) => gather(grad, params)],
});

/** A copy of a tensor of the base's shape with other values in the window. */
const replaceOp: Op<readonly [Tensor, Tensor], Window> = defineOp<readonly [Tensor, Tensor], Window>({
  name: "windowReplace",
  gradName: "AsStridedScatterBackward0",
  infer: (_, { base }) => base,
  backward: [
    ({ grad, params }) => replace(grad, zeros(params.view.shape, { dtype: params.view.dtype, device: grad.device }), params),
    ({ grad, params }) => gather(grad, params),
  ],
});

registerReferenceKernels([
  kernel(gatherOp, ([base], [out], window) => {
    if (isContiguous(window.base) && base.contiguousLayout) return copyElements(windowOver(base, window), out!);
    const memory = likeBase(window, base.device);
    copyElements(base, memory);
    copyElements(windowOver(memory, window), out!);
  }),
  kernel(spreadOp, ([values], [out], window) => {
    const { memory, commit } = workspace(window, out!);
    clear(memory);
    const place = windowOver(memory, window);
    if (overlappingDim(place) < 0) copyElements(values, place);
    else addInto(place, values);
    commit();
  }),
  kernel(replaceOp, ([base, values], [out], window) => {
    const { memory, commit } = workspace(window, out!);
    copyElements(base, memory);
    copyElements(values, windowOver(memory, window));
    commit();
  }),
]);

export const gather = (base: Tensor, window: Window): Tensor => run(gatherOp, [base], window);
export const spread = (values: Tensor, window: Window): Tensor => run(spreadOp, [values], window);
export const replace = (base: Tensor, values: Tensor, window: Window): Tensor => run(replaceOp, [base, values], window);
export { gatherOp as asStridedNodeOp };

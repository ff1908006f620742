import { DeviceError, DTypeError, ShapeError } from "../errors.ts";
import { type DType, dtypeInfo } from "../tensor/dtype.ts";
import { unifyNames } from "../tensor/names.ts";
import { canCast } from "../tensor/promotion.ts";
import { contiguousStrides, formatShape, numelOf, type Shape, sameShape } from "../tensor/shape.ts";
import { Tensor, ViewOrigin } from "../tensor/tensor.ts";
import { checkInferenceWrite, inInferenceMode } from "../tensor/version.ts";
import { allocate, release } from "./allocator.ts";
import { castInputs } from "./autocast-hook.ts";
import { currentAutogradHook, type GradNode, gradMode, isRecording } from "./autograd-hook.ts";
import { allocateOn, kernelFor } from "./backend.ts";
import { observeKernel } from "./observer-hook.ts";
import { defineOp, type Inputs, type Kernel, type Layout, type MultiViewOp, type Op, type TensorSpec, type ViewOp } from "./op.ts";
import { elementwiseStrides } from "./output-layout.ts";

/** A new contiguous tensor with whatever the memory holds. */
export function emptyTensor(shape: Shape, dtype: DType, device = "cpu"): Tensor {
  const nbytes = numelOf(shape) * dtypeInfo[dtype].itemSize;
  const storage = device === "cpu" ? allocate(nbytes) : allocateOn(device, nbytes);
  return new Tensor(storage, shape, contiguousStrides(shape), 0, dtype, 1);
}

/** Copies elements with a cast; `outputs[0]` gives the shape to which the input broadcasts. Used by the dispatcher itself. */
export const copyOp: Op<readonly [Tensor], undefined> = defineOp<readonly [Tensor]>({
  name: "copy",
  infer: ([src]) => src,
  elementwise: true,
});

/** Runs a kernel on tensors without any recording. */
export function launch<I extends Inputs, P>(op: Op<I, P>, inputs: I, outputs: readonly Tensor[], params: P): void {
  const erased = op as unknown as Op;
  if (observeKernel === null) launchKernel(erased, inputs, outputs, params);
  else observeKernel(erased, inputs, outputs, () => launchKernel(erased, inputs, outputs, params));
}

function launchKernel(op: Op, inputs: Inputs, outputs: readonly Tensor[], params: unknown): void {
  const device = outputs[0]!.storage.device;
  const found = device === "cpu" ? op.cpu : kernelFor(op, device);
  if (found === null) throw new DeviceError(`no kernel "${op.name}" for device "${device}"`);
  if (op.contiguous) launchContiguous(op, found, inputs, outputs, params);
  else found(inputs, outputs, params);
}

/** Copies `source`, cast and broadcast, over `target`, without any recording. */
export const copyElements = (source: Tensor, target: Tensor): void => launch(copyOp, [source], [target], undefined);

function launchContiguous(_op: Op, run: Kernel, inputs: Inputs, outputs: readonly Tensor[], params: unknown): void {
  let copies: Tensor[] | null = null;
  let given: Inputs = inputs;
  for (let i = 0; i < inputs.length; i++) {
    const input = inputs[i];
    if (input === null || input === undefined || input.contiguousLayout) continue;
    const copy = emptyTensor(input.shape, input.dtype, input.storage.device);
    copyElements(input, copy);
    if (copies === null) {
      copies = [];
      given = [...inputs];
    }
    copies.push(copy);
    (given as (Tensor | null)[])[i] = copy;
  }
  run(given, outputs, params);
  if (copies !== null) for (const copy of copies) release(copy.storage);
}

/** The device of all inputs. @throws {DeviceError} when they differ */
function deviceOf(inputs: Inputs): string {
  let device: string | null = null;
  for (let i = 0; i < inputs.length; i++) {
    const input = inputs[i];
    if (input === null || input === undefined) continue;
    const own = input.storage.device;
    if (device === null) device = own;
    else if (device !== own) {
      throw new DeviceError(`Expected all tensors to be on the same device, but found at least two devices, ${device} and ${own}!`);
    }
  }
  return device ?? "cpu";
}

/** Whether an operation on `inputs` is recorded. */
function isTracked(inputs: Inputs): boolean {
  if (gradMode === 0) return false;
  for (let i = 0; i < inputs.length; i++) {
    const input = inputs[i];
    if (input?.requiresGrad) return isRecording();
  }
  return false;
}

/** The node under construction, when an input is tracked and grad mode is on. */
function beginNode(op: Op | ViewOp | MultiViewOp, inputs: Inputs, params: unknown): GradNode | null {
  return op.backward !== null && isTracked(inputs) ? currentAutogradHook()!.prepare(op, inputs, params, null) : null;
}

function anyNamed(inputs: Inputs): boolean {
  for (let i = 0; i < inputs.length; i++) if (inputs[i] != null && inputs[i]!.dimNames !== null) return true;
  return false;
}

function setNames(op: Op, inputs: Inputs, params: unknown, outputs: readonly Tensor[]): void {
  const names = op.names ? op.names(inputs, params) : op.elementwise ? [unifyNames(inputs)] : null;
  if (names === null) return;
  for (let i = 0; i < outputs.length; i++) outputs[i]!.dimNames = names[i] ?? null;
}

/** A new tensor for a result, in the memory order that the operator gives it. */
function emptyResult(op: Op, spec: TensorSpec, inputs: Inputs, params: unknown, device: string): Tensor {
  const out = emptyTensor(spec.shape, spec.dtype, device);
  const strides = op.strides ? op.strides(inputs, params) : op.elementwise ? elementwiseStrides(inputs, spec.shape) : null;
  if (strides !== null) out.relayout(out.shape, strides, 0);
  return out;
}

/** Runs `op` into a new tensor. @throws {TensorError} before anything is allocated */
export function run<I extends Inputs, P>(op: Op<I, P>, given: I, params: P): Tensor {
  const erased = op as unknown as Op;
  const inputs = castInputs === null ? given : (castInputs(op.name, given) as I);
  const spec = op.infer(inputs, params) as TensorSpec;
  const out = emptyResult(erased, spec, inputs, params, deviceOf(inputs));
  const outputs = [out];
  const node = beginNode(erased, inputs, params);
  launch(erased, inputs, outputs, params);
  if (anyNamed(inputs)) setNames(erased, inputs, params, outputs);
  if (node !== null) currentAutogradHook()!.attach(node, outputs, 1);
  return out;
}

/**
 * Runs an operator with several outputs. The caller sees the first `visible` of them, by default all: the others are there for the
 * derivative only, and their memory is given back as soon as no derivative needs it.
 */
export function runMany<I extends Inputs, P>(op: Op<I, P>, given: I, params: P, visible?: number): Tensor[] {
  const erased = op as unknown as Op;
  const inputs = castInputs === null ? given : (castInputs(op.name, given) as I);
  const specs = op.infer(inputs, params) as readonly TensorSpec[];
  const device = deviceOf(inputs);
  const outputs = new Array<Tensor>(specs.length);
  for (let i = 0; i < specs.length; i++) outputs[i] = emptyTensor(specs[i]!.shape, specs[i]!.dtype, device);
  const node = beginNode(erased, inputs, params);
  launch(erased, inputs, outputs, params);
  if (anyNamed(inputs)) setNames(erased, inputs, params, outputs);
  const count = visible ?? outputs.length;
  if (node !== null) currentAutogradHook()!.attach(node, outputs, count);
  else for (let i = count; i < outputs.length; i++) release(outputs[i]!.storage);
  return outputs;
}

/** Whether two elements of the tensor lie at one place. */
function overlapsItself(t: Tensor): boolean {
  if (t.contiguousLayout) return false;
  const dims = t.shape.map((n, i) => [n, Math.abs(t.strides[i]!)] as const).filter(([n]) => n > 1);
  dims.sort((a, b) => a[1] - b[1]);
  let reach = 0;
  for (const [n, stride] of dims) {
    if (stride <= reach) return stride === 0 || reach >= stride;
    reach += (n - 1) * stride;
  }
  return false;
}

/** Whether elements fill a stretch of memory once each, in whatever order of dimensions. */
export function isDense(t: Tensor): boolean {
  if (t.contiguousLayout) return true;
  const dims = t.shape.map((n, i) => [n, t.strides[i]!] as const).filter(([n]) => n !== 1);
  dims.sort((a, b) => a[1] - b[1]);
  let expected = 1;
  for (const [n, stride] of dims) {
    if (stride !== expected) return false;
    expected *= n;
  }
  return true;
}

const sameLayout = (a: Tensor, b: Tensor): boolean =>
  a.offset === b.offset &&
  a.dtype === b.dtype &&
  sameShape(a.shape, b.shape) &&
  a.strides.every((s, i) => s === b.strides[i] || a.shape[i]! <= 1);

/** First and last byte that a tensor reads, for the overlap check. */
function extent(t: Tensor): readonly [number, number] {
  let last = t.offset;
  for (let i = 0; i < t.shape.length; i++) last += (t.shape[i]! - 1) * t.strides[i]!;
  return [t.offset * t.itemsize, (last + 1) * t.itemsize];
}

const mayOverlap = (a: Tensor, b: Tensor): boolean => {
  if (a.storage !== b.storage || a.count === 0 || b.count === 0) return false;
  const [a0, a1] = extent(a);
  const [b0, b1] = extent(b);
  return a0 < b1 && b0 < a1;
};

/** Checks that a result of `spec` may be written into `target`. @throws {ShapeError} @throws {DTypeError} */
export function checkWritable(target: Tensor, spec: TensorSpec, constant = false): void {
  if (!sameShape(spec.shape, target.shape)) {
    throw new ShapeError(`output with shape ${formatShape(target.shape)} doesn't match the broadcast shape ${formatShape(spec.shape)}`);
  }
  if (!canCast(spec.dtype, target.dtype)) {
    throw new DTypeError(
      `result type ${dtypeInfo[spec.dtype].scalarType} can't be cast to the desired output type ${dtypeInfo[target.dtype].scalarType}`,
    );
  }
  if (!constant && overlapsItself(target)) {
    throw new ShapeError(
      "unsupported operation: more than one element of the written-to tensor refers to a single memory location. Please clone() the tensor before performing the operation.",
    );
  }
}

/** Announces a coming write to `target`, of `inputs` where others than itself take part. @throws {AutogradError} where it is forbidden */
export function announceWrite(target: Tensor, inputs: Inputs = [target]): void {
  checkInferenceWrite(target.counter);
  if (target.requiresGrad ? isRecording() : isTracked(inputs)) currentAutogradHook()!.beforeWrite(target);
}

/** Runs `op` and writes its result over `target`, which has the result's shape and a dtype it casts to. */
export function runInto<I extends Inputs, P>(op: Op<I, P>, target: Tensor, inputs: I, params: P): Tensor {
  const erased = op as unknown as Op;
  checkInferenceWrite(target.counter);
  const tracked = isTracked(inputs) || (target.requiresGrad && isRecording());
  if (tracked) currentAutogradHook()!.beforeWrite(target);
  const spec = op.infer(inputs, params) as TensorSpec;
  checkWritable(target, spec, op.constant);
  const device = deviceOf(inputs);
  if (device !== target.storage.device && inputs.length > 0) deviceOf([target, ...inputs]);
  let direct = op.elementwise && spec.dtype === target.dtype;
  for (const input of inputs) {
    if (input === null || input === target || !mayOverlap(input, target) || sameLayout(input, target)) continue;
    if (op.elementwise && isDense(input) && isDense(target)) {
      throw new ShapeError(
        "unsupported operation: some elements of the input tensor and the written-to tensor refer to a single memory location. Please clone() the tensor before performing the operation.",
      );
    }
    direct = false;
  }
  const node = tracked && op.backward !== null ? currentAutogradHook()!.prepare(erased, inputs, params, target) : null;
  if (anyNamed(inputs)) setNames(erased, inputs, params, [target]);
  if (direct) launch(erased, inputs, [target], params);
  else {
    const result = emptyTensor(spec.shape, spec.dtype, device);
    launch(erased, inputs, [result], params);
    copyElements(result, target);
    release(result.storage);
  }
  target.counter.version++;
  if (node !== null) currentAutogradHook()!.attachInPlace(node, target);
  return target;
}

function viewOf(self: Tensor, layout: Layout, origin: ViewOrigin): Tensor {
  const view = new Tensor(self.storage, layout.shape, layout.strides, layout.offset, layout.dtype ?? self.dtype);
  view.base = self.base ?? self;
  view.counter = self.counter;
  view.viewVersion = self.counter.version;
  if (gradMode === 1 && origin === ViewOrigin.recorded) view.origin = self.origin;
  else if (isRecording()) view.origin = origin === ViewOrigin.recorded ? self.origin : origin;
  else view.origin = inInferenceMode() ? ViewOrigin.inference : ViewOrigin.noGrad;
  return view;
}

/** Makes a view: same storage, other layout, no kernel. */
export function runView<P>(op: ViewOp<P>, self: Tensor, params: P): Tensor {
  const layout = op.layout(self, params);
  const node = beginNode(op as unknown as ViewOp, [self], params);
  const view = viewOf(self, layout, ViewOrigin.recorded);
  if (self.dimNames !== null && op.names) view.dimNames = op.names(self, params);
  if (node !== null) currentAutogradHook()!.attach(node, [view], 1);
  return view;
}

/** Makes several views at once. */
export function runViews<P>(op: MultiViewOp<P>, self: Tensor, params: P): Tensor[] {
  const layouts = op.layouts(self, params);
  const node = beginNode(op as unknown as MultiViewOp, [self], params);
  const views = layouts.map((layout) => viewOf(self, layout, ViewOrigin.several));
  if (self.dimNames !== null && op.names) for (const view of views) view.dimNames = op.names(self, params);
  if (node !== null) currentAutogradHook()!.attach(node, views, views.length);
  return views;
}

/** Gives `self` the layout of a view of it (`transpose_`, `squeeze_`). @throws {AutogradError} where writes are forbidden */
export function runViewInto<P>(op: ViewOp<P>, self: Tensor, params: P): Tensor {
  const layout = op.layout(self, params);
  announceWrite(self);
  const node = beginNode(op as unknown as ViewOp, [self], params);
  if (self.dimNames !== null) self.dimNames = op.names ? op.names(self, params) : null;
  self.relayout(layout.shape, layout.strides, layout.offset);
  self.counter.version++;
  if (node !== null) currentAutogradHook()!.attachRelayout(node, self);
  return self;
}

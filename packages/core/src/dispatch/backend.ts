import { DeviceError } from "../errors.ts";
import type { Storage } from "../tensor/storage.ts";
import { allocate as allocateCpu, setAddressOf } from "./allocator.ts";
import type { Inputs, Kernel, Op } from "./op.ts";

/** An operator with a kernel for it. Made by {@link kernel}, which holds the kernel to the operator's own types. */
export interface KernelEntry {
  readonly op: Op;
  readonly run: Kernel;
}

/** Pairs an operator with its kernel. */
export function kernel<I extends Inputs, P>(op: Op<I, P>, run: Kernel<I, P>): KernelEntry {
  return { op: op as unknown as Op, run: run as unknown as Kernel };
}

/** Registers the kernels in TypeScript: they define what each operator computes, and serve wherever nothing faster does. */
export function registerReferenceKernels(entries: readonly KernelEntry[]): void {
  for (const { op, run } of entries) {
    op.reference = run;
    op.cpu ??= run;
  }
}

/** Lays faster kernels over the reference ones, operator by operator, for tensors on the CPU. */
export function registerCpuKernels(entries: readonly KernelEntry[], addressOf: (buffer: ArrayBuffer) => number): void {
  setAddressOf(addressOf);
  for (const { op, run } of entries) op.cpu = run;
}

/** A device other than the CPU. */
export interface Backend {
  /** Device type, such as `cuda`. */
  readonly device: string;
  allocate(nbytes: number, device: string): Storage;
  copyFromHost(bytes: Uint8Array, to: Storage): void;
  copyToHost(from: Storage, bytes: Uint8Array): void;
  synchronize(): void;
  readonly kernels: readonly KernelEntry[];
}

const backends = new Map<string, Backend>();

/** Registers a device. */
export function registerBackend(backend: Backend): void {
  backends.set(backend.device, backend);
  for (const { op, run } of backend.kernels) op.others.set(backend.device, run);
}

/** The backend of a device such as `cuda:0`. @throws {DeviceError} where none is registered */
export function backendOf(device: string): Backend {
  const type = device.split(":")[0]!;
  const backend = backends.get(type);
  if (backend === undefined) throw new DeviceError(`device "${device}" is not available: no backend is registered for "${type}"`);
  return backend;
}

/** Uninitialised memory on `device`. @throws {DeviceError} */
export const allocateOn = (device: string, nbytes: number): Storage =>
  device === "cpu" ? allocateCpu(nbytes) : backendOf(device).allocate(nbytes, device);

/** The kernel of `op` where its tensors live. @throws {DeviceError} where there is none */
export function kernelFor(op: Op<Inputs, never> | Op, device: string): Kernel {
  const found = device === "cpu" ? op.cpu : op.others.get(device.split(":")[0]!);
  if (!found) throw new DeviceError(`no kernel "${op.name}" for device "${device}"`);
  return found as Kernel;
}

/** Devices by name, checked. A string such as `"cuda:0"` is the device. @throws {DeviceError} @see torch.device */
export function device(name: string): string {
  const match = /^(cpu|cuda|meta)(?::(\d+))?$/.exec(name);
  if (match === null) throw new DeviceError(`Expected one of cpu, cuda, meta device type at start of device string: ${name}`);
  return match[1] === "cpu" ? "cpu" : match[1] === "cuda" && match[2] === undefined ? "cuda:0" : name;
}

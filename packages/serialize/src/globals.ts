import { isDType } from "@bluedot/core/extend";
import { isTuple, markContainer } from "./containers.ts";
import { UnpicklingError } from "./errors.ts";
import { isGlobal, type PickleGlobal, pickleGlobal } from "./pickle-reader.ts";
import { dtypeOfStorage } from "./storage-types.ts";
import { type LoadedStorage, rebuildParameter, rebuildTensor } from "./tensor-codec.ts";

/** Storages that persistent ids produced; nothing else may back a tensor. */
const loadedStorages = new WeakSet<object>();

/** Marks a storage as made by the loader. */
export function asLoadedStorage(storage: LoadedStorage): LoadedStorage {
  loadedStorages.add(storage);
  return storage;
}

function storageArgument(value: unknown): LoadedStorage {
  if (typeof value !== "object" || value === null || !loadedStorages.has(value))
    throw new UnpicklingError("_rebuild_tensor needs a storage");
  return value as LoadedStorage;
}

function expectArguments(name: string, args: unknown[], least: number, most: number): void {
  if (args.length < least || args.length > most)
    throw new UnpicklingError(`${name}() takes ${least} to ${most} arguments, the file gives ${args.length}`);
}

const rebuildV2 = pickleGlobal("torch._utils._rebuild_tensor_v2", (args) => {
  expectArguments("_rebuild_tensor_v2", args, 6, 7);
  const [storage, offset, size, stride, requiresGrad] = args;
  return rebuildTensor(storageArgument(storage), offset, size, stride, requiresGrad === true);
});

const rebuildV1 = pickleGlobal("torch._utils._rebuild_tensor", (args) => {
  expectArguments("_rebuild_tensor", args, 4, 4);
  const [storage, offset, size, stride] = args;
  return rebuildTensor(storageArgument(storage), offset, size, stride, false);
});

const parameter = pickleGlobal("torch._utils._rebuild_parameter", (args) => {
  expectArguments("_rebuild_parameter", args, 2, 3);
  return rebuildParameter(args[0], args[1]);
});

const parameterWithState = pickleGlobal("torch._utils._rebuild_parameter_with_state", (args) => {
  expectArguments("_rebuild_parameter_with_state", args, 3, 4);
  return rebuildParameter(args[0], args[1]);
});

const tensorType = pickleGlobal("torch.Tensor");
const parameterClass = pickleGlobal("torch.nn.parameter.Parameter");

/** A tensor with Python attributes: the attributes have no counterpart here and are dropped. */
const rebuildFromType = pickleGlobal("torch._tensor._rebuild_from_type_v2", (args, spend) => {
  expectArguments("_rebuild_from_type_v2", args, 4, 4);
  const [rebuild, type, inner] = args;
  if ((rebuild !== rebuildV2 && rebuild !== parameter) || (type !== tensorType && type !== parameterClass) || !isTuple(inner)) {
    throw new UnpicklingError("_rebuild_from_type_v2 may rebuild nothing but tensors and parameters");
  }
  return (rebuild as PickleGlobal).call?.(inner, spend);
});

function pairsToMap(args: unknown[], spend: (units: number) => void): Map<unknown, unknown> {
  const map = new Map<unknown, unknown>();
  const [source] = args;
  if (source instanceof Map) {
    spend(source.size);
    for (const [key, value] of source) map.set(key, value);
  } else if (source !== undefined) {
    if (!Array.isArray(source)) throw new UnpicklingError("OrderedDict() takes a list of pairs");
    spend(source.length);
    for (const pair of source) {
      if (!Array.isArray(pair) || pair.length !== 2) throw new UnpicklingError("OrderedDict() takes a list of pairs");
      map.set(pair[0], pair[1]);
    }
  }
  return map;
}

const size = pickleGlobal("torch.Size", (args, spend) => {
  const [items] = args;
  if (!Array.isArray(items)) throw new UnpicklingError("torch.Size() takes a tuple of integers");
  spend(items.length);
  return markContainer([...(items as unknown[])], "size");
});

const encode = pickleGlobal("_codecs.encode", (args, spend) => {
  const [text, encoding] = args;
  if (typeof text !== "string" || (encoding !== "latin1" && encoding !== "latin-1"))
    throw new UnpicklingError("_codecs.encode may only make bytes of latin1 text");
  spend(text.length);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 255) throw new UnpicklingError("'latin-1' codec can't encode a character beyond 255");
    bytes[i] = code;
  }
  return bytes;
});

function setOf(name: string, kind?: "frozenset"): PickleGlobal {
  return pickleGlobal(name, (args, spend) => {
    const [items] = args;
    if (items !== undefined && !Array.isArray(items)) throw new UnpicklingError(`${name}() takes a list`);
    spend(items?.length ?? 0);
    const set = new Set(items as unknown[] | undefined);
    return kind === undefined ? set : markContainer(set, kind);
  });
}

const bytesGlobal = pickleGlobal("builtins.bytes", (args) => {
  if (args.length !== 0) throw new UnpicklingError("bytes() may only be empty");
  return new Uint8Array(0);
});

const device = pickleGlobal("torch.device", (args) => {
  const [type, index] = args;
  if (typeof type !== "string" || (index !== undefined && typeof index !== "number"))
    throw new UnpicklingError("torch.device() takes a type and an index");
  return index === undefined ? type : `${type}:${index}`;
});

/** All that a file may name. A `Map`, so that no name reaches an object's prototype. */
const allowed = new Map<string, PickleGlobal>(
  [
    rebuildV1,
    rebuildV2,
    parameter,
    parameterWithState,
    rebuildFromType,
    tensorType,
    parameterClass,
    size,
    encode,
    device,
    pickleGlobal("collections.OrderedDict", (args, spend) => markContainer(pairsToMap(args, spend), "OrderedDict")),
    bytesGlobal,
    setOf("builtins.set"),
    setOf("builtins.frozenset", "frozenset"),
  ].map((global) => [global.name, global]),
);
for (const name of ["bytes", "set", "frozenset"]) allowed.set(`__builtin__.${name}`, allowed.get(`builtins.${name}`)!);

const storageTypes = new Map<string, PickleGlobal>();

/**
 * The global that a pickle names, if it stands for data.
 *
 * @throws {UnpicklingError} `Unsupported global: GLOBAL os.system was not an allowed global ...` for everything else.
 */
export function findGlobal(module: string, name: string): unknown {
  const full = `${module}.${name}`;
  const global = allowed.get(full);
  if (global !== undefined) return global;
  if (module === "torch" && isDType(name)) return name;
  if ((module === "torch" || module === "torch.storage") && dtypeOfStorage(name) !== undefined) {
    let type = storageTypes.get(name);
    if (type === undefined) storageTypes.set(name, (type = pickleGlobal(name)));
    return type;
  }
  throw new UnpicklingError(
    `Weights only load failed: Unsupported global: GLOBAL ${full} was not an allowed global. Only tensors and plain data are loaded; no code of a file is ever run.`,
  );
}

/** The element type that a persistent id's storage class stands for. @throws {UnpicklingError} */
export function storageDType(value: unknown) {
  const dtype = isGlobal(value) && storageTypes.get(value.name) === value ? dtypeOfStorage(value.name) : undefined;
  if (dtype === undefined) throw new UnpicklingError("a persistent id names no storage class");
  return dtype;
}

// src/naming.ts
function camelCase(name) {
  return name.replace(/(?<=[A-Za-z0-9])_+([A-Za-z0-9])/g, (_, letter) => letter.toUpperCase());
}
function camelPath(name) {
  return name.replace(/^torchvision\./, "vision.").split(".").filter((part, index) => !(index === 0 && part === "torch")).map(camelCase);
}
function isClassName(name) {
  return /^[A-Z]/.test(name.slice(name.lastIndexOf(".") + 1));
}

// src/library.ts
var MissingFeature = class extends Error {
  constructor(feature) {
    super(`missing: ${feature}`);
    this.feature = feature;
    this.name = "MissingFeature";
  }
  feature;
};
async function loadLibrary(parts = "all") {
  try {
    const torch = parts === "all" ? await import("bluedot") : { autograd: await import("@bluedot/autograd"), ...await import("@bluedot/core") };
    const { floatScalar, complexScalar } = await import("@bluedot/core/extend");
    return {
      torch,
      differentiates: torch["autograd"] !== void 0,
      floatScalar: floatScalar ?? ((value) => value),
      complexScalar: complexScalar ?? ((re, im) => ({ re, im }))
    };
  } catch (error) {
    const reason = error instanceof Error ? error.stack ?? error.message : String(error);
    throw new Error(
      `the package "bluedot" could not be loaded, so no record can run (--core leaves out what is above core and autograd):
${reason}`
    );
  }
}
function isTensor(value) {
  return typeof value === "object" && value !== null && "dtype" in value && "shape" in value && typeof value.stride === "function";
}
function memberOf(value, name) {
  return value === null || value === void 0 ? void 0 : value[name];
}
function lookUp(library, name) {
  let value = library.torch;
  for (const part of camelPath(name)) {
    value = memberOf(value, part);
  }
  if (value === void 0) {
    throw new MissingFeature(`torch.${camelPath(name).join(".")}`);
  }
  return value;
}
function functionNamed(library, name) {
  const value = lookUp(library, name);
  if (typeof value !== "function") {
    throw new MissingFeature(`torch.${camelPath(name).join(".")}()`);
  }
  return value;
}
function classNamed(library, name) {
  return functionNamed(library, name);
}
function methodNamed(receiver, name) {
  const method = memberOf(receiver, camelCase(name));
  if (typeof method !== "function") {
    throw new MissingFeature(`${isTensor(receiver) ? "Tensor" : describeReceiver(receiver)}.${camelCase(name)}()`);
  }
  return (...args) => Reflect.apply(method, receiver, args);
}
function describeReceiver(receiver) {
  return receiver === null || receiver === void 0 ? String(receiver) : receiver.constructor?.name || typeof receiver;
}
function withOptions(args, options) {
  return Object.keys(options).length === 0 ? [...args] : [...args, options];
}
function sharesStorage(a, b) {
  return a.untypedStorage() === b.untypedStorage();
}
function isEngineError(error) {
  return error instanceof Error && (error.constructor === TypeError || error.constructor === ReferenceError || error.constructor === RangeError || error.constructor === SyntaxError) && /is not a function|Cannot (read|set|mix|convert|destructure)|is not defined|is not iterable|Maximum call stack|Invalid (array|typed array|array buffer) length|not a constructor|before initialization|Class constructor|BigInt|offset is out of bounds|Array buffer allocation/.test(
    error.message
  );
}
function describeError(error) {
  if (!(error instanceof Error)) {
    return `threw ${String(error)}`;
  }
  const frame = (error.stack ?? "").split("\n").find((line) => /^\s+at /.test(line) && !line.includes("op-tests"));
  return `threw ${error.name}: ${error.message}${frame === void 0 ? "" : ` (${frame.trim().replace(/file:\/\/\S*\/packages\//, "packages/")})`}`;
}

// src/records.ts
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { gunzipSync } from "node:zlib";

// src/json.ts
function isJsonObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
function arrayField(record, key) {
  const value = record[key];
  return Array.isArray(value) ? value : [];
}
function objectField(record, key) {
  const value = record[key];
  return isJsonObject(value) ? value : {};
}
function stringField(record, key) {
  const value = record[key];
  if (typeof value !== "string") {
    throw new Error(`record has no text field "${key}"`);
  }
  return value;
}

// src/records.ts
var recordFolders = [
  "ops",
  "op_errors",
  "modules",
  "optim",
  "lr_scheduler",
  "printing",
  "random",
  "serialization",
  "semantics",
  "vision"
];
var extension = ".jsonl.gz";
function listRecordFiles(directory2, only2) {
  if (!existsSync(directory2)) {
    throw new Error(`no records at ${directory2}: pass --records DIR, a folder that holds ops/, modules/, ... with *${extension} files`);
  }
  const files = [];
  for (const folder of recordFolders) {
    const path = join(directory2, folder);
    if (existsSync(path)) {
      for (const entry of readdirSync(path).sort()) {
        if (entry.endsWith(extension)) {
          files.push({ folder, name: entry.slice(0, -extension.length), path: join(path, entry) });
        }
      }
    }
  }
  if (files.length === 0) {
    throw new Error(`no *${extension} files below ${relative(process.cwd(), directory2) || directory2}`);
  }
  return only2 === void 0 ? files : files.filter(({ folder, name }) => only2.test(`${folder}/${name}`));
}
function readLines(path) {
  return gunzipSync(readFileSync(path)).toString("utf8").split("\n").filter((line) => line.trim() !== "");
}
function readRecords(path) {
  return readLines(path).map((line, index) => {
    try {
      return JSON.parse(line);
    } catch (error) {
      throw new SyntaxError(`${path}:${index + 1}: ${error instanceof Error ? error.message : String(error)}`);
    }
  });
}

// src/check.ts
function check(kind, mismatch) {
  return mismatch === void 0 ? { kind, passed: true } : { kind, passed: false, detail: mismatch };
}
function failure(kind, error) {
  return error instanceof MissingFeature ? { kind, passed: false, missing: true, detail: error.message } : { kind, passed: false, detail: describeError(error) };
}
function attempt(kind, judge3) {
  try {
    return check(kind, judge3());
  } catch (error) {
    return failure(kind, error);
  }
}
function toleranceOf(record) {
  const number = (value) => typeof value === "number" ? value : 0;
  return { rtol: number(record["rtol"]), atol: number(record["atol"]) };
}

// src/elements.ts
function isRecordedTensor(value) {
  return isJsonObject(value) && isJsonObject(value["$tensor"]);
}
function readTensor(value) {
  const { dtype, shape, stride, storage_offset, requires_grad, names, data } = value.$tensor;
  const type = dtype;
  return {
    dtype: type,
    shape,
    stride,
    storageOffset: typeof storage_offset === "number" ? storage_offset : 0,
    requiresGrad: requires_grad === true,
    names,
    data: data.map((element2) => readElement(element2, type))
  };
}
function readElement(element2, dtype) {
  if (typeof element2 === "boolean") {
    return element2;
  }
  if (dtype === "bool") {
    return element2 !== 0;
  }
  if (/^u?int/.test(dtype)) {
    return typeof element2 === "string" ? BigInt(element2) : element2;
  }
  return roundTo(dtype, Number(element2));
}
function roundTo(dtype, value) {
  switch (dtype) {
    case "float32":
    case "complex64":
      return Math.fround(value);
    case "float16":
      return roundToBits(value, 11, -14, 65504);
    case "bfloat16":
      return roundToBits(value, 8, -126, 33895313892515355e22);
    default:
      return value;
  }
}
function roundToBits(value, bits, minExponent, largest) {
  if (value === 0 || !Number.isFinite(value)) {
    return value;
  }
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(value))), minExponent);
  const unit = 2 ** (exponent - bits + 1);
  const scaled = value / unit;
  const down = Math.floor(scaled);
  const rest = scaled - down;
  const rounded = (rest > 0.5 || rest === 0.5 && down % 2 !== 0 ? down + 1 : down) * unit;
  return Math.abs(rounded) > largest ? Math.sign(rounded) * Number.POSITIVE_INFINITY : rounded;
}
function countOf(shape) {
  return shape.reduce((product2, size) => product2 * size, 1);
}
function contiguousStrides(shape) {
  const strides = new Array(shape.length);
  let step = 1;
  for (let dim = shape.length - 1; dim >= 0; dim--) {
    strides[dim] = step;
    step *= Math.max(shape[dim], 1);
  }
  return strides;
}
function forEachOffset(shape, strides, visit) {
  const count = countOf(shape);
  const index = new Array(shape.length).fill(0);
  let offset = 0;
  for (let flat = 0; flat < count; flat++) {
    visit(flat, offset);
    for (let dim = shape.length - 1; dim >= 0; dim--) {
      const next = index[dim] + 1;
      offset += strides[dim];
      if (next < shape[dim]) {
        index[dim] = next;
        break;
      }
      offset -= next * strides[dim];
      index[dim] = 0;
    }
  }
}

// src/compare.ts
function elementsOf(tensor) {
  const flat = [];
  const complex = tensor.dtype.startsWith("complex");
  const visit = (value) => {
    if (Array.isArray(value)) {
      value.forEach(visit);
    } else if (complex) {
      const { re, im } = value;
      flat.push(re, im);
    } else {
      flat.push(value);
    }
  };
  visit(tensor.tolist());
  return flat;
}
function elementsAgree(actual, expected, { rtol, atol }) {
  if (typeof actual === "boolean" || typeof expected === "boolean") {
    return actual === expected;
  }
  if (typeof actual === "bigint" || typeof expected === "bigint") {
    return Number.isInteger(Number(actual)) && BigInt(actual) === BigInt(expected);
  }
  if (Number.isNaN(actual) || Number.isNaN(expected)) {
    return Number.isNaN(actual) && Number.isNaN(expected);
  }
  return actual === expected || Number.isFinite(expected) && Math.abs(actual - expected) <= atol + rtol * Math.abs(expected);
}
function compareElements(actual, expected, tolerance) {
  if (actual.length !== expected.length) {
    return `${expected.length} elements expected, got ${actual.length}`;
  }
  let wrong = 0;
  let first = -1;
  for (let k = 0; k < expected.length; k++) {
    if (!elementsAgree(actual[k], expected[k], tolerance)) {
      wrong += 1;
      first = first < 0 ? k : first;
    }
  }
  return wrong === 0 ? void 0 : `${wrong} of ${expected.length} elements differ, first at ${first}: expected ${show(expected[first])}, got ${show(actual[first])}`;
}
function compareTensor(actual, expected, options) {
  if (!isTensor(actual)) {
    if (options.looseScalars && expected.shape.length === 0) {
      return compareElements([unwrap(actual)], expected.data, options);
    }
    return `expected a tensor ${nameOf(expected)}, got ${show(actual)}`;
  }
  const found = nameOf(actual);
  if (actual.dtype !== expected.dtype || actual.shape.length !== expected.shape.length || actual.shape.some((size, dim) => size !== expected.shape[dim])) {
    return `expected ${nameOf(expected)}, got ${found}`;
  }
  if (options.strides) {
    const mismatch2 = compareStrides(actual, expected);
    if (mismatch2 !== void 0) {
      return mismatch2;
    }
  }
  if (expected.names !== void 0 && show(actual.names) !== show(expected.names)) {
    return `expected names ${show(expected.names)}, got ${show(actual.names)}`;
  }
  if (options.shapeOnly) {
    return void 0;
  }
  const mismatch = compareElements(elementsOf(actual), expected.data, options);
  return mismatch === void 0 ? void 0 : `${found}: ${mismatch}`;
}
function compareStrides(actual, expected) {
  const strides = actual.stride();
  const wanted = expected.stride ?? contiguousStrides(expected.shape);
  const empty = expected.shape.includes(0);
  const differs = wanted.some(
    (step, dim) => step !== strides[dim] && (expected.stride !== void 0 || expected.shape[dim] !== 1 && !empty)
  );
  return differs ? `expected strides [${wanted.join(", ")}], got [${strides.join(", ")}]` : void 0;
}
function nameOf({ dtype, shape }) {
  return `${dtype}[${shape.join(", ")}]`;
}
function unwrap(value) {
  return typeof value === "object" && value !== null && !isTensor(value) && typeof value.value === "number" && value.constructor?.name === "FloatScalar" ? value.value : value;
}
function compareValue(actual, expected, options, path = "") {
  const at = (mismatch) => mismatch === void 0 || path === "" ? mismatch : `${path}: ${mismatch}`;
  if (expected === null) {
    return at(actual === null || actual === void 0 ? void 0 : `expected null, got ${show(actual)}`);
  }
  if (isRecordedTensor(expected)) {
    return at(compareTensor(actual, readTensor(expected), options));
  }
  if (Array.isArray(expected)) {
    return compareList(actual, expected, options, path);
  }
  if (isJsonObject(expected)) {
    return compareTagged(actual, expected, options, path);
  }
  if (typeof expected === "string") {
    return at(String(actual) === expected && !isTensor(actual) ? void 0 : `expected ${show(expected)}, got ${show(actual)}`);
  }
  return at(compareScalar(actual, expected, options));
}
function compareScalar(actual, expected, options) {
  let value = unwrap(actual);
  if (isTensor(value)) {
    if (!(options.looseScalars && value.numel() === 1)) {
      return `expected ${show(expected)}, got a tensor ${nameOf(value)}`;
    }
    value = elementsOf(value)[0];
  }
  const sameKind = typeof value === typeof expected || typeof value === "bigint" && typeof expected === "number" || typeof value === "number" && typeof expected === "bigint";
  return sameKind && elementsAgree(value, expected, options) ? void 0 : `expected ${show(expected)}, got ${show(actual)}`;
}
function compareList(actual, expected, options, path) {
  const prefix = path === "" ? "" : `${path}: `;
  if (isTensor(actual) || typeof actual === "string" || typeof memberOf(actual, Symbol.iterator) !== "function") {
    return `${prefix}expected a list of ${expected.length}, got ${show(actual)}`;
  }
  const items = [...actual];
  if (items.length !== expected.length) {
    return `${prefix}expected a list of ${expected.length}, got ${items.length} items`;
  }
  for (const [index, item] of expected.entries()) {
    const mismatch = compareValue(items[index], item, options, `${path}[${index}]`);
    if (mismatch !== void 0) {
      return mismatch;
    }
  }
  return void 0;
}
function compareTagged(actual, expected, options, path) {
  const prefix = path === "" ? "" : `${path}: `;
  const [tag, content] = Object.entries(expected)[0] ?? [];
  switch (tag) {
    case "$float":
      return compareValue(actual, readFloat(content), options, path);
    case "$int": {
      const mismatch = compareScalar(actual, BigInt(content), options);
      return mismatch === void 0 ? void 0 : prefix + mismatch;
    }
    case "$complex": {
      const [re, im] = content;
      return compareValue(memberOf(actual, "re"), re, options, `${path}.re`) ?? compareValue(memberOf(actual, "im"), im, options, `${path}.im`);
    }
    case "$dtype":
    case "$device":
    case "$memory_format":
    case "$layout":
      return compareValue(typeof actual === "string" ? actual : String(actual), content, options, path);
    case "$tuple":
    case "$size":
      return compareList(actual, content, options, path);
    case "$set":
      return compareList(actual instanceof Set ? [...actual].sort() : actual, content, options, path);
    case "$bytes": {
      const bytes = actual instanceof Uint8Array ? Buffer.from(actual).toString("hex") : void 0;
      return bytes === content ? void 0 : `${prefix}expected bytes ${String(content)}, got ${bytes ?? show(actual)}`;
    }
    case "$dict":
    case "$odict":
      return compareEntries(actual, content, options, path);
    default:
      return compareEntries(actual, Object.entries(expected), options, path);
  }
}
function compareEntries(actual, expected, options, path) {
  const prefix = path === "" ? "" : `${path}: `;
  if (typeof actual !== "object" || actual === null || isTensor(actual)) {
    return `${prefix}expected a mapping, got ${show(actual)}`;
  }
  const map = actual instanceof Map ? actual : void 0;
  if (map !== void 0) {
    const keys = [...map.keys()].map((key) => String(unwrap(key)));
    const wanted = expected.map(([key]) => String(plainKey(key)));
    if (keys.join("\n") !== wanted.join("\n")) {
      return `${prefix}expected keys ${show(wanted)}, got ${show(keys)}`;
    }
  }
  const values = map === void 0 ? void 0 : [...map.values()];
  for (const [index, [key, value]] of expected.entries()) {
    const name = String(plainKey(key));
    const found = values === void 0 ? memberOf(actual, name) ?? memberOf(actual, camelCase(name)) : values[index];
    const mismatch = compareValue(found, value, options, `${path}.${name}`);
    if (mismatch !== void 0) {
      return mismatch;
    }
  }
  return void 0;
}
function plainKey(key) {
  if (isJsonObject(key)) {
    return key["$float"] ?? key["$int"] ?? key["$tuple"] ?? key;
  }
  return key;
}
function readFloat(content) {
  return typeof content === "string" ? Number(content) : content;
}
function closeNumber(actual, expected, tolerance, dtype) {
  return elementsAgree(actual, roundTo(dtype, expected), tolerance);
}
function show(value) {
  if (isTensor(value)) {
    return `tensor ${nameOf(value)}`;
  }
  if (typeof value === "bigint") {
    return `${value}n`;
  }
  if (typeof value === "number") {
    return Object.is(value, -0) ? "-0" : String(value);
  }
  if (Array.isArray(value)) {
    return `[${value.slice(0, 12).map(show).join(", ")}${value.length > 12 ? ", ..." : ""}]`;
  }
  if (value instanceof Map) {
    return `Map(${value.size})`;
  }
  if (typeof value === "object" && value !== null) {
    const name = value.constructor?.name;
    return name === void 0 || name === "Object" ? `{${Object.keys(value).slice(0, 8).join(", ")}}` : `a ${name}`;
  }
  return typeof value === "function" ? `function ${value.name}` : JSON.stringify(value) ?? String(value);
}

// src/build-tensor.ts
var storedAs = {
  float32: (data) => Float32Array.from(data),
  float64: (data) => Float64Array.from(data),
  float16: (data) => Float32Array.from(data),
  bfloat16: (data) => Float32Array.from(data),
  complex64: (data) => Float32Array.from(data),
  complex128: (data) => Float64Array.from(data),
  int64: (data) => BigInt64Array.from(data.map((element2) => BigInt(element2))),
  int32: (data) => Int32Array.from(data),
  int16: (data) => Int16Array.from(data),
  int8: (data) => Int8Array.from(data),
  uint8: (data) => Uint8Array.from(data),
  bool: (data) => Uint8Array.from(data, Number)
};
function buildContiguous(library, dtype, shape, data) {
  const store = storedAs[dtype];
  if (store === void 0) {
    throw new Error(`records hold a tensor of unknown dtype ${dtype}`);
  }
  const fromTypedArray = functionNamed(library, "from_typed_array");
  const array = store(data);
  if (dtype === "bool") {
    return methodNamed(fromTypedArray(array, shape), "to")("bool");
  }
  if (dtype === "float16" || dtype === "bfloat16") {
    return methodNamed(fromTypedArray(array, shape), "to")(dtype);
  }
  if (dtype.startsWith("complex")) {
    return functionNamed(library, "view_as_complex")(fromTypedArray(array, [...shape, 2]));
  }
  return fromTypedArray(array, shape);
}
function stridesFor({ shape, stride }, layout) {
  if (layout === "recorded" || countOf(shape) < 2) {
    return stride;
  }
  if (layout === "spread") {
    return contiguousStrides(shape).map((step) => 2 * step);
  }
  return contiguousStrides([...shape].reverse()).reverse().map((step) => 2 * step);
}
function extentOf(shape, strides) {
  return countOf(shape) === 0 ? 0 : 1 + shape.reduce((sum, size, dim) => sum + (size - 1) * strides[dim], 0);
}
function fillerOf(dtype) {
  return dtype === "bool" ? true : /^u?int/.test(dtype) ? 91 : 91.25;
}
function buildTensor(library, recorded, layout = "recorded") {
  const { dtype, shape, data, names } = recorded;
  const strides = stridesFor(recorded, layout);
  let tensor;
  if (strides === void 0) {
    tensor = buildContiguous(library, dtype, shape, data);
  } else {
    const width = dtype.startsWith("complex") ? 2 : 1;
    const stored = new Array(extentOf(shape, strides) * width).fill(fillerOf(dtype));
    forEachOffset(shape, strides, (flat, offset) => {
      for (let part = 0; part < width; part++) {
        stored[offset * width + part] = data[flat * width + part];
      }
    });
    const base = buildContiguous(library, dtype, [stored.length / width], stored);
    tensor = methodNamed(base, "as_strided")(shape, strides);
  }
  if (names !== void 0) {
    tensor = methodNamed(tensor, "refine_names")(...names);
  }
  if (recorded.requiresGrad && layout === "recorded" && library.differentiates) {
    methodNamed(tensor, "requires_grad_")();
  }
  return tensor;
}
function gapsUntouched(tensor) {
  const strides = tensor.stride();
  const extent = extentOf(tensor.shape, strides);
  const { dtype } = tensor;
  if (dtype.startsWith("complex") || extent === 0) {
    return true;
  }
  const used = /* @__PURE__ */ new Set();
  forEachOffset(tensor.shape, strides, (_, offset) => used.add(offset));
  const stored = methodNamed(tensor.detach(), "as_strided")([extent], [1], tensor.storageOffset());
  const filler = fillerOf(dtype);
  return stored.tolist().every((element2, offset) => used.has(offset) || element2 === filler);
}

// src/decode.ts
var Decoder = class {
  constructor(library, settings = {}) {
    this.library = library;
    this.settings = settings;
  }
  library;
  settings;
  tensors = /* @__PURE__ */ new Map();
  /** Decodes one value; `path` names it in {@link tensors}. */
  decode(value, path = "value") {
    if (Array.isArray(value)) {
      return value.map((item, index) => this.decode(item, `${path}.${index}`));
    }
    if (!isJsonObject(value)) {
      return value;
    }
    if (isRecordedTensor(value)) {
      const recorded = readTensor(value);
      const tensor = buildTensor(
        this.library,
        this.settings.withoutGrad ? { ...recorded, requiresGrad: false } : recorded,
        this.settings.layout
      );
      this.tensors.set(path, tensor);
      return tensor;
    }
    const special = this.settings.tagged?.(value);
    return special === void 0 ? this.decodeTagged(value, path) : special.value;
  }
  decodeTagged(value, path) {
    const [tag, content] = Object.entries(value)[0] ?? ["", null];
    switch (tag) {
      case "$float": {
        const number = readFloat(content);
        return this.settings.markFloats && Number.isInteger(number) ? this.library.floatScalar(number) : number;
      }
      case "$int":
        return BigInt(content);
      case "$complex": {
        const [re, im] = content;
        return this.library.complexScalar(Number(re), Number(im));
      }
      case "$dtype":
      case "$device":
      case "$memory_format":
      case "$layout":
        return content;
      case "$slice": {
        const [start, stop, step] = content;
        return functionNamed(this.library, "slice")(start, stop, step);
      }
      case "$ellipsis":
        return "...";
      case "$dict":
      case "$odict":
        return new Map(
          content.map(([key, item], index) => [
            this.decode(key, `${path}.key${index}`),
            this.decode(item, `${path}.${index}`)
          ])
        );
      case "$tuple":
      case "$size":
        return this.decode(content, path);
      case "$set":
        return new Set(this.decode(content, path));
      case "$bytes":
        return Uint8Array.from(Buffer.from(content, "hex"));
      default:
        if (tag.startsWith("$")) {
          throw new Error(`records hold an unknown value ${tag}`);
        }
        return Object.fromEntries(Object.entries(value).map(([key, item]) => [camelCase(key), this.decode(item, `${path}.${key}`)]));
    }
  }
  /** Decodes positional arguments and keyword arguments; keywords become options in camelCase. */
  arguments(args, kwargs) {
    const decoded = args.map((value, index) => this.decode(value, `args.${index}`));
    const options = Object.fromEntries(Object.entries(kwargs).map(([key, value]) => [camelCase(key), this.decode(value, `kwargs.${key}`)]));
    return { args: decoded, options, tensors: this.tensors };
  }
};
function floatsMatter(values) {
  let floating = false;
  const visit = (value) => {
    if (Array.isArray(value)) {
      value.forEach(visit);
    } else if (isRecordedTensor(value)) {
      floating ||= /float|complex/.test(String(value.$tensor["dtype"]));
    } else if (isJsonObject(value)) {
      Object.values(value).forEach(visit);
    }
  };
  visit(values);
  return !floating;
}

// src/weights.ts
function gradientWeights(count, output) {
  return Float64Array.from({ length: count }, (_, k) => (2 * ((37 * (k + 17 * output) + 11) % 101) - 101) / 100);
}

// src/gradients.ts
function weightsLike(library, tensor, index) {
  const weights = Array.from(gradientWeights(tensor.numel(), index));
  const complex = tensor.dtype.startsWith("complex");
  return buildContiguous(library, tensor.dtype, tensor.shape, complex ? weights.flatMap((weight) => [weight, 0]) : weights);
}
function weightedGradients(library, outputs, inputs, createGraph) {
  const differentiable = outputs.filter(([tensor]) => tensor.requiresGrad);
  if (differentiable.length === 0) {
    return inputs.map(() => null);
  }
  const grads = functionNamed(library, "autograd.grad")(
    differentiable.map(([tensor]) => tensor),
    inputs,
    { gradOutputs: differentiable.map(([tensor, index]) => weightsLike(library, tensor, index)), createGraph, allowUnused: true }
  );
  return [...grads];
}
function gradientChecks(library, record, call, pairs, gradcheck) {
  if (record["grads"] === void 0) {
    return [];
  }
  const inputs = [...call.tensors.values()].filter((tensor) => tensor.requiresGrad);
  const used = record["gradOutputs"] === void 0 ? void 0 : new Set(arrayField(record, "gradOutputs"));
  const outputs = pairs.flatMap(
    ({ actual }, index) => isTensor(actual) && (used === void 0 || used.has(index)) ? [[afterwards(record, actual), index]] : []
  );
  const extremal = isExtremal(record);
  const second = record["grads2"] !== void 0;
  let grads = [];
  const checks = [
    attempt(extremal ? "extremalGradient" : "gradient", () => {
      grads = weightedGradients(library, outputs, inputs, second);
      return compareGradients(record, "grads", grads);
    })
  ];
  if (second) {
    checks.push(
      attempt("secondGradient", () => {
        const firsts = grads.flatMap((grad, index) => grad === null || grad === void 0 ? [] : [[grad, index]]);
        return firsts.length === 0 && arrayField(record, "grads2").length > 0 ? "no first gradients to differentiate" : compareGradients(record, "grads2", weightedGradients(library, firsts, inputs, false));
      })
    );
  }
  if (gradcheck && canDifference(record, [...inputs, ...outputs.map(([tensor]) => tensor)])) {
    const used2 = new Set(outputs.filter(([tensor]) => tensor.requiresGrad).map(([, index]) => index));
    checks.push(...differenceChecks(library, record, call, inputs, used2));
  }
  return checks;
}
function isExtremal(record) {
  return String(record["sample"] ?? "").startsWith("extremal");
}
function afterwards(record, output) {
  return record["gradPost"] === "abs" ? methodNamed(output, "abs")() : output;
}
function compareGradients(record, field, grads) {
  const expected = arrayField(record, field);
  if (grads.length !== expected.length) {
    return `expected ${expected.length} gradients, got ${grads.length}`;
  }
  for (const [index, grad] of grads.entries()) {
    const wanted = expected[index];
    const nothing = wanted === null && isTensor(grad) && (field === "grads2" ? isZero(grad) : grad.numel() === 0);
    const mismatch = nothing ? void 0 : compareValue(grad, wanted, toleranceOf(record), `${field}[${index}]`);
    if (mismatch !== void 0) {
      return mismatch;
    }
  }
  return void 0;
}
function isZero(grad) {
  return elementsOf(grad).every((element2) => element2 === 0);
}
var onMatricesOfAKind = /^(linalg\.)?(cholesky|eigh|eigvalsh|householder_product|solve_triangular|triangular_solve|orgqr|ormqr|lu_solve|lu_unpack)/;
function canDifference(record, tensors) {
  return /^OpInfo(?!.*subgradients)/.test(String(record["sample"])) && objectField(record, "kwargs")["hermitian"] !== true && record["variant"] !== "inplace" && tensors.every(({ dtype }) => dtype !== "float32") && !onMatricesOfAKind.test(String(record["op"]));
}
function differenceChecks(library, record, call, inputs, used) {
  const compute = (...replaced) => {
    const out = call.run(new Map(inputs.map((input, index) => [input, replaced[index]])));
    const tensors = isTensor(out) ? [out] : [...out].filter(isTensor);
    return tensors.filter((_, index) => used.has(index)).map((tensor) => afterwards(record, tensor));
  };
  return ["gradcheck", "gradgradcheck"].map(
    (kind) => attempt(kind, () => {
      functionNamed(library, `autograd.${kind}`)(compute, inputs);
      return void 0;
    })
  );
}

// src/modules.ts
function buildModule(library, record) {
  const decoder = new Decoder(library, { tagged: (value) => decodeModule(library, value) });
  const { args, options } = decoder.arguments(arrayField(record, "args"), objectField(record, "kwargs"));
  return new (classNamed(library, stringField(record, "module")))(...withOptions(args, options));
}
function decodeModule(library, value) {
  const nested = value["$module"];
  if (isJsonObject(nested)) {
    return { value: buildModule(library, nested) };
  }
  const entries = value["$dict"] ?? value["$odict"];
  if (Array.isArray(entries)) {
    const decoder = new Decoder(library, { tagged: (item) => decodeModule(library, item) });
    return { value: new Map(entries.map(([key, item]) => [decoder.decode(key), decoder.decode(item)])) };
  }
  return void 0;
}
function convertModule(module, dtype) {
  methodNamed(module, "to")(dtype);
}

// src/python-numbers.ts
function dtypeOfPythonData(data) {
  let integers = false;
  let others = false;
  const visit = (value) => {
    if (Array.isArray(value)) {
      value.forEach(visit);
    } else if (typeof value === "number") {
      integers ||= Number.isInteger(value);
      others ||= !Number.isInteger(value);
    } else if (isJsonObject(value) && "$int" in value) {
      integers = true;
    } else if (typeof value !== "boolean") {
      others = true;
    }
  };
  visit(data);
  return integers && !others ? "int64" : void 0;
}
var fromData = /* @__PURE__ */ new Set(["tensor", "as_tensor", "asarray"]);
function withPythonNumbers(op, args, kwargs) {
  const name = op.slice(op.lastIndexOf(".") + 1);
  if (fromData.has(name) && kwargs["dtype"] === void 0) {
    const data = args.find((value) => !isRecordedTensor(value) && !(isJsonObject(value) && "$var" in value)) ?? kwargs["data"];
    const dtype = dtypeOfPythonData(data);
    return dtype === void 0 ? { args: [...args], kwargs } : { args: [...args], kwargs: { ...kwargs, dtype: { $dtype: dtype } } };
  }
  if (name === "full" && kwargs["dtype"] === void 0) {
    const integer = (value) => typeof value === "number" && Number.isInteger(value);
    const fill = kwargs["fill_value"];
    return {
      args: args.map((value, index) => index === 1 && integer(value) ? { $int: String(value) } : value),
      kwargs: integer(fill) ? { ...kwargs, fill_value: { $int: String(fill) } } : kwargs
    };
  }
  return { args: [...args], kwargs };
}

// src/call-op.ts
function prepareCall(library, record, options = {}) {
  const op = stringField(record, "op");
  const variant = typeof record["variant"] === "string" ? record["variant"] : "function";
  const { args, kwargs } = withPythonNumbers(op, arrayField(record, "args"), objectField(record, "kwargs"));
  const markFloats = !/^(nn\.functional|torchvision)\./.test(op) && floatsMatter([...args, kwargs]);
  const writes = op.endsWith("_") && variant !== "inplace";
  const given = new Decoder(library, { markFloats, ...options, withoutGrad: writes || options.withoutGrad === true }).arguments(
    args,
    kwargs
  );
  const decoded = options.byName === true ? named(given, arrayField(record, "argNames")) : given;
  const invoke = findCallee(library, op, variant, options.inPlaceOnOriginal === true);
  return {
    ...decoded,
    run: (replace) => {
      if (replace === void 0) {
        return invoke(decoded.args, decoded.options);
      }
      const swap = (value) => Array.isArray(value) ? value.map(swap) : replace.get(value) ?? value;
      return invoke(decoded.args.map(swap), Object.fromEntries(Object.entries(decoded.options).map(([key, value]) => [key, swap(value)])));
    }
  };
}
function named({ args, options, tensors }, names) {
  const moved = Object.fromEntries(args.slice(1).map((value, index) => [camelCase(names[index + 1]), value]));
  return { args: args.slice(0, 1), options: { ...moved, ...options }, tensors };
}
function findCallee(library, op, variant, onOriginal) {
  const name = op.slice(op.lastIndexOf(".") + 1);
  if (variant === "attribute") {
    return ([self]) => {
      const value = memberOf(self, camelCase(name));
      if (value === void 0) {
        throw new MissingFeature(`Tensor.${camelCase(name)}`);
      }
      return value;
    };
  }
  if (name === "getitem") {
    return ([self, index]) => methodNamed(self, "at")(...index);
  }
  if (variant === "method") {
    return ([self, ...rest], options) => methodNamed(self, name)(...withOptions(rest, options));
  }
  if (variant === "inplace") {
    return ([self, ...rest], options) => {
      const receiver = onOriginal ? self : self.clone();
      if (name === "setitem") {
        methodNamed(receiver, "set_at")(...rest);
      } else {
        methodNamed(receiver, name.endsWith("_") ? name : `${name}_`)(...withOptions(rest, options));
      }
      return receiver;
    };
  }
  const callee = functionNamed(library, op);
  return (args, options) => callee(...withOptions(args, options));
}

// src/factorizations.ts
function matricesOf(tensor) {
  const { shape } = tensor;
  const rows = shape[shape.length - 2] ?? 1;
  const columns = shape[shape.length - 1] ?? 1;
  return { batch: countOf(shape.slice(0, -2)), rows, columns, data: elementsOf(tensor) };
}
function build(batch, rows, columns, at) {
  const data = [];
  for (let b = 0; b < batch; b++) {
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        data.push(at(b, i, j));
      }
    }
  }
  return { batch, rows, columns, data };
}
var element = ({ rows, columns, data }, b, i, j) => data[(b * rows + i) * columns + j];
var transposed = (m) => build(m.batch, m.columns, m.rows, (b, i, j) => element(m, b, j, i));
function product(left, right) {
  return build(left.batch, left.rows, right.columns, (b, i, j) => {
    let sum = 0;
    for (let k = 0; k < left.columns; k++) {
      sum += element(left, b, i, k) * element(right, b, k, j);
    }
    return sum;
  });
}
var firstColumns = (m, count) => build(m.batch, m.rows, count, (b, i, j) => element(m, b, i, j));
var scaledColumns = (m, values) => build(m.batch, m.rows, m.columns, (b, i, j) => element(m, b, i, j) * values[b * m.columns + j]);
function matricesAgree(actual, expected, tolerance, what) {
  const scale = Math.max(1, ...expected.data.map(Math.abs));
  const mismatch = compareElements(actual.data, expected.data, {
    rtol: tolerance.rtol,
    atol: Math.max(tolerance.atol, 10 * tolerance.rtol * scale)
  });
  return mismatch === void 0 ? void 0 : `${what}: ${mismatch}`;
}
function hasOrthonormalColumns(m, tolerance, what) {
  const identity = build(m.batch, m.columns, m.columns, (_, i, j) => i === j ? 1 : 0);
  return matricesAgree(product(transposed(m), m), identity, tolerance, `${what} is not orthonormal`);
}
function compareFactorization(record, input, out, tolerance) {
  const expected = arrayField(record, "out").map((value) => readTensor(value));
  const items = [...out];
  const kind = record["compare"];
  const shapes = kind === "lstsq" ? void 0 : compareShapes(items, expected, tolerance);
  if (shapes !== void 0) {
    return shapes;
  }
  if (kind === "lstsq") {
    return compareTensor(items[0], expected[0], tolerance);
  }
  const [first, second, third] = items;
  const a = matricesOf(input);
  switch (kind) {
    case "svd": {
      const columns = stringField(record, "op") === "svd";
      const vectors = matricesOf(third);
      return compareTensor(second, expected[1], tolerance) ?? compareSvd(
        a,
        matricesOf(first),
        elementsOf(second),
        columns ? vectors : transposed(vectors),
        tolerance
      );
    }
    case "eigh": {
      const values = elementsOf(first);
      const upper = objectField(record, "kwargs")["UPLO"] === "U";
      const symmetric = build(a.batch, a.rows, a.columns, (b, i, j) => upper === i <= j ? element(a, b, i, j) : element(a, b, j, i));
      const vectors = matricesOf(second);
      return compareTensor(first, expected[0], tolerance) ?? matricesAgree(product(symmetric, vectors), scaledColumns(vectors, values), tolerance, "A V is not V diag(w)") ?? hasOrthonormalColumns(vectors, tolerance, "V");
    }
    case "qr":
      return compareQr(a, first, second, expected[1], tolerance);
    default:
      return `records ask for an unknown comparison ${String(kind)}`;
  }
}
function compareShapes(items, expected, tolerance) {
  if (items.length < expected.length || items.some((item) => memberOf(item, "shape") === void 0)) {
    return `expected ${expected.length} tensors, got ${items.length}`;
  }
  return expected.map((tensor, index) => compareTensor(items[index], tensor, { ...tolerance, shapeOnly: true })).find((mismatch) => mismatch !== void 0);
}
function compareSvd(a, u, values, v, tolerance) {
  const rank = Math.min(a.rows, a.columns);
  const rebuilt = product(scaledColumns(firstColumns(u, rank), values), transposed(firstColumns(v, rank)));
  return matricesAgree(rebuilt, a, tolerance, "U diag(S) Vh is not the input") ?? hasOrthonormalColumns(u, tolerance, "U") ?? hasOrthonormalColumns(v, tolerance, "V");
}
function compareQr(a, q, r, expectedR, tolerance) {
  const upper = matricesOf(r);
  const below = build(upper.batch, upper.rows, upper.columns, (b, i, j) => i > j ? element(upper, b, i, j) : 0);
  const triangular = matricesAgree(
    below,
    build(upper.batch, upper.rows, upper.columns, () => 0),
    tolerance,
    "R is not upper triangular"
  );
  if (triangular !== void 0) {
    return triangular;
  }
  if (q.numel() === 0) {
    return compareElements(
      upper.data.map(Math.abs),
      expectedR.data.map((value) => Math.abs(Number(value))),
      tolerance
    );
  }
  const orthonormal = matricesOf(q);
  return matricesAgree(product(orthonormal, upper), a, tolerance, "Q R is not the input") ?? hasOrthonormalColumns(orthonormal, tolerance, "Q");
}

// src/run-op.ts
var layoutDependent = /* @__PURE__ */ new Set(["as_strided", "as_strided_scatter", "stride", "is_contiguous", "new_empty_strided"]);
var notViewable = /view size is not compatible|must be divisible|stride\(-1\) must be 1|has stride -?\d+/;
function pairTensors(actual, expected) {
  if (isRecordedTensor(expected)) {
    return [{ actual, expected: readTensor(expected) }];
  }
  if (Array.isArray(expected)) {
    const iterable = typeof actual === "object" && actual !== null && Symbol.iterator in actual;
    const items = iterable ? [...actual] : [];
    return expected.flatMap((item, index) => pairTensors(items[index], item));
  }
  return [];
}
function runOp({ library, gradcheck }, record) {
  let call;
  let out;
  try {
    call = prepareCall(library, record);
    out = call.run();
  } catch (error) {
    return [failure("value", error), ...unreachedGradients(record, error)];
  }
  const value = attempt("value", () => compareOutput(record, call, out));
  const pairs = pairTensors(out, record["out"] ?? null);
  const checks = [value];
  const layout = value.passed ? layoutCheck(record, pairs) : void 0;
  if (layout !== void 0) {
    checks.push(layout);
  }
  checks.push(...gradientChecks(library, record, call, pairs, gradcheck));
  if (value.passed) {
    checks.push(...stridedCheck(library, record));
  }
  if (value.passed && !stringField(record, "op").startsWith("torchvision.")) {
    checks.push(...namedCheck(library, record), ...optionCheck(library, record));
  }
  return checks;
}
function unreachedGradients(record, error) {
  const kinds = record["grads"] === void 0 ? [] : [isExtremal(record) ? "extremalGradient" : "gradient"];
  return [...kinds, ...record["grads2"] === void 0 ? [] : ["secondGradient"]].map((kind) => failure(kind, error));
}
function compareOutput(record, call, out) {
  const expected = record["out"] ?? null;
  return compareValues(record, call, out, toleranceOf(record)) ?? compareNames(record, out) ?? compareAliases(record, call, pairTensors(out, expected)) ?? compareChangedInputs(record, call);
}
function compareValues(record, call, out, options) {
  const expected = record["out"] ?? null;
  switch (record["compare"]) {
    case void 0:
      return compareValue(out, expected, options);
    case "shape":
    case "raw":
      return compareValue(out, expected, { ...options, shapeOnly: true });
    default:
      return compareFactorization(record, call.args[0], out, options);
  }
}
function compareNames(record, out) {
  const names = arrayField(record, "outNames");
  const items = names.length === 0 ? [] : [...out];
  const wrong = names.find((name, index) => {
    const field = memberOf(out, camelCase(name));
    return field === void 0 || isTensor(field) && field !== items[index];
  });
  return wrong === void 0 ? void 0 : `the result has no field "${camelCase(wrong)}", or it is not the item at its position`;
}
function compareAliases(record, call, pairs) {
  if (record["variant"] === "inplace") {
    return void 0;
  }
  const aliases = arrayField(record, "aliasOf");
  for (const [index, { actual, expected }] of pairs.entries()) {
    const alias = aliases[index] ?? null;
    const where = pairs.length === 1 ? "" : `output ${index}: `;
    if (!isTensor(actual) || countOf(expected.shape) === 0) {
      continue;
    }
    if (typeof alias === "string") {
      const input = call.tensors.get(alias);
      if (input === void 0 || !sharesStorage(actual, input)) {
        return `${where}expected a view of ${alias}, got a copy`;
      }
      const offset = actual.storageOffset() - input.storageOffset();
      const strides = compareStrides(actual, expected);
      if (strides !== void 0 || offset !== expected.storageOffset) {
        return `${where}${strides ?? `expected storage offset ${expected.storageOffset}, got ${offset}`}`;
      }
    } else {
      for (const [path, input] of call.tensors) {
        if (sharesStorage(actual, input)) {
          return `${where}expected a copy, got a view of ${path}`;
        }
      }
    }
  }
  return void 0;
}
function compareChangedInputs(record, call) {
  for (const [path, expected] of Object.entries(objectField(record, "after"))) {
    const mismatch = isRecordedTensor(expected) ? compareTensor(call.tensors.get(path), readTensor(expected), toleranceOf(record)) : void 0;
    if (mismatch !== void 0) {
      return `${path} after the call: ${mismatch}`;
    }
  }
  return void 0;
}
function layoutCheck(record, pairs) {
  const own = pairs.filter((_, index) => (arrayField(record, "aliasOf")[index] ?? null) === null);
  return own.length === 0 || record["compare"] !== void 0 ? void 0 : attempt(
    "layout",
    () => own.map(({ actual, expected }) => compareStrides(actual, expected)).find((mismatch) => mismatch !== void 0)
  );
}
function stridedCheck(library, record) {
  if (layoutDependent.has(stringField(record, "op")) || record["noncontiguous"] === true || !hasLayout([record["args"] ?? [], record["kwargs"] ?? {}])) {
    return [];
  }
  const details = [];
  for (const layout of ["spread", "reversed"]) {
    try {
      const call = prepareCall(library, record, { layout, withoutGrad: true, inPlaceOnOriginal: true });
      const out = call.run();
      const mismatch = compareValues(record, call, out, toleranceOf(record)) ?? compareChangedInputs(record, call);
      const receiver = record["variant"] === "inplace" ? call.args[0] : void 0;
      const overran = isTensor(receiver) && !gapsUntouched(receiver) ? "wrote between the elements of the tensor" : void 0;
      if (mismatch !== void 0 || overran !== void 0) {
        details.push(`${layout}: ${mismatch ?? overran}`);
      }
    } catch (error) {
      if (!(error instanceof Error && notViewable.test(error.message))) {
        details.push(`${layout}: ${failure("strided", error).detail}`);
      }
    }
  }
  return [check("strided", details[0])];
}
function namedCheck(library, record) {
  const names = arrayField(record, "argNames");
  const args = arrayField(record, "args");
  if (names.length < 2 || names.length !== args.length || record["variant"] === "attribute") {
    return [];
  }
  return [
    attempt("named", () => {
      const call = prepareCall(library, record, { withoutGrad: true, byName: true });
      return compareValues(record, call, call.run(), toleranceOf(record));
    })
  ];
}
function optionCheck(library, record) {
  if (record["variant"] === "attribute" || record["op"] === "getitem" || record["op"] === "setitem") {
    return [];
  }
  return [
    attempt("options", () => {
      try {
        prepareCall(library, { ...record, kwargs: { ...objectField(record, "kwargs"), no_such_option: 1 } }, { withoutGrad: true }).run();
      } catch (error) {
        return error instanceof TypeError && error.message.includes("noSuchOption") ? void 0 : describeError(error);
      }
      return "an unknown option was accepted";
    })
  ];
}
function hasLayout(value) {
  if (isRecordedTensor(value)) {
    return countOf(value.$tensor["shape"] ?? []) > 1;
  }
  return Array.isArray(value) ? value.some(hasLayout) : isJsonObject(value) && Object.values(value).some(hasLayout);
}

// src/run-utility.ts
function runUtility({ library }, record) {
  const utility = stringField(record, "util");
  const tolerance = toleranceOf(record);
  const decoder = new Decoder(library);
  const decode = (key) => decoder.decode(record[key] ?? null, key);
  const named2 = (name) => functionNamed(library, `nn.utils.${name}`);
  const options = decoder.arguments([], objectField(record, "kwargs")).options;
  const compare = (actual, key) => compareValue(actual, record[key], { ...tolerance, looseScalars: true }, key);
  return [
    attempt("value", () => {
      switch (utility) {
        case "clip_grad_norm_":
        case "clip_grad_value_": {
          const parameters = decode("grads").map((grad) => parameterWithGradient(grad));
          const limit = decode(utility === "clip_grad_norm_" ? "max_norm" : "clip_value");
          const total = named2(utility)(parameters, limit, ...utility === "clip_grad_norm_" ? [{ normType: decode("norm_type") }] : []);
          const grads = parameters.map(({ grad }) => grad);
          return (record["total_norm"] === void 0 ? void 0 : compare(total, "total_norm")) ?? compare(grads, "gradsAfter");
        }
        case "parameters_to_vector":
          return compare(named2(utility)(decode("parameters")), "out");
        case "rnn.pad_sequence":
          return compare(named2(utility)(...withOptions([decode("sequences")], options)), "out");
        case "rnn.pack_padded_sequence":
          return compare(named2(utility)(...withOptions([decode("input"), decode("lengths")], options)), "out");
        case "rnn.pad_packed_sequence": {
          const source = objectField(record, "packedFrom");
          const packed = named2("rnn.pack_padded_sequence")(decoder.decode(source["input"]), source["lengths"], {
            batchFirst: source["batch_first"],
            enforceSorted: false
          });
          return compare(named2(utility)(...withOptions([packed], options)), "out");
        }
        default:
          return `records ask for an unknown utility ${utility}`;
      }
    })
  ];
  function parameterWithGradient(grad) {
    const parameter = buildContiguous(library, grad.dtype, grad.shape, new Array(grad.numel()).fill(0));
    parameter.requiresGrad = true;
    parameter.grad = grad;
    return parameter;
  }
}

// src/run-module.ts
function runModule(context2, record) {
  if (record["util"] !== void 0) {
    return runUtility(context2, record);
  }
  try {
    return judge(context2, record);
  } catch (error) {
    return [failure("value", error), ...hasGradients(record) ? [failure("gradient", error)] : []];
  }
}
var hasGradients = (record) => record["inputGrads"] !== void 0 || record["paramGrads"] !== void 0;
function judge({ library }, record) {
  const tolerance = toleranceOf(record);
  const module = buildModule(library, record);
  const checks = [check("value", compareModuleForm(record, module))];
  convertModule(module, stringField(record, "dtype"));
  methodNamed(module, "train")(record["training"] === true);
  const decoder = new Decoder(library);
  const state = new Map(
    arrayField(record, "state_dict").map((entry) => [String(entry[0]), decoder.decode(entry[1])])
  );
  methodNamed(module, "load_state_dict")(state);
  const inputs = new Decoder(library).arguments(arrayField(record, "inputs"), objectField(record, "forwardKwargs"));
  const out = module(...withOptions(inputs.args, inputs.options));
  checks.push(
    attempt("value", () => compareValue(out, record["out"] ?? null, tolerance)),
    attempt("value", () => compareBuffers(record, module, tolerance))
  );
  if (hasGradients(record)) {
    checks.push(attempt("gradient", () => compareGradients2(record, module, out, [...inputs.tensors.values()])));
  }
  return mergeValues(checks);
  function compareGradients2(source, net, result, tensors) {
    const expectedParameters = arrayField(source, "paramGrads");
    const leaves = tensors.filter((tensor) => tensor.requiresGrad);
    const parameters = new Map(net.namedParameters());
    const chosen = expectedParameters.map(([name]) => parameters.get(name));
    const used = source["gradOutputs"] === void 0 ? void 0 : new Set(arrayField(source, "gradOutputs"));
    const outputs = pairTensors(result, source["out"] ?? null).flatMap(
      ({ actual }, index) => isTensor(actual) && (used === void 0 || used.has(index)) ? [[actual, index]] : []
    );
    const grads = weightedGradients(library, outputs, [...leaves, ...chosen], false);
    const expected = [...arrayField(source, "inputGrads"), ...expectedParameters.map(([, grad]) => grad)];
    for (const [index, grad] of expected.entries()) {
      const name = index < leaves.length ? `inputGrads[${index}]` : `gradient of ${expectedParameters[index - leaves.length]?.[0]}`;
      const mismatch = compareValue(grads[index], grad, tolerance, name);
      if (mismatch !== void 0) {
        return mismatch;
      }
    }
    return void 0;
  }
}
function compareModuleForm(record, module) {
  const stateNames = arrayField(record, "state_dict").map((entry) => entry[0]);
  const actualState = [...module.stateDict().keys()];
  if (show(actualState) !== show(stateNames)) {
    return `expected state_dict names ${show(stateNames)}, got ${show(actualState)}`;
  }
  const parameters = [...module.namedParameters()].map(([name]) => name);
  if (record["parameters"] !== void 0 && show(parameters) !== show(record["parameters"])) {
    return `expected parameters ${show(record["parameters"])}, got ${show(parameters)}`;
  }
  const printed = String(module);
  return typeof record["repr"] !== "string" || printed === record["repr"] ? void 0 : `expected repr ${JSON.stringify(record["repr"])}, got ${JSON.stringify(printed)}`;
}
function compareBuffers(record, module, tolerance) {
  const after = record["bufferAfter"];
  const entries = Array.isArray(after) ? after : Object.entries(objectField(record, "bufferAfter"));
  const state = entries.length === 0 ? void 0 : module.stateDict();
  for (const [name, expected] of entries) {
    const mismatch = compareValue(state?.get(name), expected, tolerance, `${name} after the call`);
    if (mismatch !== void 0) {
      return mismatch;
    }
  }
  return void 0;
}
function mergeValues(checks) {
  const values = checks.filter(({ kind }) => kind === "value");
  return [values.find(({ passed }) => !passed) ?? check("value", void 0), ...checks.filter(({ kind }) => kind !== "value")];
}

// src/run-op-error.ts
function runOpError({ library }, record) {
  let call;
  try {
    call = prepareCall(library, record, { inPlaceOnOriginal: true });
  } catch (error) {
    return objectField(record, "error")["binding"] === true ? [failure("raises", error)] : [failure("raises", error), failure("text", error)];
  }
  return judgeError(objectField(record, "error"), () => call.run());
}
function judgeError(error, act) {
  const message = messageOf(error);
  const judgesText = error["binding"] !== true;
  try {
    act();
  } catch (thrown) {
    if (thrown instanceof MissingFeature && judgesText) {
      return [failure("raises", thrown), failure("text", thrown)];
    }
    if (isEngineError(thrown) && judgesText) {
      const detail2 = `a defect, not a check, ${describeError(thrown)}; expected ${error["type"]}: ${message}`;
      return [check("raises", detail2), check("text", detail2)];
    }
    return judgesText ? [check("raises", void 0), check("text", compareMessage(thrown, error, message))] : [check("raises", void 0)];
  }
  const detail = `did not raise; expected ${String(error["type"])}: ${message}`;
  return judgesText ? [check("raises", detail), check("text", detail)] : [check("raises", detail)];
}
function messageOf(error) {
  const message = String(error["message"]);
  return error["type"] === "KeyError" && /^'.*'$/s.test(message) ? message.slice(1, -1).replace(/\\(.)/g, "$1") : message;
}
function compareMessage(thrown, error, message) {
  const actual = (thrown instanceof Error ? thrown.message : String(thrown)).trimEnd();
  if (actual === message || error["changedLater"] === true && typeof error["pattern"] === "string" && new RegExp(error["pattern"]).test(actual)) {
    return void 0;
  }
  return `expected message ${JSON.stringify(message)}, got ${JSON.stringify(actual)}`;
}

// src/run-optimizer.ts
function buildOptimizer(library, name, parameters, kwargs) {
  const { options } = new Decoder(library, { markFloats: true }).arguments([], kwargs);
  return new (classNamed(library, `optim.${name}`))(...withOptions([parameters], options));
}
function runOptimizer({ library }, record) {
  const name = stringField(record, "optimizer");
  const kwargs = objectField(record, "kwargs");
  if (record["error"] !== void 0) {
    return judgeError(
      objectField(record, "error"),
      () => buildOptimizer(library, name, mistakenParameters(library, stringField(record, "params")), kwargs)
    );
  }
  try {
    return mergeValues(followTrajectory(library, record, name, kwargs));
  } catch (error) {
    return [failure("value", error)];
  }
}
function mistakenParameters(library, description) {
  const parameter = () => new Decoder(library).decode({ $tensor: { dtype: "float32", shape: [2], requires_grad: true, data: [1, 2] } });
  switch (description) {
    case "empty list":
      return [];
    case "a list with a number":
      return [parameter(), 1.5];
    case "the same parameter in two groups": {
      const shared = parameter();
      return [{ params: [shared] }, { params: [shared] }];
    }
    default:
      return [parameter()];
  }
}
function followTrajectory(library, record, name, kwargs) {
  const tolerance = toleranceOf(record);
  const dtype = stringField(record, "dtype");
  const decoder = new Decoder(library);
  const parameters = decoder.decode(record["init"] ?? []).map((tensor) => {
    tensor.requiresGrad = true;
    return tensor;
  });
  const data = decoder.decode(record["data"] ?? {});
  const groups = arrayField(record, "groups").map((group) => {
    const { params, ...rest } = group;
    return { ...decoder.decode(rest), params: params.map((index) => parameters[index]) };
  });
  const optimizer = buildOptimizer(library, name, groups.length > 0 ? groups : parameters, kwargs);
  const zeroGrad = methodNamed(optimizer, "zero_grad");
  const step = methodNamed(optimizer, "step");
  const checkpoints = new Map(arrayField(record, "trajectory").map((entry) => entry));
  const checks = [];
  for (const [index, expected] of arrayField(record, "losses").entries()) {
    let first;
    step(() => {
      zeroGrad({ setToNone: true });
      const loss = lossOf(stringField(record, "problem"), parameters, data);
      methodNamed(loss, "backward")();
      first ??= Number(methodNamed(loss, "item")());
      return loss;
    });
    if (first === void 0 || !closeNumber(first, Number(expected), tolerance, dtype)) {
      checks.push(check("value", `loss before step ${index + 1}: expected ${show(expected)}, got ${show(first)}`));
      break;
    }
    const wanted = checkpoints.get(index + 1);
    if (wanted !== void 0) {
      checks.push(
        attempt(
          "value",
          () => compareValue(
            parameters.map((parameter) => parameter.detach()),
            wanted,
            tolerance,
            `parameters after step ${index + 1}`
          )
        )
      );
    }
  }
  if (checks.every(({ passed }) => passed)) {
    checks.push(attempt("value", () => compareState(methodNamed(optimizer, "state_dict")(), objectField(record, "state_dict"), tolerance)));
  }
  return checks;
}
function lossOf(problem, parameters, data) {
  const [p, b1, w2, b2] = parameters;
  const call = (receiver, method, ...args) => methodNamed(receiver, method)(...args);
  switch (problem) {
    case "quadratic":
      return call(call(call(data["a"], "mul", call(call(p, "sub", data["b"]), "pow", 2)), "sum"), "mul", 0.5);
    case "rosenbrock": {
      const p0 = call(p, "select", 0, 0);
      const p1 = call(p, "select", 0, 1);
      const first = call(call(call(p0, "neg"), "add", 1), "pow", 2);
      return call(first, "add", call(call(call(p1, "sub", call(p0, "pow", 2)), "pow", 2), "mul", 100));
    }
    case "mlp": {
      const hidden = call(call(call(data["x"], "matmul", call(p, "t")), "add", b1), "tanh");
      const out = call(call(hidden, "matmul", call(w2, "t")), "add", b2);
      return call(call(call(out, "sub", data["y"]), "pow", 2), "mean");
    }
    default:
      throw new Error(`records hold an unknown problem ${problem}`);
  }
}
function compareState(state, expected, tolerance) {
  const options = { ...tolerance, looseScalars: true };
  const states = entryOf(state, "state");
  for (const entry of arrayField(expected, "state")) {
    const [index, fields] = entry;
    const found = entryOf(states, index) ?? entryOf(states, String(index));
    for (const [key, value] of Object.entries(fields)) {
      const mismatch = compareValue(entryOf(found, key), value, options, `state[${index}].${key}`);
      if (mismatch !== void 0) {
        return mismatch;
      }
    }
  }
  const groups = [...entryOf(state, "param_groups") ?? []];
  for (const [index, group] of arrayField(expected, "param_groups").entries()) {
    for (const [key, value] of Object.entries(isJsonObject(group) ? group : {})) {
      const mismatch = compareValue(entryOf(groups[index], key), value, options, `param_groups[${index}].${key}`);
      if (mismatch !== void 0) {
        return mismatch;
      }
    }
  }
  return void 0;
}
function entryOf(container, key) {
  if (container instanceof Map) {
    const map = container;
    return map.get(key) ?? map.get(camelCase(String(key)));
  }
  return memberOf(container, String(key)) ?? memberOf(container, camelCase(String(key)));
}

// src/python-operators.ts
var operatorNames = {
  "+": "add",
  "-": "sub",
  "*": "mul",
  "/": "div",
  "**": "pow",
  "//": "floor_divide",
  "%": "remainder",
  "@": "matmul",
  "&": "bitwise_and",
  "|": "bitwise_or",
  "^": "bitwise_xor",
  "<<": "bitwise_left_shift",
  ">>": "bitwise_right_shift",
  "<": "lt",
  "<=": "le",
  "==": "eq",
  "!=": "ne",
  ">": "gt",
  ">=": "ge"
};
var unaryNames = { neg: "neg", "~": "bitwise_not", invert: "bitwise_not", abs: "abs" };
var commutative = /* @__PURE__ */ new Set(["+", "*", "&", "|", "^", "==", "!="]);
var onNumbers = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "**": (a, b) => a ** b,
  "//": (a, b) => Math.floor(a / b),
  "%": (a, b) => (a % b + b) % b,
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  "==": (a, b) => a === b,
  "!=": (a, b) => a !== b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b
};
function applyOperator(library, operator, operands, inPlace = false) {
  const [left, right] = operands;
  if (operator === "is" || operator === "is not") {
    return (left ?? null) === (right ?? null) === (operator === "is");
  }
  if (operands.length === 1) {
    return isTensor(left) ? methodNamed(left, unaryNames[operator] ?? operator)() : operator === "neg" ? -unwrap(left) : !unwrap(left);
  }
  const name = operatorNames[operator];
  if (name === void 0) {
    throw new Error(`records hold an unknown operator ${operator}`);
  }
  if (isTensor(left)) {
    return methodNamed(left, inPlace ? `${name}_` : name)(right);
  }
  if (isTensor(right)) {
    if (commutative.has(operator)) {
      return methodNamed(right, name)(left);
    }
    if (operator === "-") return methodNamed(right, "rsub")(left);
    if (operator === "/") return methodNamed(methodNamed(right, "reciprocal")(), "mul")(left);
    return functionNamed(library, name)(left, right);
  }
  const compute = onNumbers[operator];
  return compute?.(unwrap(left), unwrap(right));
}
function indexValue(value, indices) {
  if (isTensor(value)) {
    return methodNamed(value, "at")(...indices);
  }
  const [index] = indices;
  if (value instanceof Map) {
    return value.get(index);
  }
  const direct = memberOf(value, String(index));
  if (typeof index === "string" || direct !== void 0) {
    return direct;
  }
  const items = [...value];
  if (typeof index === "number") {
    return items.at(index);
  }
  const { start, stop } = index;
  return items.slice(start ?? void 0, stop ?? void 0);
}
function applyBuiltin(name, [value]) {
  switch (name) {
    case "len":
      if (isTensor(value)) {
        return methodNamed(value, "size")(0);
      }
      return value instanceof Map ? value.size : memberOf(value, "length") ?? [...value].length;
    case "list":
    case "tuple":
      return [...value];
    case "dict":
      return value instanceof Map ? value : new Map(value);
    case "bool":
      return isTensor(value) ? methodNamed(value, "is_nonzero")() : Boolean(unwrap(value));
    case "float":
    case "int":
      return isTensor(value) ? methodNamed(value, "item")() : Number(unwrap(value));
    case "iter":
      return value[Symbol.iterator]();
    case "next":
      return value.next().value;
    case "str":
    case "repr":
      return String(value);
    default:
      throw new Error(`records hold an unknown builtin ${name}`);
  }
}

// src/program.ts
var plainNumbers = /^torch\.(nn|optim|utils|autograd)\.|^torch\.(tensor|as_tensor|device|manual_seed|finfo|iinfo|set_)/;
var spelledHere = { numpy: "typed_array" };
var Program = class {
  constructor(library) {
    this.library = library;
  }
  library;
  variables = /* @__PURE__ */ new Map();
  /** Runs statements in order. @throws what the library throws */
  run(steps) {
    for (const step of Array.isArray(steps) ? steps : [steps]) {
      this.statement(step);
    }
  }
  statement(step) {
    if (step["set"] !== void 0) {
      this.assign(step["set"], this.evaluate(step["expr"] ?? null));
    } else if (step["do"] !== void 0) {
      this.evaluate(step["do"]);
    } else if (step["setattr"] !== void 0) {
      const target = this.evaluate(step["on"] ?? null);
      target[camelCase(step["setattr"])] = this.evaluate(step["value"] ?? null);
    } else if (step["setitem"] !== void 0) {
      this.setItem(this.evaluate(step["on"] ?? null), step["setitem"], this.evaluate(step["value"] ?? null));
    } else if (step["aug"] !== void 0) {
      this.augment(step);
    } else if (step["with"] !== void 0) {
      this.within(step["with"], step["body"] ?? []);
    } else if (step["for"] !== void 0) {
      for (const item of this.evaluate(step["in"] ?? null)) {
        this.assign(step["for"], item);
        this.run(step["body"] ?? []);
      }
    } else {
      throw new Error(`records hold an unknown statement ${Object.keys(step).join(", ")}`);
    }
  }
  assign(target, value) {
    if (Array.isArray(target)) {
      const items = [...value];
      for (const [index, name] of target.entries()) {
        this.assign(name, items[index]);
      }
    } else {
      this.variables.set(target, value);
    }
  }
  setItem(target, index, value) {
    const indices = index.map((item) => this.evaluate(item));
    if (isTensor(target)) {
      methodNamed(target, "set_at")(indices, value);
    } else {
      target[String(indices[0])] = value;
    }
  }
  augment(step) {
    const target = this.evaluate(step["on"] ?? null);
    const operator = String(step["aug"]).slice(0, -1);
    const value = this.evaluate(step["value"] ?? null);
    if (isTensor(target)) {
      applyOperator(this.library, operator, [target, value], true);
    } else {
      this.assign(step["on"]["$var"] ?? null, applyOperator(this.library, operator, [target, value]));
    }
  }
  /** `with torch.no_grad():` is a call with the body as a function. */
  within(context2, body) {
    const args = arrayField(context2, "args").map((arg) => this.evaluate(arg));
    functionNamed(this.library, String(context2["$call"]))(...args, () => this.run(body));
  }
  /** The value of an expression. */
  evaluate(expression) {
    return new Decoder(this.library, { markFloats: true, tagged: (value) => this.special(value) }).decode(expression);
  }
  /** The value of an expression whose numbers are settings. */
  evaluatePlain(expression) {
    return new Decoder(this.library, { tagged: (value) => this.special(value) }).decode(expression);
  }
  special(node) {
    if (typeof node["$var"] === "string") {
      return { value: this.variables.get(node["$var"]) };
    }
    if (typeof node["$call"] === "string") {
      return { value: this.call(node["$call"], node) };
    }
    if (typeof node["$method"] === "string") {
      return { value: this.method(node["$method"], node) };
    }
    if (typeof node["$get"] === "string") {
      return { value: getAttribute(this.evaluate(node["on"] ?? null), node["$get"]) };
    }
    if (Array.isArray(node["$index"])) {
      return {
        value: indexValue(
          this.evaluate(node["on"] ?? null),
          node["$index"].map((item) => this.evaluate(item))
        )
      };
    }
    if (typeof node["$op"] === "string") {
      return {
        value: applyOperator(
          this.library,
          node["$op"],
          arrayField(node, "args").map((arg) => this.evaluate(arg))
        )
      };
    }
    if (node["$invoke"] !== void 0) {
      const callee = this.evaluate(node["$invoke"]);
      return { value: callee(...this.callArguments(node, true)) };
    }
    if (typeof node["$builtin"] === "string") {
      return {
        value: applyBuiltin(
          node["$builtin"],
          arrayField(node, "args").map((arg) => this.evaluate(arg))
        )
      };
    }
    if (typeof node["$ref"] === "string") {
      return { value: lookUp(this.library, node["$ref"]) };
    }
    return void 0;
  }
  callArguments(node, plain, name = "") {
    const { args, kwargs } = withPythonNumbers(name, arrayField(node, "args"), objectField(node, "kwargs"));
    const evaluate2 = (value) => plain ? this.evaluatePlain(value) : this.evaluate(value);
    const options = Object.fromEntries(Object.entries(kwargs).map(([key, value]) => [camelCase(key), evaluate2(value)]));
    return withOptions(args.map(evaluate2), options);
  }
  call(name, node) {
    if (name === "torch.Size") {
      return this.callArguments(node, true)[0];
    }
    const target = lookUp(this.library, name);
    if (typeof target !== "function") {
      throw new MissingFeature(`torch.${camelPath(name).join(".")}()`);
    }
    const constructs = isClassName(name);
    const args = this.callArguments(node, constructs || plainNumbers.test(name), name);
    return constructs ? new target(...args) : functionNamed(this.library, name)(...args);
  }
  method(name, node) {
    const receiver = this.evaluate(node["on"] ?? null);
    const args = this.callArguments(node, !isTensor(receiver), name);
    if (Array.isArray(receiver) && name === "numel") {
      return receiver.reduce((product2, size) => product2 * size, 1);
    }
    if (isTensor(receiver) && name === "storage") {
      const { nbytes } = receiver.untypedStorage();
      return { size: () => nbytes / Number(memberOf(receiver, "itemsize")) };
    }
    return methodNamed(receiver, spelledHere[name] ?? name)(...args);
  }
};
function getAttribute(target, name) {
  const value = memberOf(target, camelCase(name)) ?? memberOf(target, camelCase(name.replace(/^_/, "")));
  if (value === void 0) {
    throw new MissingFeature(`${isTensor(target) ? "Tensor" : "object"}.${camelCase(name)}`);
  }
  return value;
}

// src/run-printing.ts
function runPrinting({ library }, record) {
  const expected = stringField(record, "repr");
  try {
    const printed = printedForm(library, record, expected);
    return [check("text", printed === expected ? void 0 : `expected ${JSON.stringify(expected)}, got ${JSON.stringify(printed)}`)];
  } catch (error) {
    return [failure("text", error)];
  }
}
function printedForm(library, record, expected) {
  if (record["steps"] !== void 0) {
    const program = new Program(library);
    program.run(record["steps"]);
    return pythonForm(program.variables.get(stringField(record, "var")), expected);
  }
  const tensor = new Decoder(library).decode(record["tensor"] ?? null);
  if (!isJsonObject(record["options"])) {
    return String(tensor);
  }
  const setPrintOptions = functionNamed(library, "set_print_options");
  const { options } = new Decoder(library).arguments([], objectField(record, "options"));
  try {
    setPrintOptions(options);
    return String(tensor);
  } finally {
    setPrintOptions({ profile: "default" });
  }
}
function pythonForm(value, expected) {
  if (Array.isArray(value) && !value.some(isTensor)) {
    const items = value.join(", ");
    return expected.startsWith("torch.Size") ? `torch.Size([${items}])` : value.length === 1 ? `(${items},)` : `(${items})`;
  }
  if (typeof value === "string") {
    return expected.startsWith("torch.") ? `torch.${value}` : expected.startsWith("device") ? `device(type='${value}')` : `'${value}'`;
  }
  return String(value);
}

// src/run-program.ts
function runProgram({ library }, record) {
  const program = new Program(library);
  try {
    if (namesDTypeByText(record)) {
      return [];
    }
    if (record["error"] !== void 0) {
      const steps = Array.isArray(record["steps"]) ? record["steps"] : [];
      program.run(steps.slice(0, -1));
      return judgeError(objectField(record, "error"), () => program.run(steps.slice(-1)));
    }
    program.run(record["steps"] ?? []);
    return [check("value", compareVariables(program, record))];
  } catch (error) {
    return record["error"] === void 0 ? [failure("value", error)] : [failure("raises", error), failure("text", error)];
  } finally {
    restoreDefaults(library);
  }
}
function namesDTypeByText(record) {
  return objectField(record, "error")["binding"] === true && /"dtype":"/.test(JSON.stringify(record["steps"]));
}
function compareVariables(program, record) {
  for (const [name, expected] of Object.entries(objectField(record, "observe"))) {
    const mismatch = compareValue(program.variables.get(name), expected, toleranceOf(record), name);
    if (mismatch !== void 0) {
      return mismatch;
    }
  }
  return void 0;
}
function restoreDefaults(library) {
  attempt("value", () => {
    functionNamed(library, "set_default_dtype")("float32");
    return void 0;
  });
}

// src/run-random.ts
var exact = { rtol: 0, atol: 0 };
function runRandom(context2, record) {
  return record["kind"] === void 0 ? runProgram(context2, record) : [attempt("value", () => judge2(context2.library, record))];
}
function judge2(library, record) {
  const kind = record["kind"];
  if (kind === "default_collate") {
    const batch = new Decoder(library).decode(record["batch"] ?? []);
    return compareValue(functionNamed(library, "utils.data.default_collate")(integersAsBigints(batch)), record["out"] ?? null, exact);
  }
  if (record["manual_seed"] !== void 0) {
    functionNamed(library, "manual_seed")(record["manual_seed"]);
  }
  return kind === "DataLoader" ? judgeLoader(library, record) : judgeSampler(library, record);
}
function integersAsBigints(value) {
  if (Array.isArray(value)) {
    return value.map(integersAsBigints);
  }
  if (value instanceof Map) {
    return new Map([...value].map(([key, item]) => [key, integersAsBigints(item)]));
  }
  return typeof value === "number" && Number.isInteger(value) ? BigInt(value) : value;
}
var range = (n2) => Array.from({ length: Number(n2) }, (_, index) => index);
function judgeLoader(library, record) {
  const generator = record["generator_seed"] === void 0 ? {} : { generator: generatorSeeded(library, record["generator_seed"]) };
  const loader = new (classNamed(library, "utils.data.DataLoader"))(range(record["n"]), {
    batchSize: record["batch_size"],
    shuffle: record["shuffle"],
    dropLast: record["drop_last"],
    ...generator
  });
  const epochs = record["epochs"].map(() => [...loader].map(plainList));
  return compareValue(epochs, record["epochs"] ?? null, exact, "epochs") ?? (record["len"] === void 0 ? void 0 : compareValue(memberOf(loader, "length"), record["len"], exact, "length")) ?? (record["randAfter"] === void 0 ? void 0 : compareValue(functionNamed(library, "rand")(1), record["randAfter"], exact, "rand(1) afterwards"));
}
function generatorSeeded(library, seed) {
  const generator = new (classNamed(library, "Generator"))();
  methodNamed(generator, "manual_seed")(seed);
  return generator;
}
function plainList(value) {
  return isTensor(value) ? value.tolist() : [...value];
}
function judgeSampler(library, record) {
  const kind = String(record["kind"]);
  const dataset = range(record["n"]);
  const build2 = (name, ...args) => new (classNamed(library, `utils.data.${name}`))(...args);
  const optional = (key, name) => record[key] === void 0 ? {} : { [name]: record[key] };
  const once = (sampler) => [...sampler].map((item) => Array.isArray(item) || isTensor(item) ? plainList(item) : item);
  const expected = record["out"];
  switch (kind) {
    case "random_split": {
      const parts = functionNamed(library, "utils.data.random_split")(dataset, record["lengths"]);
      return compareValue(
        [...parts].map((part) => memberOf(part, "indices")),
        expected,
        exact
      );
    }
    case "BatchSampler": {
      const inner = build2("SequentialSampler", dataset);
      return compareValue(once(build2("BatchSampler", inner, record["batch_size"], record["drop_last"])), expected, exact);
    }
    case "RandomSampler":
      return twice(
        build2(
          "RandomSampler",
          ...withOptions([dataset], { ...optional("replacement", "replacement"), ...optional("num_samples", "numSamples") })
        )
      );
    case "SubsetRandomSampler":
      return twice(build2("SubsetRandomSampler", record["indices"]));
    case "WeightedRandomSampler":
      return twice(build2("WeightedRandomSampler", record["weights"], record["num_samples"], optional("replacement", "replacement")));
    default:
      throw new Error(`records hold an unknown kind ${kind}`);
  }
  function twice(sampler) {
    return compareValue(
      expected.map(() => once(sampler)),
      expected,
      exact
    );
  }
}

// src/run-scheduler.ts
function runScheduler({ library }, record) {
  try {
    return [check("value", follow(library, record))];
  } catch (error) {
    return [failure("value", error)];
  }
}
function follow(library, record) {
  const tolerance = toleranceOf(record);
  const settings = objectField(record, "optimizer");
  const groups = arrayField(settings, "groupLrs").map((lr) => ({
    params: [new Decoder(library).decode({ $tensor: { dtype: "float32", shape: [1], requires_grad: true, data: [0] } })],
    lr
  }));
  const optimizer = buildOptimizer(library, stringField(settings, "name"), groups, objectField(settings, "kwargs"));
  const scheduler = buildScheduler(library, record, optimizer);
  const metrics = arrayField(record, "metrics");
  const momentums = arrayField(record, "momentums");
  for (const [step, expected] of arrayField(record, "lrs").entries()) {
    if (step > 0) {
      methodNamed(optimizer, "step")();
      methodNamed(scheduler, "step")(...metrics.length > 0 ? [metrics[step - 1]] : []);
    }
    const current = memberOf(optimizer, "paramGroups");
    const lrs = [...current].map((group) => memberOf(group, "lr"));
    const mismatch = compareValue(lrs, expected, tolerance, `learning rates after ${step} steps`);
    if (mismatch !== void 0) {
      return mismatch;
    }
    if (momentums[step] !== void 0) {
      const found = [...current].map((group) => memberOf(group, "momentum") ?? memberOf(group, "betas"));
      const wrong = compareValue(found, momentums[step], tolerance, `momentums after ${step} steps`);
      if (wrong !== void 0) {
        return wrong;
      }
    }
  }
  return record["last_epoch"] === void 0 ? void 0 : compareValue(memberOf(scheduler, "lastEpoch"), record["last_epoch"], tolerance, "lastEpoch");
}
function buildScheduler(library, record, optimizer) {
  const name = stringField(record, "scheduler");
  const { options } = new Decoder(library, { tagged: (value) => decodeSpecial(library, value, optimizer) }).arguments(
    [],
    objectField(record, "kwargs")
  );
  const { schedulers, ...rest } = options;
  const first = name === "ChainedScheduler" ? [schedulers] : [optimizer];
  return new (classNamed(library, `optim.lr_scheduler.${name}`))(...withOptions(first, name === "ChainedScheduler" ? rest : options));
}
function decodeSpecial(library, value, optimizer) {
  if (value["scheduler"] !== void 0) {
    return { value: buildScheduler(library, value, optimizer) };
  }
  const lambda = value["$lambda"];
  return isJsonObject(lambda) ? { value: functionFrom(lambda["js"] ?? null) } : void 0;
}
function functionFrom(source) {
  return new Function(`return (${String(source)});`)();
}

// src/run-semantics.ts
function runSemantics(context2, record) {
  const { library } = context2;
  switch (record["kind"]) {
    case void 0:
      return runProgram(context2, record);
    case "view":
      return judgeView(library, record);
    default:
      return judgeResult(record, () => evaluate(library, record));
  }
}
function judgeResult(record, act) {
  if (record["error"] !== void 0) {
    return judgeError(objectField(record, "error"), act);
  }
  return [attempt("value", () => compareValue(act(), record["out"] ?? null, { rtol: 0, atol: 0 }))];
}
function evaluate(library, record) {
  const ones = (shape, dtype = "float32") => functionNamed(library, "ones")(shape, { dtype });
  const decoder = new Decoder(library, { markFloats: true });
  const [first, second] = Array.isArray(record["shapes"]) ? record["shapes"] : [];
  switch (record["kind"]) {
    case "promote_types":
    case "can_cast":
      return functionNamed(library, stringField(record, "kind"))(...decoder.decode(record["args"] ?? []));
    case "result_type":
      return functionNamed(library, "result_type")(operand(objectField(record, "a")), operand(objectField(record, "b")));
    case "result_dtype":
      return dtypeOfResult();
    case "inplace_dtype": {
      const [self, other] = record["in"];
      return dtypeOf(methodNamed(ones([2], self), stringField(record, "op"))(ones([2], other)));
    }
    case "broadcast":
      return memberOf(methodNamed(ones(first ?? []), "add")(ones(second ?? [])), "shape");
    case "matmul_shape":
      return memberOf(functionNamed(library, "matmul")(ones(first ?? []), ones(second ?? [])), "shape");
    case "inplace_broadcast":
      return memberOf(methodNamed(ones(first ?? []), stringField(record, "op"))(ones(second ?? [])), "shape");
    case "expand": {
      const view = methodNamed(ones(record["shape"] ?? []), "expand")(record["size"]);
      return { shape: view.shape, stride: view.stride() };
    }
    default:
      throw new Error(`records hold an unknown kind ${String(record["kind"])}`);
  }
  function operand(description) {
    if (description["scalar"] !== void 0) {
      return decoder.decode(description["value"] ?? null);
    }
    return ones(new Array(Number(description["dim"])).fill(1), description["dtype"] ?? "float32");
  }
  function dtypeOfResult() {
    const op = stringField(record, "op");
    const extra = Array.isArray(record["args"]) ? record["args"] : [];
    const inputs = Array.isArray(record["in"]) ? record["in"] : [record["in"] ?? null];
    const tensors = inputs.map(
      (dtype, index) => record["scalar"] !== void 0 && index > 0 ? decoder.decode(record["scalar"]) : ones([2], dtype)
    );
    const operands = op === "where" ? [ones([2], "bool"), ...tensors] : tensors;
    return dtypeOf(functionNamed(library, op)(...operands, ...extra));
  }
}
function dtypeOf(result) {
  return isTensor(result) ? result.dtype : memberOf([...result][0], "dtype");
}
function judgeView(library, record) {
  const program = new Program(library);
  const steps = Array.isArray(record["steps"]) ? record["steps"] : [];
  try {
    program.run(steps.slice(0, -1));
    const x = program.variables.get("x");
    if (record["error"] !== void 0) {
      return judgeError(objectField(record, "error"), () => program.run(steps.slice(-1)));
    }
    const before = compareLayout(x, objectField(record, "input"), "x");
    const memory = x.detach();
    program.run(steps.slice(-1));
    const y = program.variables.get("y");
    return [check("value", before ?? compareViewed(x, memory, y, record))];
  } catch (error) {
    return record["error"] === void 0 ? [failure("value", error)] : [failure("raises", error), failure("text", error)];
  }
}
function compareViewed(x, memory, result, record) {
  const expected = record["y"] ?? null;
  const outputs = Array.isArray(expected) ? expected : [expected];
  const actual = isTensor(result) ? [result] : [...result];
  if (actual.length !== outputs.length) {
    return `expected ${outputs.length} results, got ${actual.length}`;
  }
  for (const [index, item] of outputs.entries()) {
    const mismatch = compareLayout(actual[index], isJsonObject(item) ? item : {}, outputs.length === 1 ? "y" : `y[${index}]`);
    if (mismatch !== void 0) {
      return mismatch;
    }
  }
  const y = actual[0];
  if (typeof record["sharesStorage"] === "boolean" && isTensor(y) && y.numel() > 0 && sharesStorage(memory, y) !== record["sharesStorage"]) {
    return record["sharesStorage"] ? "y is a copy of x, expected a view" : "y is a view of x, expected a copy";
  }
  return typeof record["sameObject"] === "boolean" && x === y !== record["sameObject"] ? `y ${record["sameObject"] ? "is not" : "is"} x itself` : void 0;
}
function compareLayout(tensor, expected, name) {
  if (!isTensor(tensor)) {
    return `${name} is no tensor but ${show(tensor)}`;
  }
  const facts = {
    dtype: () => tensor.dtype,
    shape: () => [...tensor.shape],
    stride: () => [...tensor.stride()],
    storage_offset: () => tensor.storageOffset(),
    is_contiguous: () => methodNamed(tensor, "is_contiguous")()
  };
  for (const [key, value] of Object.entries(expected)) {
    const fact = facts[key];
    const mismatch = fact === void 0 ? void 0 : compareValue(fact(), value, { rtol: 0, atol: 0 }, `${camelCase(key)} of ${name}`);
    if (mismatch !== void 0) {
      return mismatch;
    }
  }
  return void 0;
}

// src/run-serialization.ts
import { join as join2 } from "node:path";
async function runSerialization({ library, directory: directory2 }, record) {
  const path = join2(directory2, "serialization", stringField(record, "file"));
  const format = typeof record["format"] === "string" ? record["format"] : "zip";
  const kind = record["optional"] === true ? "optional" : "value";
  if (record["mustReject"] === true || record["mayLoad"] === true) {
    return [await judgeRefusal(library, path, format, record["mayLoad"] === true)];
  }
  try {
    return [check(kind, compareLoaded(await load(library, path, format), record["expect"] ?? null, format))];
  } catch (error) {
    return [failure(kind, error)];
  }
}
async function judgeRefusal(library, path, format, mayLoad) {
  try {
    await load(library, path, format);
    return check("raises", mayLoad ? void 0 : "was loaded, expected to be refused");
  } catch (error) {
    if (error instanceof MissingFeature) {
      return failure("raises", error);
    }
    return isEngineError(error) ? failure("raises", error) : check("raises", void 0);
  }
}
async function load(library, path, format) {
  switch (format) {
    case "hdf5":
      return loadHdf5(library, path);
    case "npy":
      return readable(
        () => functionNamed(library, "io.npy.load")(path),
        () => functionNamed(library, "io.npy.load_array")(path)
      );
    case "npz":
      return functionNamed(library, "io.npy.load_npz")(path);
    default:
      return functionNamed(library, "load")(path);
  }
}
async function loadHdf5(library, path) {
  const open = functionNamed(library, "io.hdf5.open");
  const file = await open(path);
  try {
    return readGroup(file);
  } finally {
    methodNamed(file, "close")();
  }
}
function readGroup(group) {
  const groups = {};
  const datasets = {};
  for (const name of methodNamed(group, "keys")()) {
    const member = methodNamed(group, "get")(name);
    if (typeof memberOf(member, "createGroup") === "function") {
      groups[name] = readGroup(member);
    } else {
      const value = readable(
        () => methodNamed(member, "at")(),
        () => methodNamed(member, "value")()
      );
      datasets[name] = { shape: memberOf(member, "shape"), chunks: memberOf(member, "chunks"), value, attrs: readAttributes(member) };
    }
  }
  return { attrs: readAttributes(group), groups, datasets };
}
function readAttributes(owner) {
  const attrs = memberOf(owner, "attrs");
  const names = [...methodNamed(attrs, "keys")()];
  return Object.fromEntries(
    names.map((name) => [
      name,
      readable(
        () => methodNamed(attrs, "get")(name),
        () => methodNamed(attrs, "value")(name)
      )
    ])
  );
}
function readable(asTensor, asArray) {
  try {
    return asTensor();
  } catch (error) {
    if (error instanceof Error && !isEngineError(error) && /holds text|supported types|tensors lack|no tensor dtype/.test(error.message)) {
      return asArray();
    }
    throw error;
  }
}
function compareLoaded(actual, expected, format) {
  const storages = /* @__PURE__ */ new Map();
  return format === "zip" || format === "legacy" ? compareValue(actual, expected, { rtol: 0, atol: 0, strides: true }) ?? compareStorages(actual, expected, storages) : compareArrays(actual, expected, "");
}
function compareStorages(actual, expected, storages) {
  if (isRecordedTensor(expected)) {
    return isTensor(actual) ? compareStorage(actual, expected.$tensor, storages) : void 0;
  }
  const children = [];
  if (Array.isArray(expected)) {
    const items = [...actual];
    children.push(...expected.map((item, index) => [items[index], item]));
  } else if (isJsonObject(expected)) {
    const entries = expected["$dict"] ?? expected["$odict"];
    const list = expected["$tuple"];
    if (Array.isArray(entries) && actual instanceof Map) {
      const values = [...actual.values()];
      children.push(...entries.map(([, item], index) => [values[index], item]));
    } else if (Array.isArray(list)) {
      return compareStorages(actual, list, storages);
    }
  }
  return children.map(([found, wanted]) => compareStorages(found, wanted, storages)).find((mismatch) => mismatch !== void 0);
}
function compareStorage(actual, expected, storages) {
  if (expected["parameter"] === true && actual.constructor?.name !== "Parameter") {
    return "expected a Parameter, got a plain tensor";
  }
  if (expected["requires_grad"] === true && !actual.requiresGrad) {
    return "expected requiresGrad";
  }
  const offset = typeof expected["storage_offset"] === "number" ? expected["storage_offset"] : 0;
  if (actual.storageOffset() !== offset) {
    return `expected storage offset ${offset}, got ${actual.storageOffset()}`;
  }
  if (typeof expected["storage"] !== "number") {
    return void 0;
  }
  for (const [number, other] of storages) {
    if (sharesStorage(actual, other) !== (number === expected["storage"]) && actual.numel() > 0 && other.numel() > 0) {
      return number === expected["storage"] ? "expected tensors that share a storage, got copies" : "expected separate storages, got one";
    }
  }
  storages.set(expected["storage"], actual);
  return void 0;
}
function compareArrays(actual, expected, path) {
  if (isJsonObject(expected) && isJsonObject(expected["$array"])) {
    const mismatch = compareArray(actual, objectField(expected, "$array"));
    return mismatch === void 0 ? void 0 : `${path}: ${mismatch}`;
  }
  if (isJsonObject(expected)) {
    for (const [key, value] of Object.entries(expected)) {
      const found = actual instanceof Map ? actual.get(key) : memberOf(actual, key) ?? memberOf(actual, camelCase(key));
      const mismatch = compareArrays(found, value, `${path}/${key}`);
      if (mismatch !== void 0) {
        return mismatch;
      }
    }
    return void 0;
  }
  return compareValue(isTensor(actual) && !isRecordedTensor(expected) ? actual.tolist() : actual, expected, { rtol: 0, atol: 0 }, path);
}
function compareArray(actual, { dtype, shape, data }) {
  if (!/^(u?int|float|bool|complex)/.test(String(dtype))) {
    return compareValue(actual, data ?? null, { rtol: 0, atol: 0 });
  }
  const wanted = data.map(
    (element2) => typeof element2 === "string" && /^u?int/.test(String(dtype)) ? BigInt(element2) : readElement(element2, String(dtype))
  );
  if (isTensor(actual)) {
    return show(actual.shape) === show(shape) ? compareElements(elementsOf(actual), wanted, { rtol: 0, atol: 0 }) : `expected shape ${show(shape)}, got ${show(actual.shape)}`;
  }
  const found = memberOf(actual, "data") ?? actual;
  const items = typeof found === "object" && found !== null && Symbol.iterator in found ? [...found].flat(Number.POSITIVE_INFINITY) : [found];
  const booleans = dtype === "bool" ? items.map(Boolean) : items;
  return compareElements(booleans, wanted, { rtol: 0, atol: 0 });
}

// src/run-vision.ts
function runVision(context2, record) {
  if (record["error"] !== void 0) {
    return runOpError(context2, record);
  }
  if (record["model"] !== void 0) {
    return [attempt("value", () => judgeModel(context2.library, record))];
  }
  if (record["transform"] !== void 0) {
    return [attempt("value", () => judgeTransform(context2.library, record))];
  }
  if (record["hwc"] !== void 0 || record["bytes"] !== void 0) {
    return [attempt("value", () => judgePixels(context2.library, record))];
  }
  return runOp(context2, record);
}
function judgeModel(library, record) {
  const { options } = new Decoder(library).arguments([], objectField(record, "kwargs"));
  const module = functionNamed(library, `torchvision.models.${stringField(record, "model")}`)(...withOptions([], options));
  const state = [...module.stateDict()].map(([name, tensor]) => [name, [...tensor.shape], tensor.dtype]);
  const count = [...module.namedParameters()].reduce((sum, [, parameter]) => sum + parameter.numel(), 0);
  return compareValue(state, record["state_dict"] ?? null, { rtol: 0, atol: 0 }, "state_dict") ?? compareValue(count, record["numParameters"] ?? null, { rtol: 0, atol: 0 }, "parameters");
}
function judgeTransform(library, record) {
  const decoder = new Decoder(library);
  const { options } = decoder.arguments([], objectField(record, "kwargs"));
  const input = decoder.decode(record["input"] ?? null);
  functionNamed(library, "manual_seed")(record["manual_seed"]);
  const transform = new (classNamed(library, `torchvision.transforms.${stringField(record, "transform")}`))(options);
  const apply = typeof transform === "function" ? transform : (image) => methodNamed(transform, "apply")(image);
  return compareValue(
    arrayField(record, "outs").map(() => apply(input)),
    record["outs"] ?? null,
    toleranceOf(record)
  );
}
function judgePixels(library, record) {
  const convert = functionNamed(library, stringField(record, "op"));
  const decoder = new Decoder(library);
  const hwc = record["hwc"];
  if (isJsonObject(hwc)) {
    const picture2 = decoder.decode({ $tensor: { ...hwc } });
    return compareValue(convert(picture2), record["out"] ?? null, toleranceOf(record));
  }
  const converted = convert(decoder.decode(record["input"] ?? null));
  const picture = memberOf(converted, "pixels") ?? converted;
  const [width, height] = arrayField(record, "size");
  const shape = memberOf(picture, "shape");
  if (shape === void 0 || shape[0] !== height || shape[1] !== width) {
    return `expected a picture ${show([height, width])}, got ${show(picture)}`;
  }
  return compareElements(elementsOf(picture), arrayField(record, "bytes"), { rtol: 0, atol: 0 });
}

// src/run-record.ts
var runners = {
  ops: runOp,
  op_errors: runOpError,
  modules: runModule,
  optim: runOptimizer,
  lr_scheduler: runScheduler,
  printing: runPrinting,
  random: runRandom,
  serialization: runSerialization,
  semantics: runSemantics,
  vision: runVision
};
async function runRecord(context2, folder, record) {
  const runner = runners[folder];
  if (runner === void 0) {
    return [failure("value", new Error(`no runner for records of ${folder}`))];
  }
  try {
    return await runner(context2, record);
  } catch (error) {
    return [failure(record["error"] === void 0 ? "value" : "raises", error)];
  }
}
function describeRecord(record) {
  if (typeof record["python"] === "string") {
    return record["python"].split("\n").join("; ");
  }
  const tags = ["variant", "dtype", "sample", "kind", "file", "transform", "model", "scheduler", "optimizer", "problem", "util"].map((key) => record[key]).filter((value) => typeof value === "string");
  const call = [
    ...shortList(record["args"]),
    ...Object.entries(record["kwargs"] ?? {}).map(([key, value]) => `${key}=${short(value)}`)
  ];
  const what = record["op"] ?? record["module"] ?? "";
  return `${what}(${call.join(", ")}) ${tags.join(" ")}`.trim();
}
var shortList = (value) => Array.isArray(value) ? value.map(short) : [];
function short(value) {
  if (Array.isArray(value)) {
    return `[${value.map(short).join(", ")}]`;
  }
  if (typeof value === "object" && value !== null) {
    const [tag, content] = Object.entries(value)[0] ?? [];
    if (tag === "$tensor") {
      const { dtype, shape, stride } = content;
      return `${dtype}[${shape.join(", ")}]${stride === void 0 ? "" : ` strides [${stride.join(", ")}]`}`;
    }
    return tag?.startsWith("$") && typeof content !== "object" ? String(content) : JSON.stringify(value).slice(0, 60);
  }
  return JSON.stringify(value);
}

// armrun.ts
var [directory = "", only = ".", shard = "0/1"] = process.argv.slice(2);
var [which, of] = shard.split("/").map(Number);
var context = { library: await loadLibrary("all"), directory, gradcheck: false };
var totals = {};
var n = 0;
for (const file of listRecordFiles(directory, new RegExp(only))) {
  if (n++ % of !== which) continue;
  for (const record of readRecords(file.path)) {
    const checks = await runRecord(context, file.folder, record);
    for (const c of checks) {
      const t = totals[c.kind] ??= [0, 0];
      t[1]++;
      if (c.passed) t[0]++;
      else console.log("FAIL", file.folder, file.name, c.kind, describeRecord(record).slice(0, 150), String(c.detail).slice(0, 200));
    }
  }
  if (n % 40 < of) console.log(n, file.name, JSON.stringify(totals));
}
console.log("TOTAL", process.arch, JSON.stringify(totals));

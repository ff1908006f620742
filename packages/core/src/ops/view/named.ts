import { TensorError } from "../../errors.ts";
import { checkNames, type Names } from "../../tensor/names.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { alias } from "./alias.ts";
import { permute } from "./permute.ts";
import { reshape } from "./reshape.ts";

type NameList = readonly (string | null)[];
const listOf = (args: readonly (string | null | NameList)[]): NameList =>
  args.length === 1 && Array.isArray(args[0]) ? (args[0] as NameList) : (args as NameList);

const namesOf = (self: Tensor): Names => self.dimNames ?? new Array<null>(self.ndim).fill(null);
const tuple = (names: NameList): string =>
  `(${names.map((n) => (n === null ? "None" : `'${n}'`)).join(", ")}${names.length === 1 ? "," : ""})`;
const sized = (names: NameList): string => `Tensor[${names.map((n) => (n === null ? "None" : `'${n}'`)).join(", ")}]`;

/** An alias with other names. */
function named(self: Tensor, names: NameList | null): Tensor {
  const out = alias(self);
  out.dimNames = names === null || names.every((n) => n === null) ? null : checkNames(names, self.ndim);
  return out;
}

/** `"..."` in a list of names stands for the dimensions left over. */
function withEllipsis(self: Tensor, names: NameList): NameList {
  const at = names.indexOf("...");
  if (at < 0) return names;
  const own = namesOf(self);
  return [...names.slice(0, at), ...own.slice(at, self.ndim - (names.length - at - 1)), ...names.slice(at + 1)];
}

/** Names for dimensions that have none yet; a name that is there must be the same. `"..."` leaves the dimensions between. @throws {TensorError} @see torch.Tensor.refine_names */
export function refineNames(self: Tensor, ...names: (string | null | NameList)[]): Tensor {
  const given = withEllipsis(self, listOf(names));
  const own = namesOf(self);
  if (given.length !== self.ndim) {
    throw new TensorError(
      `Cannot refine names ${sized(own).slice(6)} to ${sized(given).slice(6)}: they have different number of dims (${own.length} and ${given.length} respectively).`,
    );
  }
  given.forEach((name, i) => {
    const before = own[i] ?? null;
    if (before === null || before === name) return;
    throw new TensorError(
      name === null
        ? `Cannot refine names ${list(own)} to ${list(given)}: renaming '${before}' to 'None' to refine is not allowed. Maybe you meant to use rename instead.`
        : `Cannot refine names ${list(own)} to ${list(given)}: '${before}' is different from '${name}' at index ${i}`,
    );
  });
  return named(self, given);
}

const list = (names: NameList): string => `[${names.map((n) => (n === null ? "None" : `'${n}'`)).join(", ")}]`;

type Renames = Readonly<Record<string, string>>;

function renamed(self: Tensor, args: readonly (string | null | NameList | Renames)[]): NameList | null {
  const [first] = args;
  if (args.length === 1 && first === null) return null;
  if (args.length === 1 && typeof first === "object" && !Array.isArray(first)) {
    const map = first as Renames;
    const own = namesOf(self);
    for (const from of Object.keys(map)) {
      if (!own.includes(from)) {
        throw new TensorError(
          `rename: Tried to rename dim '${from}' to dim ${map[from]} in Tensor[${tuple(own)}] but dim '${from}' does not exist`,
        );
      }
    }
    return own.map((n) => (n !== null && Object.hasOwn(map, n) ? map[n]! : n));
  }
  const given = withEllipsis(self, listOf(args as (string | null | NameList)[]));
  if (given.length !== self.ndim) {
    throw new TensorError(
      `Number of names (${given.length}) and number of dimensions in tensor (${self.ndim}) do not match. Attempted to create a tensor with names ${list(given)}`,
    );
  }
  return given;
}

/** An alias with the names given in order, or with some renamed (`{ from: "to" }`); `rename(null)` drops all names. @throws {TensorError} @see torch.Tensor.rename */
export function rename(self: Tensor, ...names: (string | null | NameList | Renames)[]): Tensor {
  return named(self, renamed(self, names));
}
/** In-place `rename`. @see torch.Tensor.rename_ */
export function rename_(self: Tensor, ...names: (string | null | NameList | Renames)[]): Tensor {
  const given = renamed(self, names);
  self.dimNames = given === null || given.every((n) => n === null) ? null : checkNames(given, self.ndim);
  return self;
}

/** The dimensions in the order of `names`; new ones get size 1, `"..."` stands for those not mentioned. @throws {TensorError} @see torch.Tensor.align_to */
export function alignTo(self: Tensor, ...names: (string | NameList)[]): Tensor {
  const own = namesOf(self);
  const given = listOf(names);
  own.forEach((name, i) => {
    if (name === null)
      throw new TensorError(`align_to: All input dims must be named. Found unnamed dim at index ${i} of Tensor${list(own)}`);
  });
  const at = given.indexOf("...");
  const target = at < 0 ? given : [...given.slice(0, at), ...own.filter((n) => !given.includes(n)), ...given.slice(at + 1)];
  for (const name of own) {
    if (target.includes(name)) continue;
    throw new TensorError(`align_to: Cannot find dim '${name}' from Tensor${list(given)} in desired alignment ${list(target)}.`);
  }
  checkNames(target, target.length);
  const order = target.filter((n) => own.includes(n)).map((n) => own.indexOf(n));
  const moved = permute(self, order);
  const out =
    target.length === own.length
      ? moved
      : reshape(
          moved.rename(null),
          target.map((n) => (own.includes(n) ? self.shape[own.indexOf(n)]! : 1)),
        );
  out.dimNames = checkNames(target, target.length);
  return out;
}

/** `alignTo` the names of `other`. @throws {TensorError} @see torch.Tensor.align_as */
export const alignAs = (self: Tensor, other: Tensor): Tensor => alignTo(self, [...namesOf(other)] as string[]);

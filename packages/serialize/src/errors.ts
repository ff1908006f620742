/**
 * A file that is damaged, of another format, or that asks for more than data.
 * Thrown before anything of the file reaches the caller; nothing in the file is ever run.
 */
export class UnpicklingError extends Error {
  override name = "UnpicklingError";
}

/** A value that cannot be written, named by its path inside the saved object. */
export class PicklingError extends TypeError {
  override name = "PicklingError";
}

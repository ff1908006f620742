type H5Wasm = typeof import("h5wasm");
/** The compiled library below `h5wasm`'s classes. */
export type H5Module = Awaited<H5Wasm["ready"]>;

/** The library and an open file, shared by everything in it. */
export interface Hdf5Handle {
  readonly library: H5Wasm;
  readonly module: H5Module;
  readonly file: InstanceType<H5Wasm["File"]>;
  readonly writable: boolean;
  open: boolean;
}

/** The handle, if its file is open still. @throws {Error} otherwise */
export function inUse(handle: Hdf5Handle): Hdf5Handle {
  if (!handle.open) throw new Error("hdf5: the file is closed");
  return handle;
}

/** The handle, if its file may be changed. @throws {Error} otherwise */
export function forWriting(handle: Hdf5Handle): Hdf5Handle {
  if (!inUse(handle).writable) throw new Error('hdf5: the file is open for reading only; open it with mode "r+"');
  return handle;
}

let library: Promise<{ library: H5Wasm; module: H5Module }> | undefined;

/** Loads HDF5 (WebAssembly) at the first use; its errors become exceptions rather than lines on stderr. */
export function loadLibrary(): Promise<{ library: H5Wasm; module: H5Module }> {
  library ??= (async () => {
    const loaded = (await import("h5wasm/node")) as H5Wasm;
    const module = await loaded.ready;
    (module as unknown as { activate_throwing_error_handler(): void }).activate_throwing_error_handler(); // not in its declarations
    return { library: loaded, module };
  })();
  return library;
}

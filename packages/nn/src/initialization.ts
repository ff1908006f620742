let skipped = false;

/** Whether `nn.init` leaves memory as it is: inside {@link withoutInitialization}. */
export const isInitializationSkipped = (): boolean => skipped;

/** Runs `make`, in which the functions of `nn.init` write nothing. */
export function withoutInitialization<T>(make: () => T): T {
  const outer = skipped;
  skipped = true;
  try {
    return make();
  } finally {
    skipped = outer;
  }
}

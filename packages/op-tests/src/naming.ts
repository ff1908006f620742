/**
 * PyTorch's name in camelCase: `scatter_add` is `scatterAdd`, `add_` stays `add_`, `_version` stays `_version`,
 * `atleast_2d` is `atleast2d`, and names without underscores (`Conv2d`, `T`, `UPLO`) are unchanged.
 */
export function camelCase(name: string): string {
  return name.replace(/(?<=[A-Za-z0-9])_+([A-Za-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** A dotted name in camelCase, without the leading `torch.`: `torch.nn.functional.max_pool2d` is `["nn", "functional", "maxPool2d"]`. */
export function camelPath(name: string): string[] {
  return name
    .replace(/^torchvision\./, "vision.")
    .split(".")
    .filter((part, index) => !(index === 0 && part === "torch"))
    .map(camelCase);
}

/** Whether a dotted name ends in a class (`torch.nn.Linear`), which is constructed with `new`. */
export function isClassName(name: string): boolean {
  return /^[A-Z]/.test(name.slice(name.lastIndexOf(".") + 1));
}

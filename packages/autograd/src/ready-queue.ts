import type { Node } from "./node.ts";

/** Nodes that can run, the latest operation first: a binary heap. */
export class ReadyQueue {
  private readonly heap: Node[] = [];

  push(node: Node): void {
    const { heap } = this;
    let at = heap.length;
    heap.push(node);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (heap[parent]!.sequence >= node.sequence) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = node;
  }

  pop(): Node | null {
    const { heap } = this;
    const last = heap.pop();
    if (last === undefined) return null;
    const size = heap.length;
    if (size === 0) return last;
    const top = heap[0]!;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      if (child + 1 < size && heap[child + 1]!.sequence > heap[child]!.sequence) child++;
      if (heap[child]!.sequence <= last.sequence) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return top;
  }

  has(node: Node): boolean {
    return this.heap.includes(node);
  }
}

/**
 * Selection and sorting as the C++ standard library does them, step by step: among equal elements PyTorch's `topk`,
 * `median` and `kthvalue` return the one these algorithms happen to leave in place.
 */

/** Whether the element `a` comes before the element `b`. */
export type Before = (a: number, b: number) => boolean;

const INSERTION_LIMIT = 16;

function swap(list: Int32Array, a: number, b: number): void {
  const held = list[a]!;
  list[a] = list[b]!;
  list[b] = held;
}

/** Puts the median of three places at `result`. */
function medianToFirst(list: Int32Array, result: number, a: number, b: number, c: number, before: Before): void {
  const less = (x: number, y: number): boolean => before(list[x]!, list[y]!);
  if (less(a, b)) swap(list, result, less(b, c) ? b : less(a, c) ? c : a);
  else swap(list, result, less(a, c) ? a : less(b, c) ? c : b);
}

/** Splits `[first, last)` around a pivot; returns where the second part begins. */
function partition(list: Int32Array, first: number, last: number, before: Before): number {
  medianToFirst(list, first, first + 1, first + ((last - first) >> 1), last - 1, before);
  const pivot = list[first]!;
  let low = first + 1;
  let high = last;
  for (;;) {
    while (before(list[low]!, pivot)) low++;
    high--;
    while (before(pivot, list[high]!)) high--;
    if (low >= high) return low;
    swap(list, low, high);
    low++;
  }
}

function insertionSort(list: Int32Array, first: number, last: number, before: Before): void {
  for (let i = first + 1; i < last; i++) {
    const value = list[i]!;
    let at = i;
    if (before(value, list[first]!)) {
      list.copyWithin(first + 1, first, i);
      at = first;
    } else {
      for (; before(value, list[at - 1]!); at--) list[at] = list[at - 1]!;
    }
    list[at] = value;
  }
}

const depthLimit = (n: number): number => 2 * Math.floor(Math.log2(Math.max(n, 1)));

/** Where the depth limit strikes any correct order will do. */
function sortAny(list: Int32Array, first: number, last: number, before: Before): void {
  list.subarray(first, last).sort((a, b) => (before(a, b) ? -1 : before(b, a) ? 1 : 0));
}

/** Rearranges `list` so that the element at `nth` is the one a sort would put there, smaller ones before it. */
export function nthElement(list: Int32Array, nth: number, before: Before): void {
  let first = 0;
  let last = list.length;
  if (nth >= last) return;
  for (let depth = depthLimit(last); last - first > 3; depth--) {
    if (depth === 0) return sortAny(list, first, last, before);
    const cut = partition(list, first, last, before);
    if (cut <= nth) first = cut;
    else last = cut;
  }
  insertionSort(list, first, last, before);
}

/** Sorts `[0, end)` of `list`, not stably. */
export function introSort(list: Int32Array, end: number, before: Before): void {
  const loop = (first: number, stop: number, limit: number): void => {
    let last = stop;
    let depth = limit;
    while (last - first > INSERTION_LIMIT) {
      if (depth === 0) return sortAny(list, first, last, before);
      depth--;
      const cut = partition(list, first, last, before);
      loop(cut, last, depth);
      last = cut;
    }
  };
  if (end < 2) return;
  loop(0, end, depthLimit(end));
  insertionSort(list, 0, end, before);
}

/** Hoare's selection with the median of three as pivot: leaves the k-th in order at place `k`. `after` says that an element comes after another. */
export function quickSelect(list: Int32Array, k: number, after: Before): void {
  let left = 0;
  let right = list.length - 1;
  const orderPair = (a: number, b: number): void => {
    if (after(list[a]!, list[b]!)) swap(list, a, b);
  };
  for (;;) {
    if (right <= left) return;
    if (right === left + 1) return orderPair(left, right);
    swap(list, left + ((right - left) >> 1), left + 1);
    orderPair(left + 1, right);
    orderPair(left, right);
    orderPair(left + 1, left);
    const pivot = list[left]!;
    let i = left + 1;
    let j = right;
    for (;;) {
      do i++;
      while (after(pivot, list[i]!));
      do j--;
      while (after(list[j]!, pivot));
      if (j < i) break;
      swap(list, i, j);
    }
    swap(list, left, j);
    if (j <= k) left = i;
    if (j >= k) right = j - 1;
  }
}

/** Moves the hole at `start` of the heap `[0, length)` down to where `value` belongs. */
function sink(heap: Int32Array, start: number, length: number, value: number, before: Before): void {
  let hole = start;
  let child = start;
  while (child < (length - 1) >> 1) {
    child = 2 * (child + 1);
    if (before(heap[child]!, heap[child - 1]!)) child--;
    heap[hole] = heap[child]!;
    hole = child;
  }
  if (length % 2 === 0 && child === (length - 2) >> 1) {
    child = 2 * (child + 1) - 1;
    heap[hole] = heap[child]!;
    hole = child;
  }
  for (let parent = (hole - 1) >> 1; hole > start && before(heap[parent]!, value); parent = (hole - 1) >> 1) {
    heap[hole] = heap[parent]!;
    hole = parent;
  }
  heap[hole] = value;
}

/** Puts the first `count` in order at the front of `list`, by a heap of them. */
export function partialSort(list: Int32Array, count: number, before: Before): void {
  for (let parent = (count - 2) >> 1; parent >= 0; parent--) sink(list, parent, count, list[parent]!, before);
  for (let i = count; i < list.length; i++) {
    if (!before(list[i]!, list[0]!)) continue;
    const value = list[i]!;
    list[i] = list[0]!;
    sink(list, 0, count, value, before);
  }
  for (let last = count - 1; last > 0; last--) {
    const value = list[last]!;
    list[last] = list[0]!;
    sink(list, 0, last, value, before);
  }
}

#pragma once
// The one channel from JavaScript to a kernel: a Float64Array that both sides see. JavaScript writes sizes, scalars and,
// last, addresses; the native function takes no arguments. Each Node environment (main thread, worker threads) has its own.
#include <cstddef>
#include <cstdint>

namespace bluedot {

// Version of this layout and of the addon's exports; ABI in src/descriptor.ts is the same.
constexpr int kAbi = 1;

constexpr int kDescriptorLength = 2048;
constexpr int kMaxDims = 16;

// Slots of the pointwise layout, shared with src/descriptor.ts.
constexpr int kScalars = 8;    // 8 scalar parameters
constexpr int kPointers = 16;  // addresses: outputs first (8 in pointwise kernels)
constexpr int kTypes = 24;     // element types of the operands, in pointwise kernels
constexpr int kShape = 32;     // 16 sizes
constexpr int kStrides = 48;   // 16 strides (in elements) for each operand

// Codes of element types: PyTorch's ScalarType, as core's dtypeInfo has them.
enum DType : int {
  kUInt8 = 0,
  kInt8 = 1,
  kInt16 = 2,
  kInt32 = 3,
  kInt64 = 4,
  kFloat16 = 5,
  kFloat32 = 6,
  kFloat64 = 7,
  kComplex64 = 9,
  kComplex128 = 10,
  kBool = 11,
  kBFloat16 = 15,
  kDTypeCount = 16,
};

extern __thread double* currentDescriptor;

struct Args {
  const double* d;
  Args() : d(currentDescriptor) {}
  int64_t i(int slot) const { return (int64_t)d[slot]; }
  double f(int slot) const { return d[slot]; }
  double scalar(int n) const { return d[kScalars + n]; }
  template <class T>
  T* ptr(int n) const { return (T*)(uintptr_t)d[kPointers + n]; }
};

}  // namespace bluedot

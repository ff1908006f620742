#pragma once
#include "simd.h"

namespace bluedot {
namespace BLUEDOT_ISA {
namespace {

constexpr int64_t kGrain = 16384;

inline bool within(const int64_t* indices, int64_t count, int64_t size) {
  bool fit = true;
  for (int64_t i = 0; i < count; i++) fit &= (uint64_t)indices[i] < (uint64_t)size;
  return fit;
}

}  // namespace
}  // namespace BLUEDOT_ISA
}  // namespace bluedot

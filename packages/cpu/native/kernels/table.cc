#include "simd.h"

namespace bluedot {
namespace BLUEDOT_ISA {

#define FAMILIES(X) X(unaryEntries) X(binaryEntries) X(gemmEntries) X(convEntries) X(copyEntries) X(reduceEntries) X(sumEntries) X(alongEntries) X(poolEntries) X(softmaxEntries) \
  X(normEntries) X(optimizerEntries) X(indexingEntries) X(sortEntries) X(randomEntries)
#define DECLARE(f) Entries f();
FAMILIES(DECLARE)

const KernelSet& kernels() {
  static KernelEntry all[512];
  static const KernelSet set = [] {
    int count = 0;
#define JOIN(f)                                                    \
  {                                                                \
    Entries e = f();                                               \
    for (int i = 0; i < e.count; i++) all[count++] = e.list[i];    \
  }
    FAMILIES(JOIN)
    return KernelSet{BLUEDOT_ISA_NAME, all, count};
  }();
  return set;
}

}  // namespace BLUEDOT_ISA
}  // namespace bluedot

#include "simd.h"

namespace bluedot {
#ifdef BLUEDOT_OVERLAY
namespace avx2 { const KernelSet& kernels(); }
#endif
namespace BLUEDOT_ISA {

#ifdef BLUEDOT_OVERLAY
// Only what gains from 512-bit registers is compiled for them; the rest is that of AVX2.
#define FAMILIES(X) X(gemmEntries) X(convEntries)
#else
#define FAMILIES(X) X(unaryEntries) X(binaryEntries) X(gemmEntries) X(convEntries) X(copyEntries) X(reduceEntries) X(sumEntries) X(alongEntries) X(poolEntries) X(softmaxEntries) X(lossEntries) X(attentionEntries) \
  X(normEntries) X(optimizerEntries) X(indexingEntries) X(rowEntries) X(sortEntries) X(randomEntries) X(recurrentEntries) X(lstmLayerEntries) X(resampleEntries)
#endif
#define DECLARE(f) Entries f();
FAMILIES(DECLARE)

const KernelSet& kernels() {
  static KernelEntry all[512];
  static const KernelSet set = [] {
    int count = 0;
#ifdef BLUEDOT_OVERLAY
    // An entry of the same name later in the list covers an earlier one.
    const KernelSet& base = avx2::kernels();
    for (int i = 0; i < base.count; i++) all[count++] = base.entries[i];
#endif
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

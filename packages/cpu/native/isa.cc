#include "isa.h"

#include <cstdlib>
#include <cstring>

namespace bluedot {

namespace baseline { const KernelSet& kernels(); }
#ifdef BLUEDOT_HAS_AVX2
namespace avx2 { const KernelSet& kernels(); }
#endif
#ifdef BLUEDOT_HAS_AVX512
namespace avx512 { const KernelSet& kernels(); }
#endif

const KernelSet& selectKernels() {
  int level = 0;
#if defined(__x86_64__)
  __builtin_cpu_init();
  // The builtins also check that the operating system saves the wide registers.
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2")) level = 1;
  if (level == 1 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl"))
    level = 2;
#endif
  if (const char* forced = getenv("BLUEDOT_CPU")) {
    int most = strcmp(forced, "baseline") == 0 ? 0 : strcmp(forced, "avx2") == 0 ? 1 : 2;
    if (most < level) level = most;
  }
#ifdef BLUEDOT_HAS_AVX512
  if (level >= 2) return avx512::kernels();
#endif
#ifdef BLUEDOT_HAS_AVX2
  if (level >= 1) return avx2::kernels();
#endif
  return baseline::kernels();
}

}  // namespace bluedot

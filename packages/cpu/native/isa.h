#pragma once
#include <node_api.h>

namespace bluedot {

struct KernelEntry {
  const char* name;
  napi_callback run;
};

struct KernelSet {
  const char* isa;
  const KernelEntry* entries;
  int count;
};

// The set that this processor and the BLUEDOT_CPU variable select.
const KernelSet& selectKernels();

}  // namespace bluedot

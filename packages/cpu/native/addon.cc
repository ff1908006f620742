// Entry point: builds the exports object. See isa.cc for the choice of kernels and descriptor.h for how they are called.
#include <node_api.h>

#include "descriptor.h"
#include "isa.h"
#include "threads.h"

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace bluedot {

__thread double* currentDescriptor = nullptr;

namespace {

bool check(napi_env env, napi_status status) {
  if (status == napi_ok) return true;
  bool pending = false;
  napi_is_exception_pending(env, &pending);
  if (!pending) {
    const napi_extended_error_info* info = nullptr;
    napi_get_last_error_info(env, &info);
    napi_throw_error(env, nullptr, info && info->error_message ? info->error_message : "Node-API call failed");
  }
  return false;
}

// Large buffers are walked end to end: fewer, larger pages spare the processor most of its address translation.
void askForHugePages(void* data, size_t length) {
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  constexpr uintptr_t page = (uintptr_t)2 << 20;
  const uintptr_t begin = ((uintptr_t)data + page - 1) & ~(page - 1), end = ((uintptr_t)data + length) & ~(page - 1);
  if (begin < end) madvise((void*)begin, end - begin, MADV_HUGEPAGE);
#else
  (void)data;
  (void)length;
#endif
}

// addressOf(buffer: ArrayBuffer | Uint8Array): number. Valid while the buffer lives and is not detached. Shared memory comes as an array
// over it, since Node-API knows no other way to its address.
napi_value addressOf(napi_env env, napi_callback_info info) {
  size_t argc = 1;
  napi_value argument, result = nullptr;
  void* data = nullptr;
  size_t length = 0;
  if (!check(env, napi_get_cb_info(env, info, &argc, &argument, nullptr, nullptr))) return nullptr;
  if (napi_get_arraybuffer_info(env, argument, &data, &length) != napi_ok &&
      !check(env, napi_get_typedarray_info(env, argument, nullptr, &length, &data, nullptr, nullptr)))
    return nullptr;
  askForHugePages(data, length);
  check(env, napi_create_double(env, (double)(uintptr_t)data, &result));
  return result;
}

napi_value getNumThreads(napi_env env, napi_callback_info) {
  napi_value result = nullptr;
  check(env, napi_create_int32(env, threadCount(), &result));
  return result;
}

napi_value setNumThreads(napi_env env, napi_callback_info info) {
  size_t argc = 1;
  napi_value argument;
  int32_t count = 0;
  if (!check(env, napi_get_cb_info(env, info, &argc, &argument, nullptr, nullptr))) return nullptr;
  if (!check(env, napi_get_value_int32(env, argument, &count))) return nullptr;
  setThreadCount(count);
  return nullptr;
}

bool define(napi_env env, napi_value target, const char* name, napi_callback run) {
  napi_value function;
  return check(env, napi_create_function(env, name, NAPI_AUTO_LENGTH, run, nullptr, &function)) &&
         check(env, napi_set_named_property(env, target, name, function));
}

}  // namespace
}  // namespace bluedot

NAPI_MODULE_INIT() {
  using namespace bluedot;
  napi_value buffer, descriptor, kernels, isa, abi;
  void* data = nullptr;
  napi_ref keepAlive;
  if (!check(env, napi_create_arraybuffer(env, kDescriptorLength * sizeof(double), &data, &buffer)) ||
      !check(env, napi_create_typedarray(env, napi_float64_array, kDescriptorLength, buffer, 0, &descriptor)) ||
      !check(env, napi_create_reference(env, descriptor, 1, &keepAlive)))
    return nullptr;
  currentDescriptor = (double*)data;

  const KernelSet& set = selectKernels();
  if (!check(env, napi_create_object(env, &kernels))) return nullptr;
  for (int i = 0; i < set.count; i++)
    if (!define(env, kernels, set.entries[i].name, set.entries[i].run)) return nullptr;
  if (!check(env, napi_create_string_utf8(env, set.isa, NAPI_AUTO_LENGTH, &isa)) ||
      !check(env, napi_create_int32(env, kAbi, &abi)) || !check(env, napi_set_named_property(env, exports, "abi", abi)) ||
      !check(env, napi_set_named_property(env, exports, "descriptor", descriptor)) ||
      !check(env, napi_set_named_property(env, exports, "kernels", kernels)) ||
      !check(env, napi_set_named_property(env, exports, "isa", isa)) || !define(env, exports, "addressOf", addressOf) ||
      !define(env, exports, "getNumThreads", getNumThreads) || !define(env, exports, "setNumThreads", setNumThreads))
    return nullptr;
  return exports;
}

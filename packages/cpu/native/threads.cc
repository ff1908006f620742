#include "threads.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <thread>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace bluedot {
namespace {

constexpr int kMaxThreads = 256;
constexpr int kSpin = 2000;  // about 40 microseconds
// A helper waits this much longer for the next loop before it sleeps: training steps leave gaps of a tenth of a millisecond between loops,
// and to wake a thread takes as long as a small loop.
constexpr int kPatience = 6;

inline void pauseBriefly() {
#if defined(__x86_64__)
  _mm_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

struct Pool {
  std::atomic<bool> serving{false};  // a loop is running
  std::mutex mutex;
  std::condition_variable wake;
  std::atomic<uint64_t> gate{0};  // generation << 16 | open << 15 | threads inside
  std::atomic<int64_t> next{0};
  int64_t total = 0, chunk = 1;
  void* context = nullptr;
  RangeFunction body = nullptr;
  std::atomic<int> helpers{0};  // how many may enter
  std::atomic<int> sleeping{0};
  int started = 0;
};

constexpr uint64_t kOpen = 1u << 15;
constexpr uint64_t kInside = kOpen - 1;

// Leaked on purpose: threads may outlive static destructors, and a forked child abandons its parent's pool.
std::atomic<Pool*> pool{nullptr};
std::atomic<int> wanted{0};

int defaultThreadCount() {
  if (const char* text = getenv("BLUEDOT_NUM_THREADS")) {
    int n = atoi(text);
    if (n > 0) return n < kMaxThreads ? n : kMaxThreads;
  }
  int n = (int)std::thread::hardware_concurrency();
  return n < 1 ? 1 : n < kMaxThreads ? n : kMaxThreads;
}

void drain(Pool& p) {
  for (;;) {
    int64_t begin = p.next.fetch_add(p.chunk, std::memory_order_relaxed);
    if (begin >= p.total) return;
    int64_t end = begin + p.chunk;
    p.body(p.context, begin, end < p.total ? end : p.total);
  }
}

// Enters the current loop when it is open and there is room; false when there is nothing to do.
bool help(Pool& p, uint64_t& seen) {
  uint64_t gate = p.gate.load(std::memory_order_acquire);
  for (;;) {
    if (!(gate & kOpen) || (gate >> 16) == seen) return false;
    if ((int)(gate & kInside) >= p.helpers.load(std::memory_order_relaxed)) return false;
    if (p.gate.compare_exchange_weak(gate, gate + 1, std::memory_order_acq_rel)) break;
  }
  seen = gate >> 16;
  drain(p);
  p.gate.fetch_sub(1, std::memory_order_release);
  return true;
}

void* work(void* argument) {
  Pool& p = *(Pool*)argument;
  uint64_t seen = 0;
  for (;;) {
    bool found = false;
    for (int i = 0; i < kPatience * kSpin && !found; i++) {
      found = help(p, seen);
      if (!found) pauseBriefly();
    }
    if (found) continue;
    std::unique_lock<std::mutex> lock(p.mutex);
    p.sleeping.fetch_add(1);
    p.wake.wait(lock, [&] {
      uint64_t gate = p.gate.load();
      return (gate & kOpen) && (gate >> 16) != seen;
    });
    p.sleeping.fetch_sub(1);
    lock.unlock();
    // No room for this thread: mark the loop as seen, so that it does not spin on it.
    if (!help(p, seen)) seen = p.gate.load() >> 16;
  }
  return nullptr;
}

void forgetParent() { pool.store(nullptr); }

Pool& current() {
  Pool* p = pool.load(std::memory_order_acquire);
  if (p) return *p;
  static std::once_flag once;
  std::call_once(once, [] { pthread_atfork(nullptr, nullptr, forgetParent); });
  Pool* fresh = new Pool;
  if (pool.compare_exchange_strong(p, fresh)) return *fresh;
  delete fresh;
  return *p;
}

// Called by the thread that has set `serving`.
void startHelpers(Pool& p, int count) {
  if (p.started >= count) return;
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  while (p.started < count) {
    pthread_t thread;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    int failed = pthread_create(&thread, &attributes, work, &p);
    pthread_attr_destroy(&attributes);
    if (failed) break;
    p.started++;
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void runInline(int64_t total, int64_t chunk, void* context, RangeFunction body) {
  for (int64_t begin = 0; begin < total; begin += chunk) body(context, begin, begin + chunk < total ? begin + chunk : total);
}

}  // namespace

int threadCount() {
  int n = wanted.load(std::memory_order_relaxed);
  if (n == 0) {
    n = defaultThreadCount();
    wanted.store(n, std::memory_order_relaxed);
  }
  return n;
}

void setThreadCount(int count) { wanted.store(count < 1 ? 1 : count > kMaxThreads ? kMaxThreads : count); }

void parallelRanges(int64_t total, int64_t chunk, void* context, RangeFunction body) {
  if (chunk < 1) chunk = 1;
  int threads = threadCount();
  if (threads == 1 || total <= chunk) return runInline(total, chunk, context, body);
  Pool& p = current();
  // Another environment's loop (or, from inside a body, our own) has the pool.
  if (p.serving.exchange(true, std::memory_order_acquire)) return runInline(total, chunk, context, body);
  startHelpers(p, threads - 1);
  p.total = total;
  p.chunk = chunk;
  p.context = context;
  p.body = body;
  p.next.store(0, std::memory_order_relaxed);
  p.helpers.store(threads - 1, std::memory_order_relaxed);
  uint64_t generation = (p.gate.load(std::memory_order_relaxed) >> 16) + 1;
  p.gate.store(generation << 16 | kOpen, std::memory_order_seq_cst);
  if (p.sleeping.load(std::memory_order_seq_cst) > 0) {
    { std::lock_guard<std::mutex> lock(p.mutex); }
    p.wake.notify_all();
  }
  drain(p);
  p.gate.fetch_and(~kOpen, std::memory_order_acq_rel);
  for (int i = 0; p.gate.load(std::memory_order_acquire) & kInside; i++) {
    if (i < kSpin) pauseBriefly();
    else sched_yield();
  }
  p.serving.store(false, std::memory_order_release);
}

}  // namespace bluedot

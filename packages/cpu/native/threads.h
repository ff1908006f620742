#pragma once
// A pool of threads that serves one loop at a time. Chunks are handed out dynamically, so a thread that the operating system
// has put aside holds up at most one chunk; idle threads spin briefly and then block.
#include <cstdint>

namespace bluedot {

using RangeFunction = void (*)(void* context, int64_t begin, int64_t end);

int threadCount();
void setThreadCount(int count);

// Calls body over [0, total) in pieces of `chunk`. Pieces never depend on the number of threads, so a loop whose pieces are
// independent gives the same result with any. Runs inline when there is one piece, one thread, or the pool is in use.
void parallelRanges(int64_t total, int64_t chunk, void* context, RangeFunction body);

}  // namespace bluedot

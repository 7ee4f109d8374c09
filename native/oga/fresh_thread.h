// Work in a thread of its own, waited for. Plain C++, no Node-API.
//
// glibc gives every thread that allocates a heap, and what is free at the top of a heap stays resident. Loads that hop
// over the threads of a pool leave that in each of their heaps; a new thread is given the heap of one that has ended.
// Elsewhere there is no such reason, and new threads may have a smaller stack than the caller.
#pragma once

#include <functional>
#include <future>
#include <system_error>
#include <thread>

namespace oga {

// What `work` returns or throws.
template <typename Work>
auto OnFreshThread(Work work) {
#ifdef __GLIBC__
  std::packaged_task<decltype(work())()> task(work);
  auto result = task.get_future();
  try {
    std::thread(std::ref(task)).join();
  } catch (const std::system_error&) {
    return work();  // no thread can be had
  }
  return result.get();
#else
  return work();
#endif
}

}  // namespace oga

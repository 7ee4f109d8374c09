// Work in a thread of its own, waited for. Plain C++, no Node-API.
//
// glibc gives every thread that allocates a heap, and what is free at the top of a heap stays resident. Loads that hop
// over the threads of a pool leave that in each of their heaps; a new thread is given the heap of one that has ended.
#pragma once

#include <future>
#include <utility>

namespace oga {

// What `work` returns or throws.
template <typename Work>
auto OnFreshThread(Work work) {
  return std::async(std::launch::async, std::move(work)).get();
}

}  // namespace oga

// A queue from many threads to one, without a lock: no thread ever waits for another one that does not run. (With a
// mutex the reader waited for writers that the system had preempted, and an event loop beside 4 generations on 2 cores
// was 6 to 12 ms late where busy cores alone make it 4.)
#pragma once

#include <atomic>
#include <memory>
#include <utility>
#include <vector>

namespace addon {

template <typename T>
class Inbox {
 public:
  Inbox() = default;
  ~Inbox() { TakeAll(); }
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;

  // Any thread. True when it was empty: then the reader must be told. (Who finds it empty has seen all that the reader
  // did before emptying it, the clearing of its wake-up flag, too: acq_rel on both sides.)
  bool Push(T item) {
    Node* below = head_.load(std::memory_order_relaxed);
    Node* const node =
        std::make_unique<Node>(Node{std::move(item), below}).release();  // owned by the list from here on
    while (!head_.compare_exchange_weak(below, node, std::memory_order_acq_rel, std::memory_order_relaxed)) {
      node->below = below;
    }
    return below == nullptr;  // the node itself may be taken and gone by now
  }

  // Everything, in order of arrival.
  std::vector<T> TakeAll() {
    size_t count = 0;
    std::unique_ptr<Node> oldest;
    for (Node* node = head_.exchange(nullptr, std::memory_order_acq_rel); node != nullptr; ++count) {
      Node* const below = node->below;
      node->below = oldest.release();
      oldest.reset(node);
      node = below;
    }
    std::vector<T> items;
    items.reserve(count);
    while (oldest) {
      items.push_back(std::move(oldest->item));
      oldest.reset(oldest->below);
    }
    return items;
  }

 private:
  struct Node {
    T item;
    Node* below;  // pushed before this one
  };

  std::atomic<Node*> head_{nullptr};
};

}  // namespace addon

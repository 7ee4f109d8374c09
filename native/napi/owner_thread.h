// One thread with a queue: all calls of one native object that may block run here, in order. No Node-API in this file.
//
// Owner: the JS object that it works for. The destructor never blocks: it interrupts the running task, and the thread
// ends by itself after what is queued; tasks hold what they use. When the process exits in the middle of a task, an
// exit hook interrupts all and waits, so that no task runs into the libraries' own teardown.
#pragma once

#include <functional>
#include <memory>

namespace addon {

class OwnerThread {
 public:
  // `interrupt`: asks the running task to end soon; called from any thread, must not block or hold the task's data.
  explicit OwnerThread(std::function<void()> interrupt);
  ~OwnerThread();
  OwnerThread(const OwnerThread&) = delete;
  OwnerThread& operator=(const OwnerThread&) = delete;

  // Starts the thread on first use. Not after Close(). Throws std::system_error when no thread can be started; then the
  // task is dropped.
  void Post(std::function<void()> task);

  // Lets the thread end after what is queued.
  void Close();

  struct State;

 private:
  std::shared_ptr<State> state_;
};

// The process's thread for freeing what is slow to free (weights, KV caches), so that no finalizer does it on a JS
// thread. Lives until the process ends.
OwnerThread& ReaperThread();

// Drops a reference there. For destructors.
void Reap(std::shared_ptr<void> object) noexcept;

}  // namespace addon

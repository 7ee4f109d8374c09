#include "owner_thread.h"

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace addon {

struct OwnerThread::State {
  std::mutex mutex;
  std::condition_variable wake;
  std::deque<std::function<void()>> tasks;
  std::function<void()> interrupt;
  bool started = false;
  bool closing = false;
};

namespace {

using StatePtr = std::shared_ptr<OwnerThread::State>;

// Knows every thread of the process that may be in a task. Leaked on purpose: threads use it to the very end.
class ExitGate {
 public:
  static ExitGate& Get() {
    static auto* gate = new ExitGate();  // NOLINT(cppcoreguidelines-owning-memory)
    return *gate;
  }

  // Registered when the first thread starts, thus after the libraries were opened: exit handlers run in reverse
  // order, so this one comes before their static destructors.
  void Add(const StatePtr& state) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!registered_) registered_ = std::atexit([] { Get().Close(); }) == 0;
    states_.push_back(state);
    for (size_t i = states_.size(); i-- > 0;) {
      if (states_[i].expired()) states_.erase(states_.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }

  // False once the process is exiting: the task must not start.
  bool Enter() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (closed_) return false;
    ++busy_;
    return true;
  }

  void Leave() {
    const std::lock_guard<std::mutex> lock(mutex_);
    --busy_;
    idle_.notify_all();
  }

 private:
  void Close() {
    std::vector<StatePtr> states;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      closed_ = true;
      for (const auto& weak : states_) {
        if (StatePtr state = weak.lock()) states.push_back(std::move(state));
      }
    }
    for (const StatePtr& state : states) state->interrupt();
    // A bound, not a hope: a step that ignores the interrupt must not keep the process from exiting.
    std::unique_lock<std::mutex> lock(mutex_);
    idle_.wait_for(lock, std::chrono::seconds(5), [this] { return busy_ == 0; });
  }

  std::mutex mutex_;
  std::condition_variable idle_;
  std::vector<std::weak_ptr<OwnerThread::State>> states_;
  int busy_ = 0;
  bool closed_ = false;
  bool registered_ = false;
};

void Serve(StatePtr state) {
  while (true) {
    std::function<void()> task;
    {
      std::unique_lock<std::mutex> lock(state->mutex);
      state->wake.wait(lock, [&] { return !state->tasks.empty() || state->closing; });
      if (state->tasks.empty()) return;
      task = std::move(state->tasks.front());
      state->tasks.pop_front();
    }
    if (!ExitGate::Get().Enter()) {
      // Leaked on purpose: what the task holds must not be destroyed while the libraries tear themselves down.
      new std::function<void()>(std::move(task));  // NOLINT(cppcoreguidelines-owning-memory)
      return;
    }
    task();
    task = nullptr;  // frees what the task held while the exit gate still waits for this thread
    ExitGate::Get().Leave();
  }
}

}  // namespace

OwnerThread::OwnerThread(std::function<void()> interrupt) : state_(std::make_shared<State>()) {
  state_->interrupt = std::move(interrupt);
}

OwnerThread::~OwnerThread() {
  state_->interrupt();
  Close();
}

void OwnerThread::Close() {
  const std::lock_guard<std::mutex> lock(state_->mutex);
  state_->closing = true;
  state_->wake.notify_all();
}

void OwnerThread::Post(std::function<void()> task) {
  const std::lock_guard<std::mutex> lock(state_->mutex);
  if (!state_->started) {
    ExitGate::Get().Add(state_);
    std::thread(Serve, state_).detach();  // throws where the system allows no more threads; then nothing is queued
    state_->started = true;
  }
  state_->tasks.push_back(std::move(task));
  state_->wake.notify_one();
}

void Reap(std::shared_ptr<void> object) noexcept {
  try {
    ReaperThread().Post([object = std::move(object)]() mutable { object.reset(); });
  } catch (...) {
    object = nullptr;  // no thread to be had: freed here
  }
}

OwnerThread& ReaperThread() {
  static auto* reaper = new OwnerThread([] {});  // NOLINT(cppcoreguidelines-owning-memory): lives to the very end
  return *reaper;
}

}  // namespace addon

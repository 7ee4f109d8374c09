// The thread of one engine: commands from JS in order, and between them, while turns run, step after step. No Node-API
// in this file.
//
// Owner: the JS objects Engine and EngineRequest, together. Tasks hold only what lives on the thread, so whichever of
// those objects is the last to go ends the thread; the engine is freed there.
#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "../napi/owner_thread.h"
#include "../oga/engine_pump.h"

namespace addon {

class EngineThread : public std::enable_shared_from_this<EngineThread> {
 public:
  // `interrupt`: of a running step, see OwnerThread. A step of the library's engine cannot be interrupted.
  explicit EngineThread(std::function<void()> interrupt = [] {})
      : thread_(std::move(interrupt)), state_(std::make_shared<State>()) {}
  ~EngineThread();
  EngineThread(const EngineThread&) = delete;
  EngineThread& operator=(const EngineThread&) = delete;

  // JS thread. For RunOn: what runs there gets the engine by Command.
  OwnerThread& thread() { return thread_; }

  // JS thread: a task that calls `work(EnginePump&)` and then goes on stepping.
  template <typename Work>
  auto Command(Work work) {
    return [state = state_, weak = weak_from_this(), work = std::move(work)]() mutable {
      const KeepStepping after{state, weak};
      return work(*state->pump);
    };
  }

  // JS thread: a task that makes the engine; the first of all.
  template <typename Make>
  auto Creation(Make make) {
    return [state = state_, make = std::move(make)] {
      state->pump = make();
      state->published = state->pump.get();
      return true;
    };
  }

  // JS thread: a task that frees it; the last of all.
  std::function<bool()> Shutdown();

  // JS thread. Once closed, nothing may be posted.
  bool is_closed() const { return closed_; }
  void Close();

  // Any thread.
  bool is_dead() const;
  bool is_blocked() const;

 private:
  struct State {
    std::unique_ptr<oga::EnginePump> pump;  // set once, by the first task
    bool step_is_queued = false;
    std::atomic<const oga::EnginePump*> published{nullptr};  // the pump, for other threads
  };

  // Queues a step at its end when there is one to do.
  struct KeepStepping {
    std::shared_ptr<State> state;
    std::weak_ptr<EngineThread> thread;
    ~KeepStepping() { QueueStep(state, thread); }
  };

  static void QueueStep(const std::shared_ptr<State>& state, const std::weak_ptr<EngineThread>& weak) noexcept;

  OwnerThread thread_;
  const std::shared_ptr<State> state_;
  bool closed_ = false;
};

}  // namespace addon

#include "engine_thread.h"

#include <utility>

namespace addon {

bool EngineThread::is_dead() const {
  const oga::EnginePump* const pump = state_->published;
  return pump != nullptr && pump->is_dead();
}

bool EngineThread::is_blocked() const {
  const oga::EnginePump* const pump = state_->published;
  return pump != nullptr && pump->is_blocked();
}

// A command that is posted meanwhile comes before the next step.
void EngineThread::QueueStep(const std::shared_ptr<State>& state, const std::weak_ptr<EngineThread>& weak) noexcept {
  if (state->step_is_queued || !state->pump->HasWork()) return;
  const std::shared_ptr<EngineThread> self = weak.lock();
  if (!self) return;  // the shutdown is in the queue
  try {
    self->thread_.Post([state, weak] {
      state->step_is_queued = false;
      state->pump->Step();
      QueueStep(state, weak);
    });
    state->step_is_queued = true;
  } catch (...) {  // NOLINT(bugprone-empty-catch): no memory; the next command tries again
  }
}

std::function<bool()> EngineThread::Shutdown() {
  return [state = state_] {
    if (state->pump) state->pump->Shutdown();
    return true;
  };
}

void EngineThread::Close() {
  closed_ = true;
  thread_.Close();
}

EngineThread::~EngineThread() {
  if (closed_) return;
  try {
    thread_.Post([shutdown = Shutdown()] { shutdown(); });
  } catch (...) {  // NOLINT(bugprone-empty-catch): no memory; the engine lives on
  }
}

}  // namespace addon

// Our own scheduler (native/batching) as an engine: each session has one turn, which is one request. Plain C++, no
// Node-API.
#pragma once

#include <memory>
#include <mutex>
#include <unordered_map>

#include "../batching/scheduler.h"
#include "engine_backend.h"

namespace oga {

class BatchSession;

// Ends a run in progress, and every later one, from any thread.
class RunInterrupt {
 public:
  void Interrupt() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (decoder_ != nullptr) decoder_->Terminate();
  }
  void Attach(batching::Decoder* decoder) {  // null: it goes
    const std::lock_guard<std::mutex> lock(mutex_);
    decoder_ = decoder;
  }

 private:
  std::mutex mutex_;
  batching::Decoder* decoder_ = nullptr;
};

class BatchEngine : public EngineBackend {
 public:
  // Loads the model. Throws kModelInvalid with the reason when it does not fit, kOutOfMemory.
  BatchEngine(const RuntimePtr& runtime, const batching::DecoderSpec& spec, const batching::DecoderLimits& limits,
              std::vector<int32_t> end_tokens, std::shared_ptr<RunInterrupt> interrupt);
  ~BatchEngine() override;

  std::shared_ptr<EngineSession> Open(uint64_t max_session_tokens) override;
  uint64_t Begin(EngineSession& session, const TurnSettings& settings) override;  // once per session
  void Cancel(EngineSession& session) override;
  void RewindToStartOfTurn(EngineSession& session, uint64_t turn_id) override;               // throws
  void SetDraftTokens(EngineSession& session, const std::vector<int32_t>& tokens) override;  // throws
  void Close(EngineSession& session) override;
  bool HasPendingRequests() override { return scheduler_->HasWork(); }
  void Run(std::vector<EngineEvent>* events) override;
  EngineCapabilities Capabilities() override;
  SpeculativeStats GetSpeculativeStats() override;  // throws
  size_t MaxDraftTokens() override { return 0; }
  bool is_static() const override { return false; }
  bool finds_stop_strings() const override { return false; }

  batching::SchedulerStats stats() const { return scheduler_->stats(); }

 private:
  EngineEvent ToEvent(const batching::SchedulerEvent& event);

  RuntimePtr runtime_;
  std::shared_ptr<RunInterrupt> interrupt_;
  std::unique_ptr<batching::Scheduler> scheduler_;
  std::unordered_map<uint64_t, BatchSession*> sessions_;  // of requests that run, by their id
  std::vector<batching::SchedulerEvent> events_;
};

}  // namespace oga

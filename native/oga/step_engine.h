// OgaEngine of 0.15 and before: requests that are added, stepped and removed. Plain C++, no Node-API.
//
// Told in the terms of 0.16 as far as its functions go: a session has one turn, which is one request of the library.
//
// Seen on 0.14.1 and 0.15.2: what is removed before its end is computed on to its end, keeps the place in its batch,
// and is never freed. So the library's engine is made anew once no batch runs that somebody waits for.
#pragma once

#include "engine_backend.h"

namespace oga {

class StepSession;

class StepEngine : public EngineBackend {
 public:
  // Throws kModelInvalid.
  StepEngine(const RuntimePtr& runtime, const Handle<OgaModel>& model);

  std::shared_ptr<EngineSession> Open(uint64_t max_session_tokens) override;
  uint64_t Begin(EngineSession& session, const TurnSettings& settings) override;  // once per session
  void Cancel(EngineSession& session) override;
  void RewindToStartOfTurn(EngineSession& session, uint64_t turn_id) override;               // throws
  void SetDraftTokens(EngineSession& session, const std::vector<int32_t>& tokens) override;  // throws
  void Close(EngineSession& session) override;
  bool HasPendingRequests() override;
  void Run(std::vector<EngineEvent>* events) override;
  EngineCapabilities Capabilities() override;       // throws
  SpeculativeStats GetSpeculativeStats() override;  // throws
  size_t MaxDraftTokens() override { return 0; }
  bool is_static() const override { return true; }
  bool finds_stop_strings() const override { return false; }

 private:
  const Api& api() const { return runtime_->api(); }
  Handle<OgaEngine> MakeEngine() const;
  void Submit(StepSession& session);
  void Remove(StepSession& session);
  void DropRemoved();
  void ReadTokens(StepSession& session, std::vector<EngineEvent>* events);
  EngineEvent End(StepSession& session, TurnFinish finish);
  bool IsDone(const StepSession& session) const;

  RuntimePtr runtime_;
  Handle<OgaModel> model_;  // the library's engine keeps the model as well; ours must be the last to go
  Handle<OgaEngine> engine_;
  bool holds_removed_ = false;
  std::vector<StepSession*> running_;   // in a batch, or waiting for one
  std::vector<EngineEvent> cancelled_;  // to be told in the next run
};

}  // namespace oga

// OgaEngine of 0.16 and later: requests with turns, and a buffer of events. Plain C++, no Node-API.
//
// The engine, its event buffer and the options of a turn never leave the thread that made them. A request's handle is
// closed there, and may be destroyed anywhere, also after the engine.
#pragma once

#include <unordered_map>

#include "engine_backend.h"

namespace oga {

class TurnEngine : public EngineBackend {
 public:
  // Throws kModelInvalid (a model that the kind of batching in its config cannot run), kUnsupportedByLibrary.
  TurnEngine(const RuntimePtr& runtime, const Handle<OgaModel>& model, bool dynamic);

  std::shared_ptr<EngineSession> Open(uint64_t max_session_tokens) override;
  uint64_t Begin(EngineSession& session, const TurnSettings& settings) override;
  void Cancel(EngineSession& session) override;
  void RewindToStartOfTurn(EngineSession& session, uint64_t turn_id) override;
  void SetDraftTokens(EngineSession& session, const std::vector<int32_t>& tokens) override;
  void Close(EngineSession& session) override;
  bool HasPendingRequests() override;
  void Run(std::vector<EngineEvent>* events) override;
  EngineCapabilities Capabilities() override;
  SpeculativeStats GetSpeculativeStats() override;
  size_t MaxDraftTokens() override;
  bool is_static() const override { return !dynamic_; }
  bool finds_stop_strings() const override { return dynamic_; }

 private:
  const Api& api() const { return runtime_->api(); }
  EngineEvent Read(const OgaEngineEvent* event) const;

  RuntimePtr runtime_;
  Handle<OgaModel> model_;  // the library's engine keeps the model as well; ours must be the last to go
  Handle<OgaEngine> engine_;
  Handle<OgaEngineEventBuffer> buffer_;
  bool dynamic_;
  std::unordered_map<const OgaRequest*, const EngineSession*> sessions_;  // those that are not closed
};

}  // namespace oga

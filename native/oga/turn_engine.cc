#include "turn_engine.h"

#include "turn_options.h"

namespace oga {

namespace {

// Events that do not fit come first in the next runs, before any step.
constexpr size_t kBufferedEvents = 64;

class TurnSession : public EngineSession {
 public:
  explicit TurnSession(Handle<OgaRequest> handle) : request(std::move(handle)) {}
  Handle<OgaRequest> request;
  uint64_t turn_id = 0;  // the last one that began
};

TurnSession& TurnSessionOf(EngineSession& session) { return static_cast<TurnSession&>(session); }

}  // namespace

TurnEngine::TurnEngine(const RuntimePtr& runtime, const Handle<OgaModel>& model, bool dynamic)
    : runtime_(runtime),
      model_(model),
      engine_(Make<OgaEngine>(
          runtime, &Api::OgaDestroyEngine,
          [&](OgaEngine** out) { return OGA_OPTIONAL(runtime->api(), OgaCreateEngine)(model.get(), out); },
          Code::kModelInvalid)),
      buffer_(Make<OgaEngineEventBuffer>(runtime, &Api::OgaDestroyEngineEventBuffer,
                                         [&](OgaEngineEventBuffer** out) {
                                           return OGA_OPTIONAL(runtime->api(), OgaCreateEngineEventBuffer)(
                                               engine_.get(), kBufferedEvents, out);
                                         })),
      dynamic_(dynamic) {}

std::shared_ptr<EngineSession> TurnEngine::Open(uint64_t max_session_tokens) {
  Handle<OgaRequestOptions> options;
  if (max_session_tokens > 0) {
    options = Make<OgaRequestOptions>(runtime_, &Api::OgaDestroyRequestOptions, [&](OgaRequestOptions** out) {
      return OGA_OPTIONAL(api(), OgaCreateRequestOptions)(out);
    });
    Check(api(), OGA_OPTIONAL(api(), OgaRequestOptionsSetMaxSessionTokens)(options.get(), max_session_tokens),
          Code::kInvalidArgument);
  }
  auto request = Make<OgaRequest>(
      runtime_, &Api::OgaDestroyRequest,
      [&](OgaRequest** out) { return OGA_OPTIONAL(api(), OgaEngineCreateRequest)(engine_.get(), options.get(), out); },
      Code::kInvalidArgument);
  auto session = std::make_shared<TurnSession>(std::move(request));
  sessions_.emplace(session->request.get(), session.get());
  return session;
}

uint64_t TurnEngine::Begin(EngineSession& session, const TurnSettings& settings) {
  OgaRequest* const request = TurnSessionOf(session).request.get();
  const auto options = MakeTurnOptions(runtime_, request, settings);
  uint64_t turn_id = 0;
  Check(api(),
        OGA_OPTIONAL(api(), OgaRequestBeginTurn)(request, options.get(), settings.tokens.data(), settings.tokens.size(),
                                                 &turn_id),
        Code::kInvalidArgument);
  TurnSessionOf(session).turn_id = turn_id;
  return turn_id;
}

void TurnEngine::Cancel(EngineSession& session) {
  bool cancelled = false;
  Check(api(), OGA_OPTIONAL(api(), OgaRequestCancelTurn)(TurnSessionOf(session).request.get(),
                                                         TurnSessionOf(session).turn_id, &cancelled));
}

void TurnEngine::RewindToStartOfTurn(EngineSession& session, uint64_t turn_id) {
  Check(api(), OGA_OPTIONAL(api(), OgaRequestRewindToStartOfTurn)(TurnSessionOf(session).request.get(), turn_id),
        Code::kInvalidArgument);
}

void TurnEngine::SetDraftTokens(EngineSession& session, const std::vector<int32_t>& tokens) {
  const auto sequences = Make<OgaSequences>(runtime_, &Api::OgaDestroySequences,
                                            [&](OgaSequences** out) { return api().OgaCreateSequences(out); });
  Check(api(), api().OgaAppendTokenSequence(tokens.data(), tokens.size(), sequences.get()));
  Check(api(), OGA_OPTIONAL(api(), OgaRequestSetDraftTokens)(TurnSessionOf(session).request.get(), sequences.get()),
        Code::kInvalidArgument);
}

void TurnEngine::Close(EngineSession& session) {
  const OgaRequest* const request = TurnSessionOf(session).request.get();
  if (sessions_.erase(request) == 0) return;
  Check(api(), OGA_OPTIONAL(api(), OgaRequestClose)(TurnSessionOf(session).request.get()));
}

bool TurnEngine::HasPendingRequests() {
  bool pending = false;
  Check(api(), OGA_OPTIONAL(api(), OgaEngineHasPendingRequests)(engine_.get(), &pending));
  return pending;
}

void TurnEngine::Run(std::vector<EngineEvent>* events) {
  Check(api(), OGA_OPTIONAL(api(), OgaEngineRun)(engine_.get(), buffer_.get()));
  const size_t count = OGA_OPTIONAL(api(), OgaEngineEventBufferGetCount)(buffer_.get());
  for (size_t i = 0; i < count; ++i) {
    events->push_back(Read(OGA_OPTIONAL(api(), OgaEngineEventBufferGet)(buffer_.get(), i)));
  }
}

EngineEvent TurnEngine::Read(const OgaEngineEvent* event) const {
  EngineEvent read;
  const OgaRequest* request = nullptr;
  Check(api(), OGA_OPTIONAL(api(), OgaEngineEventGetFlags)(event, &read.flags));
  Check(api(), OGA_OPTIONAL(api(), OgaEngineEventGetRequest)(event, &request));
  const auto session = sessions_.find(request);
  if (session != sessions_.end()) read.session = session->second;
  if ((read.flags & kTokenEvent) != 0) {
    Check(api(), OGA_OPTIONAL(api(), OgaEngineEventGetToken)(event, &read.token));
  }
  uint32_t error = 0;
  Check(api(), OGA_OPTIONAL(api(), OgaEngineEventGetErrorCode)(event, &error));
  read.error = static_cast<EngineErrorCode>(error);
  if ((read.flags & kTurnFinishedEvent) == 0) return read;
  uint32_t finish = 0;
  const OgaTurnUsage* usage = nullptr;
  Check(api(), OGA_OPTIONAL(api(), OgaEngineEventGetFinishReason)(event, &finish));
  Check(api(), OGA_OPTIONAL(api(), OgaEngineEventGetMatchedStopStringIndex)(event, &read.matched_stop));
  Check(api(), OGA_OPTIONAL(api(), OgaEngineEventGetUsage)(event, &usage));
  Check(api(), OGA_OPTIONAL(api(), OgaTurnUsageGetPromptTokens)(usage, &read.usage.prompt_tokens));
  Check(api(), OGA_OPTIONAL(api(), OgaTurnUsageGetGeneratedTokens)(usage, &read.usage.generated_tokens));
  Check(api(), OGA_OPTIONAL(api(), OgaTurnUsageGetCachedPromptTokens)(usage, &read.usage.cached_prompt_tokens));
  read.finish = static_cast<TurnFinish>(finish);
  return read;
}

EngineCapabilities TurnEngine::Capabilities() {
  const auto capabilities = Make<OgaEngineCapabilities>(
      runtime_, &Api::OgaDestroyEngineCapabilities,
      [&](OgaEngineCapabilities** out) { return OGA_OPTIONAL(api(), OgaEngineGetCapabilities)(engine_.get(), out); });
  return {OGA_OPTIONAL(api(), OgaEngineCapabilitiesGetConfiguredMaxBatchSize)(capabilities.get()),
          OGA_OPTIONAL(api(), OgaEngineCapabilitiesGetMaxScheduledTokens)(capabilities.get()),
          OGA_OPTIONAL(api(), OgaEngineCapabilitiesGetMaxRequestLength)(capabilities.get())};
}

SpeculativeStats TurnEngine::GetSpeculativeStats() {
  OgaSpeculativeStats* stats = nullptr;
  Check(api(), OGA_OPTIONAL(api(), OgaEngineGetSpeculativeStats)(engine_.get(), &stats));
  return ReadSpeculativeStats(runtime_, stats);
}

size_t TurnEngine::MaxDraftTokens() {
  size_t count = 0;
  Check(api(), OGA_OPTIONAL(api(), OgaEngineMaxDraftTokensPerProposal)(engine_.get(), &count));
  return count;
}

}  // namespace oga

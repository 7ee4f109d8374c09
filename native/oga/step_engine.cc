#include "step_engine.h"

#include <algorithm>

namespace oga {

class StepSession : public EngineSession {
 public:
  uint64_t max_session_tokens = 0;
  std::vector<int32_t> tokens;
  Handle<OgaGeneratorParams> params;
  Handle<OgaRequest> request;  // null before the turn
  uint64_t max_generated_tokens = 0;
  TurnUsage usage;
  // Every step gives each request of the batch a token or its end.
  bool in_batch() const { return usage.generated_tokens > 0; }
};

namespace {

StepSession& StepSessionOf(EngineSession& session) { return static_cast<StepSession&>(session); }

Handle<OgaGeneratorParams> MakeParams(const RuntimePtr& runtime, const Handle<OgaModel>& model,
                                      const TurnSettings& settings) {
  const Api& api = runtime->api();
  auto params = Make<OgaGeneratorParams>(runtime, &Api::OgaDestroyGeneratorParams, [&](OgaGeneratorParams** out) {
    return api.OgaCreateGeneratorParams(model.get(), out);
  });
  const auto number = [&](const char* name, const auto& value) {
    if (!value) return;
    Check(api, api.OgaGeneratorParamsSetSearchNumber(params.get(), name, static_cast<double>(*value)),
          Code::kInvalidArgument);
  };
  const uint64_t prompt = settings.tokens.size();
  number("max_length", std::optional<uint64_t>(prompt + settings.max_generated_tokens));
  if (settings.min_generated_tokens) number("min_length", std::optional(prompt + *settings.min_generated_tokens));
  number("temperature", settings.temperature);
  number("top_p", settings.top_p);
  number("top_k", settings.top_k);
  number("repetition_penalty", settings.repetition_penalty);
  number("no_repeat_ngram_size", settings.no_repeat_ngram_size);
  number("random_seed", settings.seed);
  if (settings.do_sample) {
    Check(api, api.OgaGeneratorParamsSetSearchBool(params.get(), "do_sample", *settings.do_sample),
          Code::kInvalidArgument);
  }
  return params;
}

}  // namespace

StepEngine::StepEngine(const RuntimePtr& runtime, const Handle<OgaModel>& model)
    : runtime_(runtime), model_(model), engine_(MakeEngine()) {}

Handle<OgaEngine> StepEngine::MakeEngine() const {
  return Make<OgaEngine>(
      runtime_, &Api::OgaDestroyEngine,
      [&](OgaEngine** out) { return OGA_OPTIONAL(api(), OgaCreateEngine)(model_.get(), out); }, Code::kModelInvalid);
}

std::shared_ptr<EngineSession> StepEngine::Open(uint64_t max_session_tokens) {
  auto session = std::make_shared<StepSession>();
  session->max_session_tokens = max_session_tokens;
  return session;
}

uint64_t StepEngine::Begin(EngineSession& session, const TurnSettings& settings) {
  StepSession& own = StepSessionOf(session);
  if (own.request) ThrowUnsupported("OgaRequestBeginTurn");  // a second turn
  // Seen on 0.15.2: its engine takes parameters with guidance and does not heed it.
  if (settings.guidance) ThrowUnsupported("OgaTurnOptionsSetGuidance");
  if (settings.delimited) ThrowUnsupported("OgaTurnOptionsSetDelimitedGuidance");
  TurnSettings bounded = settings;
  if (own.max_session_tokens > 0) {
    const uint64_t room = own.max_session_tokens - std::min<uint64_t>(own.max_session_tokens, settings.tokens.size());
    bounded.max_generated_tokens = std::min(settings.max_generated_tokens, room);
  }
  own.params = MakeParams(runtime_, model_, bounded);
  own.tokens = settings.tokens;
  Submit(own);
  own.max_generated_tokens = bounded.max_generated_tokens;
  own.usage.prompt_tokens = settings.tokens.size();
  running_.push_back(&own);
  return 1;
}

void StepEngine::Submit(StepSession& session) {
  auto request = Make<OgaRequest>(
      runtime_, &Api::OgaDestroyRequest,
      [&](OgaRequest** out) { return OGA_OPTIONAL(api(), OgaCreateRequest)(session.params.get(), out); },
      Code::kInvalidArgument);
  const auto sequences = Make<OgaSequences>(runtime_, &Api::OgaDestroySequences,
                                            [&](OgaSequences** out) { return api().OgaCreateSequences(out); });
  Check(api(), api().OgaAppendTokenSequence(session.tokens.data(), session.tokens.size(), sequences.get()));
  Check(api(), OGA_OPTIONAL(api(), OgaRequestAddTokens)(request.get(), sequences.get()), Code::kInvalidArgument);
  Check(api(), OGA_OPTIONAL(api(), OgaEngineAddRequest)(engine_.get(), request.get()), Code::kInvalidArgument);
  session.request = std::move(request);
}

// Nothing when it does not run.
void StepEngine::Remove(StepSession& session) {
  const auto found = std::find(running_.begin(), running_.end(), &session);
  if (found == running_.end()) return;
  running_.erase(found);
  if (IsDone(session)) return;
  Check(api(), OGA_OPTIONAL(api(), OgaEngineRemoveRequest)(engine_.get(), session.request.get()));
  holds_removed_ = true;
  DropRemoved();
}

void StepEngine::DropRemoved() {
  const bool in_use =
      std::any_of(running_.begin(), running_.end(), [](const auto* other) { return other->in_batch(); });
  if (!holds_removed_ || in_use) return;
  engine_ = MakeEngine();
  holds_removed_ = false;
  for (StepSession* waiting : running_) Submit(*waiting);
}

void StepEngine::Cancel(EngineSession& session) {
  StepSession& own = StepSessionOf(session);
  if (std::find(running_.begin(), running_.end(), &own) == running_.end()) return;
  Remove(own);
  cancelled_.push_back(End(own, TurnFinish::kCancelled));
}

void StepEngine::RewindToStartOfTurn(EngineSession&, uint64_t) { ThrowUnsupported("OgaRequestRewindToStartOfTurn"); }

void StepEngine::SetDraftTokens(EngineSession&, const std::vector<int32_t>&) {
  ThrowUnsupported("OgaRequestSetDraftTokens");
}

void StepEngine::Close(EngineSession& session) {
  StepSession& own = StepSessionOf(session);
  Remove(own);
  cancelled_.erase(std::remove_if(cancelled_.begin(), cancelled_.end(),
                                  [&](const EngineEvent& event) { return event.session == &own; }),
                   cancelled_.end());
}

bool StepEngine::HasPendingRequests() { return !running_.empty() || !cancelled_.empty(); }

void StepEngine::Run(std::vector<EngineEvent>* events) {
  if (!cancelled_.empty()) {
    events->swap(cancelled_);
    return;
  }
  OgaRequest* ready = nullptr;
  OgaResult* const result = OGA_OPTIONAL(api(), OgaEngineStep)(engine_.get(), &ready);
  if (ready != nullptr) api().OgaDestroyRequest(ready);  // a reference of its own; ours are asked below
  const size_t before = running_.size();
  const std::vector<StepSession*> asked = running_;
  for (StepSession* session : asked) {
    ReadTokens(*session, events);
    if (!IsDone(*session)) continue;
    running_.erase(std::find(running_.begin(), running_.end(), session));
    const bool full = session->usage.generated_tokens >= session->max_generated_tokens;
    events->push_back(End(*session, full ? TurnFinish::kMaxGeneratedTokens : TurnFinish::kEos));
  }
  // Seen on 0.15.2: a step in which all that have something new meet an end-of-sequence token fails because none has.
  if (result != nullptr && running_.size() < before) {
    api().OgaDestroyResult(result);
  } else {
    Check(api(), result);
    if (ready == nullptr && !running_.empty()) throw Error(Code::kNative, "The engine has lost a request.");
  }
  DropRemoved();
}

void StepEngine::ReadTokens(StepSession& session, std::vector<EngineEvent>* events) {
  while (true) {
    bool unseen = false;
    Check(api(), OGA_OPTIONAL(api(), OgaRequestHasUnseenTokens)(session.request.get(), &unseen));
    if (!unseen) return;
    EngineEvent event;
    event.flags = kTokenEvent;
    event.session = &session;
    Check(api(), OGA_OPTIONAL(api(), OgaRequestGetUnseenToken)(session.request.get(), &event.token));
    session.usage.generated_tokens++;
    events->push_back(event);
  }
}

EngineEvent StepEngine::End(StepSession& session, TurnFinish finish) {
  EngineEvent event;
  event.flags = kTurnFinishedEvent;
  event.session = &session;
  event.finish = finish;
  event.usage = session.usage;
  return event;
}

bool StepEngine::IsDone(const StepSession& session) const {
  bool done = false;
  Check(api(), OGA_OPTIONAL(api(), OgaRequestIsDone)(session.request.get(), &done));
  return done;
}

EngineCapabilities StepEngine::Capabilities() { ThrowUnsupported("OgaEngineGetCapabilities"); }

SpeculativeStats StepEngine::GetSpeculativeStats() { ThrowUnsupported("OgaEngineGetSpeculativeStats"); }

}  // namespace oga

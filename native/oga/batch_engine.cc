#include "batch_engine.h"

#include <new>
#include <utility>

namespace oga {

class BatchSession : public EngineSession {
 public:
  uint64_t request = 0;  // 0: none runs
  uint64_t prompt_tokens = 0;
};

namespace {

BatchSession& BatchSessionOf(EngineSession& session) { return static_cast<BatchSession&>(session); }

std::unique_ptr<batching::Scheduler> MakeScheduler(const RuntimePtr& runtime, const batching::DecoderSpec& spec,
                                                   const batching::DecoderLimits& limits,
                                                   std::vector<int32_t> end_tokens) {
  try {
    auto decoder =
        std::make_unique<batching::Decoder>(batching::ResolveOrtApi(runtime->onnxruntime_functions()), spec, limits);
    return std::make_unique<batching::Scheduler>(std::move(decoder), std::move(end_tokens));
  } catch (const batching::Failure& failure) {
    throw Error(Code::kModelInvalid, failure.what());
  } catch (const std::bad_alloc&) {
    throw Error(Code::kOutOfMemory, "There is no room for the keys and values of " + std::to_string(limits.rows) +
                                        " sequences of " + std::to_string(limits.capacity) + " tokens.");
  }
}

batching::RequestSettings ToRequest(const TurnSettings& settings) {
  batching::RequestSettings request;
  request.prompt = settings.tokens;
  request.max_new_tokens = settings.max_generated_tokens;
  batching::SamplingSettings& sampling = request.sampling;
  sampling.do_sample = settings.do_sample.value_or(false);
  sampling.temperature = settings.temperature.value_or(sampling.temperature);
  sampling.top_k = settings.top_k.value_or(sampling.top_k);
  sampling.top_p = settings.top_p.value_or(sampling.top_p);
  sampling.min_p = settings.min_p.value_or(sampling.min_p);
  sampling.repetition_penalty = settings.repetition_penalty.value_or(sampling.repetition_penalty);
  sampling.presence_penalty = settings.presence_penalty.value_or(sampling.presence_penalty);
  sampling.frequency_penalty = settings.frequency_penalty.value_or(sampling.frequency_penalty);
  sampling.min_new_tokens = settings.min_generated_tokens.value_or(0);
  sampling.seed = settings.seed;
  return request;
}

TurnFinish FinishOf(batching::Ending ending) {
  switch (ending) {
    case batching::Ending::kEndToken:
      return TurnFinish::kEos;
    case batching::Ending::kLength:
      return TurnFinish::kMaxGeneratedTokens;
    case batching::Ending::kCancelled:
      return TurnFinish::kCancelled;
    case batching::Ending::kFailed:
      break;
  }
  return TurnFinish::kFailed;
}

// Guards memory; callers have refused this in words of their own.
void CheckRequest(const TurnSettings& settings, const batching::Decoder& decoder) {
  const size_t capacity = decoder.limits().capacity;
  const bool fits = !settings.tokens.empty() && settings.tokens.size() < capacity &&
                    settings.max_generated_tokens <= capacity - settings.tokens.size();
  if (!fits)
    throw Error(Code::kInvalidArgument, "The request does not fit into " + std::to_string(capacity) + " tokens.");
  for (const int32_t token : settings.tokens) {
    if (token < 0 || static_cast<size_t>(token) >= decoder.vocab_size()) {
      throw Error(Code::kInvalidArgument, "The token " + std::to_string(token) + " is not in the vocabulary.");
    }
  }
}

void CheckSampling(const batching::SamplingSettings& sampling) {
  const bool fits = sampling.temperature > 0 && sampling.min_p >= 0 && sampling.min_p <= 1 && sampling.top_p >= 0 &&
                    sampling.top_k >= 0 && sampling.repetition_penalty > 0;
  if (!fits) throw Error(Code::kInvalidArgument, "A sampling option of the request is out of its range.");
}

[[noreturn]] void Unsupported() {
  throw Error(Code::kUnsupportedByLibrary, "A Scheduler has requests of one turn, without drafts.");
}

}  // namespace

BatchEngine::BatchEngine(const RuntimePtr& runtime, const batching::DecoderSpec& spec,
                         const batching::DecoderLimits& limits, std::vector<int32_t> end_tokens,
                         std::shared_ptr<RunInterrupt> interrupt)
    : runtime_(runtime),
      interrupt_(std::move(interrupt)),
      scheduler_(MakeScheduler(runtime, spec, limits, std::move(end_tokens))) {
  interrupt_->Attach(&scheduler_->decoder());
}

BatchEngine::~BatchEngine() { interrupt_->Attach(nullptr); }

std::shared_ptr<EngineSession> BatchEngine::Open(uint64_t) { return std::make_shared<BatchSession>(); }

uint64_t BatchEngine::Begin(EngineSession& session, const TurnSettings& settings) {
  BatchSession& batch_session = BatchSessionOf(session);
  if (batch_session.request != 0) Unsupported();
  CheckRequest(settings, scheduler_->decoder());
  batching::RequestSettings request = ToRequest(settings);
  CheckSampling(request.sampling);
  batch_session.request = scheduler_->Submit(std::move(request));
  batch_session.prompt_tokens = settings.tokens.size();
  sessions_.emplace(batch_session.request, &batch_session);
  return batch_session.request;
}

void BatchEngine::Cancel(EngineSession& session) { scheduler_->Cancel(BatchSessionOf(session).request); }

void BatchEngine::Close(EngineSession& session) {
  const uint64_t request = BatchSessionOf(session).request;
  if (sessions_.erase(request) > 0) scheduler_->Cancel(request);
}

void BatchEngine::Run(std::vector<EngineEvent>* events) {
  events_.clear();
  scheduler_->Step(&events_);
  for (const batching::SchedulerEvent& event : events_) {
    if (sessions_.count(event.request) > 0) events->push_back(ToEvent(event));
  }
}

EngineEvent BatchEngine::ToEvent(const batching::SchedulerEvent& event) {
  const auto found = sessions_.find(event.request);
  EngineEvent result;
  result.session = found->second;
  if (!event.ended) {
    result.flags = kTokenEvent;
    result.token = event.token;
    return result;
  }
  result.flags = kTurnFinishedEvent;
  result.finish = FinishOf(event.ending);
  result.usage = {found->second->prompt_tokens, event.generated, 0};
  const batching::RequestTimes& times = event.times;
  result.times = {times.submitted, times.started, times.first_token, batching::RequestTimes::Clock::now()};
  if (event.ending == batching::Ending::kFailed) {
    result.flags |= kFailedEvent;
    result.error = EngineErrorCode::kRequestUnserviceable;
    result.message = event.error;
  }
  sessions_.erase(found);
  return result;
}

EngineCapabilities BatchEngine::Capabilities() {
  const batching::DecoderLimits& limits = scheduler_->decoder().limits();
  return {limits.rows, limits.chunk, limits.capacity};
}

void BatchEngine::RewindToStartOfTurn(EngineSession&, uint64_t) { Unsupported(); }
void BatchEngine::SetDraftTokens(EngineSession&, const std::vector<int32_t>&) { Unsupported(); }
SpeculativeStats BatchEngine::GetSpeculativeStats() { Unsupported(); }

}  // namespace oga

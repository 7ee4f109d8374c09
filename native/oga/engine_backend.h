// An engine of either kind in the terms of 0.16: requests, turns, events. Plain C++, no Node-API.
//
// Threads: every method, and the making and the destruction, on one and the same thread; the library demands it. A
// session may be destroyed on any thread.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model.h"
#include "speculative_stats.h"

namespace oga {

struct Guidance {
  std::string type;  // "json_schema", "regex", "lark_grammar"
  std::string data;
};

// A grammar that holds only between two tokens.
struct DelimitedGuidance {
  int32_t opening_token = 0;
  int32_t closing_token = 0;
  std::string grammar;
};

// What is not set comes from the `search` section of the model.
struct TurnSettings {
  std::vector<int32_t> tokens;  // within the vocabulary: the library does not check, and the engine dies of others
  uint64_t max_generated_tokens = 0;  // > 0
  std::optional<uint64_t> min_generated_tokens;
  std::optional<bool> do_sample;
  std::optional<float> temperature;
  std::optional<float> top_p;
  std::optional<int32_t> top_k;
  std::optional<float> min_p;  // of our own scheduler only, as the next two
  std::optional<float> presence_penalty;
  std::optional<float> frequency_penalty;
  std::optional<float> repetition_penalty;
  std::optional<int32_t> no_repeat_ngram_size;
  std::optional<uint64_t> seed;
  std::vector<std::string> stop;  // no empty strings
  bool text = false;              // the text of the tokens is wanted
  std::optional<Guidance> guidance;
  std::optional<DelimitedGuidance> delimited;
};

// Numbers of the C API.
enum EngineEventFlag : uint32_t {
  kTokenEvent = 1,
  kTurnFinishedEvent = 2,
  kCapacityBlockedEvent = 4,
  kFailedEvent = 8,
  kRetryableEvent = 16,
};

enum class TurnFinish : uint32_t {
  kNone,
  kEos,
  kStopString,
  kMaxGeneratedTokens,
  kMaxSessionTokens,
  kCancelled,
  kFailed,
};

enum class EngineErrorCode : uint32_t {
  kNone,
  kCapacityDeferred,
  kExecutionCapacityExceeded,
  kRetryableExecution,
  kRequestUnserviceable,
  kEngineContractFailure,
  kEngineExecutionFailure,
};

struct TurnUsage {
  uint64_t prompt_tokens = 0;
  uint64_t generated_tokens = 0;
  uint64_t cached_prompt_tokens = 0;
};

// When a turn came, began to be read, gave its first token (none: the beginning of time), and ended.
struct TurnTimes {
  std::chrono::steady_clock::time_point begun{};
  std::chrono::steady_clock::time_point started{};
  std::chrono::steady_clock::time_point first_token{};
  std::chrono::steady_clock::time_point ended{};
};

class EngineSession;

struct EngineEvent {
  uint32_t flags = 0;
  const EngineSession* session = nullptr;  // null: concerns the engine, or a request that was closed
  int32_t token = 0;
  TurnFinish finish = TurnFinish::kNone;
  int32_t matched_stop = -1;
  EngineErrorCode error = EngineErrorCode::kNone;
  std::string message;  // of kFailed, where there is more to say
  TurnUsage usage;
  TurnTimes times;  // of our own scheduler only
};

// What upstream calls a Request: a conversation whose tokens stay in the KV cache between its turns.
class EngineSession {
 public:
  EngineSession() = default;
  virtual ~EngineSession() = default;
  EngineSession(const EngineSession&) = delete;
  EngineSession& operator=(const EngineSession&) = delete;
};

struct EngineCapabilities {
  size_t max_batch_size;
  size_t max_scheduled_tokens;  // 0: static
  uint64_t max_request_length;  // 0: no limit but the model's
};

class EngineBackend {
 public:
  EngineBackend() = default;
  virtual ~EngineBackend() = default;
  EngineBackend(const EngineBackend&) = delete;
  EngineBackend& operator=(const EngineBackend&) = delete;

  // `max_session_tokens`: 0 = the default.
  virtual std::shared_ptr<EngineSession> Open(uint64_t max_session_tokens) = 0;
  // Returns the id of the turn. Throws kInvalidArgument, with everything as before.
  virtual uint64_t Begin(EngineSession& session, const TurnSettings& settings) = 0;
  // Of the running turn; its end comes as an event. Nothing when none runs.
  virtual void Cancel(EngineSession& session) = 0;
  virtual void RewindToStartOfTurn(EngineSession& session, uint64_t turn_id) = 0;
  virtual void SetDraftTokens(EngineSession& session, const std::vector<int32_t>& tokens) = 0;
  // No event of this session comes any more.
  virtual void Close(EngineSession& session) = 0;

  virtual bool HasPendingRequests() = 0;
  // At most one step of the model. When it throws, the engine is finished.
  virtual void Run(std::vector<EngineEvent>* events) = 0;

  virtual EngineCapabilities Capabilities() = 0;
  virtual SpeculativeStats GetSpeculativeStats() = 0;
  virtual size_t MaxDraftTokens() = 0;
  // Whether the turns that run together begin together: one that comes later waits until all of them have ended.
  virtual bool is_static() const = 0;
  // Whether the library itself looks for stop strings. Else the caller does, and cancels.
  virtual bool finds_stop_strings() const = 0;
};

// The engine of the loaded library. `dynamic`: the model's config asks for dynamic batching.
std::unique_ptr<EngineBackend> CreateEngineBackend(const RuntimePtr& runtime, const Handle<OgaModel>& model,
                                                   bool dynamic);

}  // namespace oga

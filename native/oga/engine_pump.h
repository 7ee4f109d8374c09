// Drives an engine: begins and ends turns, runs steps, hands tokens to the sinks. Plain C++, no Node-API.
//
// Threads: everything on the engine's thread, but for is_dead() and is_blocked(), which anybody may ask. The pump never
// waits: a sink takes what it is given at once, and what it keeps is bounded by the tokens of its turn.
//
// A turn ends in one of these ways: its end event, a failure of its own, Close, the death of the engine, Shutdown. Its
// sink is told exactly once.
#pragma once

#include <atomic>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine_backend.h"
#include "turn_output.h"

namespace oga {

struct TurnEnd {
  uint64_t turn_id = 0;
  std::vector<int32_t> tokens;  // without the end-of-sequence token, with the tokens of a matched stop string
  std::string text;             // without the stop string; empty where no text is asked for
  TurnFinish finish = TurnFinish::kNone;
  EngineErrorCode error = EngineErrorCode::kNone;  // of kFailed
  int matched_stop = -1;                           // index into TurnSettings::stop
  TurnUsage usage;
  TurnTimes times;
  std::string message;  // of kFailed, where there is more to say
};

// What comes of a turn. Called on the engine's thread; must neither block nor throw.
class TurnSink {
 public:
  TurnSink() = default;
  virtual ~TurnSink() = default;
  TurnSink(const TurnSink&) = delete;
  TurnSink& operator=(const TurnSink&) = delete;

  virtual void Pieces(std::vector<text::Piece> pieces) = 0;  // with empty texts where no text is asked for
  // No turn of the engine can go on until something is closed or cancelled. Told to one of them.
  virtual void Blocked() = 0;
  virtual void End(TurnEnd end) = 0;
  virtual void Fail(std::exception_ptr error) = 0;  // the only reference to it: another thread reads and frees it
};

using SessionPtr = std::shared_ptr<EngineSession>;

class EnginePump {
 public:
  // `name`: what messages call it.
  EnginePump(std::unique_ptr<EngineBackend> backend, std::shared_ptr<const Tokenizer> tokenizer,
             std::string name = "Engine");

  SessionPtr Open(uint64_t max_session_tokens);
  // Failures go to the sink.
  void Begin(const SessionPtr& session, const TurnSettings& settings, const std::shared_ptr<TurnSink>& sink);
  void Cancel(const SessionPtr& session);  // nothing when no turn runs
  void RewindToStartOfTurn(const SessionPtr& session, uint64_t turn_id);
  void SetDraftTokens(const SessionPtr& session, const std::vector<int32_t>& tokens);
  // A running turn fails with kDisposed. Nothing when there is no engine any more.
  void Close(const SessionPtr& session);

  // The engine itself, to be asked. Throws kDisposed, kEngineDead.
  EngineBackend& backend();

  // True when a step would bring something forward now.
  bool HasWork() const { return backend_ != nullptr && !is_dead() && !is_blocked() && !turns_.empty(); }
  // Or a short wait, when a batch is about to begin and others may come in time for it.
  void Step();

  // Ends the running turns with kDisposed and frees the engine.
  void Shutdown();

  bool is_dead() const { return dead_.load(std::memory_order_relaxed); }
  bool is_blocked() const { return blocked_.load(std::memory_order_relaxed); }

 private:
  using Clock = std::chrono::steady_clock;
  struct Turn {
    SessionPtr session;
    std::shared_ptr<TurnSink> sink;
    TurnOutput output;
    uint64_t id = 0;
    Clock::time_point delivered_at{};  // long ago at first
  };

  void Start(Turn turn, const TurnSettings& settings);
  bool Gathers();
  void Take(const EngineEvent& event);
  void TakeToken(Turn& turn, int32_t token);
  void TakeEnd(const EngineEvent& event);
  void TakeFailure(const EngineEvent& event);
  static void Deliver(Turn& turn);
  static void DeliverRest(Turn& turn);
  void Block();
  void Unblock() { blocked_.store(false, std::memory_order_relaxed); }
  std::string LastWords();
  void Die(const std::string& message);
  void FailAll(Code code, const std::string& message);
  std::vector<Turn>::iterator Find(const EngineSession* session);

  std::unique_ptr<EngineBackend> backend_;
  std::shared_ptr<const Tokenizer> tokenizer_;
  std::string name_;
  std::vector<Turn> turns_;  // that run
  std::vector<EngineEvent> events_;
  std::optional<Clock::time_point> gathers_until_;  // at most
  Clock::time_point last_begun_{};
  std::string death_;
  std::atomic<bool> dead_{false};
  std::atomic<bool> blocked_{false};
};

}  // namespace oga

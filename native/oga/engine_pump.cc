#include "engine_pump.h"

#include <algorithm>
#include <optional>
#include <thread>
#include <utility>

#include "decode_loop.h"

namespace oga {

namespace {

// Before a step that the library wants repeated.
constexpr auto kRetryPause = std::chrono::milliseconds(1);

// A static batch admits nobody once it has begun. Callers of one tick of JS follow each other within the first time;
// one that comes later would wait for as long as a whole answer takes. Nobody waits longer than the second.
constexpr auto kGatherTime = std::chrono::milliseconds(1);
constexpr auto kGatherLimit = std::chrono::milliseconds(5);

// Of a static batch, whatever is configured. (Seen from 0.14 to 0.18.)
constexpr size_t kStaticRows = 4;

// A dead engine may hand over what it had left before it says what it died of.
constexpr int kLastRuns = 64;

// For a sink: nothing here refers to it any more when another thread gets it.
std::exception_ptr Reason(Code code, const std::string& message) {
  return std::make_exception_ptr(Error(code, message));
}

}  // namespace

EnginePump::EnginePump(std::unique_ptr<EngineBackend> backend, std::shared_ptr<const Tokenizer> tokenizer,
                       std::string name)
    : backend_(std::move(backend)), tokenizer_(std::move(tokenizer)), name_(std::move(name)) {}

EngineBackend& EnginePump::backend() {
  if (!backend_) throw Error(Code::kDisposed, "The " + name_ + " was disposed.");
  if (is_dead()) throw Error(Code::kEngineDead, death_);
  return *backend_;
}

SessionPtr EnginePump::Open(uint64_t max_session_tokens) { return backend().Open(max_session_tokens); }

void EnginePump::Begin(const SessionPtr& session, const TurnSettings& settings, const std::shared_ptr<TurnSink>& sink) {
  std::exception_ptr failure;
  try {
    Start({session, sink, TurnOutput(tokenizer_, settings, backend().finds_stop_strings())}, settings);
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) sink->Fail(std::move(failure));
}

void EnginePump::Start(Turn turn, const TurnSettings& settings) {
  EngineBackend& engine = backend();
  turns_.reserve(turns_.size() + 1);  // so that nothing can fail once the turn has begun
  if (engine.finds_stop_strings() || settings.stop.empty()) {
    turn.id = engine.Begin(*turn.session, settings);
  } else {
    TurnSettings without = settings;
    without.stop.clear();
    turn.id = engine.Begin(*turn.session, without);
  }
  if (turns_.empty()) gathers_until_.reset();  // that of turns that ended, or were closed, without a token
  turns_.push_back(std::move(turn));
  last_begun_ = Clock::now();
  Unblock();
}

void EnginePump::Cancel(const SessionPtr& session) {
  if (Find(session.get()) == turns_.end()) return;
  backend().Cancel(*session);
  Unblock();
}

void EnginePump::RewindToStartOfTurn(const SessionPtr& session, uint64_t turn_id) {
  backend().RewindToStartOfTurn(*session, turn_id);
  Unblock();
}

void EnginePump::SetDraftTokens(const SessionPtr& session, const std::vector<int32_t>& tokens) {
  backend().SetDraftTokens(*session, tokens);
}

void EnginePump::Close(const SessionPtr& session) {
  const auto found = Find(session.get());
  if (found != turns_.end()) {
    Turn turn = std::move(*found);
    turns_.erase(found);
    DeliverRest(turn);
    turn.sink->Fail(Reason(Code::kDisposed, "The EngineRequest was closed."));
  }
  if (!backend_ || is_dead()) return;
  Unblock();
  backend_->Close(*session);
}

// Whether a static batch is still to wait for turns. What has got a token is in a batch.
bool EnginePump::Gathers() {
  const bool between =
      backend_->is_static() && turns_.size() < kStaticRows &&
      std::none_of(turns_.begin(), turns_.end(), [](const Turn& turn) { return !turn.output.tokens().empty(); });
  if (!between) {
    gathers_until_.reset();
    return false;
  }
  const auto now = Clock::now();
  if (!gathers_until_) gathers_until_ = now + kGatherLimit;
  return now < std::min(*gathers_until_, last_begun_ + kGatherTime);
}

void EnginePump::Step() {
  if (!HasWork()) return;
  if (Gathers()) {
    std::this_thread::yield();  // a sleep may last 15 ms on Windows
    return;
  }
  events_.clear();
  try {
    if (!backend_->HasPendingRequests()) throw Error(Code::kNative, "The engine has lost a turn.");
    backend_->Run(&events_);
    for (const EngineEvent& event : events_) Take(event);
  } catch (const std::exception& error) {
    Die(error.what());
  }
}

void EnginePump::Take(const EngineEvent& event) {
  if ((event.flags & kTokenEvent) != 0) {
    const auto turn = Find(event.session);
    if (turn != turns_.end()) TakeToken(*turn, event.token);
  }
  if ((event.flags & kFailedEvent) != 0) {
    TakeFailure(event);
  } else if ((event.flags & kTurnFinishedEvent) != 0) {
    TakeEnd(event);
  }
  if ((event.flags & kCapacityBlockedEvent) != 0) Block();
  if ((event.flags & kRetryableEvent) != 0) std::this_thread::sleep_for(kRetryPause);
}

void EnginePump::TakeToken(Turn& turn, int32_t token) {
  if (!turn.output.Take(token)) backend_->Cancel(*turn.session);
  if (Clock::now() - turn.delivered_at >= kDeliveryInterval) Deliver(turn);
}

void EnginePump::TakeEnd(const EngineEvent& event) {
  const auto found = Find(event.session);
  if (found == turns_.end()) return;
  Turn turn = std::move(*found);
  turns_.erase(found);
  DeliverRest(turn);
  const TurnOutput& output = turn.output;
  TurnEnd end{turn.id,     output.tokens(), output.text(), event.finish, event.error, event.matched_stop,
              event.usage, event.times,     event.message};
  if (output.matched_stop() >= 0) {  // to the library it was cancelled
    end.finish = TurnFinish::kStopString;
    end.matched_stop = output.matched_stop();
    end.usage.generated_tokens = end.tokens.size();
  }
  turn.sink->End(std::move(end));
}

void EnginePump::TakeFailure(const EngineEvent& event) {
  const bool of_turn = (event.flags & kTurnFinishedEvent) != 0;
  if (of_turn && event.error != EngineErrorCode::kEngineExecutionFailure) {
    TakeEnd(event);
  } else if (!is_dead()) {
    Die(LastWords());
  }
}

// What the engine died of is told by the next run.
std::string EnginePump::LastWords() {
  try {
    std::vector<EngineEvent> ignored;
    for (int i = 0; i < kLastRuns; ++i) backend_->Run(&ignored);
  } catch (const std::exception& error) {
    return error.what();
  }
  return "A step of the model failed.";
}

void EnginePump::Deliver(Turn& turn) {
  std::vector<text::Piece> pieces = turn.output.TakePieces();
  if (pieces.empty()) return;
  turn.sink->Pieces(std::move(pieces));
  turn.delivered_at = Clock::now();
}

void EnginePump::DeliverRest(Turn& turn) {
  turn.output.Finish();
  Deliver(turn);
}

// Running on would say the same for ever: nothing is evicted.
void EnginePump::Block() {
  if (turns_.empty() || is_blocked()) return;
  blocked_.store(true, std::memory_order_relaxed);
  for (Turn& turn : turns_) Deliver(turn);
  turns_.front().sink->Blocked();
}

void EnginePump::Die(const std::string& message) {
  death_ = "The " + name_ + " has failed and must be rebuilt: " + message;
  dead_.store(true, std::memory_order_relaxed);
  FailAll(Code::kEngineDead, death_);
}

void EnginePump::FailAll(Code code, const std::string& message) {
  std::vector<Turn> turns;
  turns.swap(turns_);
  for (Turn& turn : turns) {
    DeliverRest(turn);
    turn.sink->Fail(Reason(code, message));
  }
}

void EnginePump::Shutdown() {
  FailAll(Code::kDisposed, "The " + name_ + " was disposed.");
  backend_.reset();
}

std::vector<EnginePump::Turn>::iterator EnginePump::Find(const EngineSession* session) {
  return std::find_if(turns_.begin(), turns_.end(), [&](const Turn& turn) { return turn.session.get() == session; });
}

}  // namespace oga

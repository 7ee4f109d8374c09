#include "logging.h"

#include <atomic>
#include <memory>
#include <utility>

#include "../napi/arguments.h"
#include "../napi/env_data.h"
#include "../napi/inbox.h"
#include "../napi/promise_worker.h"
#include "../oga/logging.h"
#include "runtime.h"
#include "values.h"

namespace addon {

namespace {

constexpr size_t kMostBytes = size_t{1024} * 1024;  // that wait for one JS thread
constexpr size_t kBytesPerText = 64;                // besides its characters

// Shared with the threads that log.
class LogQueue : public std::enable_shared_from_this<LogQueue> {
 public:
  LogQueue(std::shared_ptr<Dispatcher> dispatcher, Napi::FunctionReference on_texts)
      : dispatcher_(std::move(dispatcher)), on_texts_(std::move(on_texts)) {}

  // Any thread.
  void Push(const std::string& text) {
    const size_t bytes = text.size() + kBytesPerText;
    if (waiting_bytes_.fetch_add(bytes) + bytes > kMostBytes) {
      waiting_bytes_ -= bytes;
      lost_++;
      return;
    }
    if (waiting_.Push(text)) {
      dispatcher_->Post([self = shared_from_this()](Napi::Env env) { self->Drain(env); });
    }
  }

  // JS thread: nothing is delivered any more. Afterwards any thread may be the last to let go.
  void Close() { on_texts_.Reset(); }

  // JS thread.
  void Drain(Napi::Env env) {
    const std::vector<std::string> texts = waiting_.TakeAll();
    size_t bytes = 0;
    for (const std::string& text : texts) bytes += text.size() + kBytesPerText;
    waiting_bytes_ -= bytes;
    if (texts.empty() || on_texts_.IsEmpty()) return;
    on_texts_.Call({ToJs(env, texts), Napi::Number::New(env, static_cast<double>(lost_.exchange(0)))});
  }

 private:
  const std::shared_ptr<Dispatcher> dispatcher_;
  Napi::FunctionReference on_texts_;
  Inbox<std::string> waiting_;
  std::atomic<size_t> waiting_bytes_{0};
  std::atomic<size_t> lost_{0};
};

// What an environment holds.
class LogListener {
 public:
  explicit LogListener(std::shared_ptr<LogQueue> queue)
      : queue_(std::move(queue)),
        id_(oga::AddLogListener([queue = queue_](const std::string& text) { queue->Push(text); })) {}
  ~LogListener() {
    try {
      Stop();
      queue_->Close();
    } catch (...) {  // NOLINT(bugprone-empty-catch): a lock or a reference of an environment that ends
    }
  }
  LogListener(const LogListener&) = delete;
  LogListener& operator=(const LogListener&) = delete;

  // Nothing comes any more; what waits is still there.
  void Stop() {
    if (!stopped_) oga::RemoveLogListener(id_);
    stopped_ = true;
  }

  LogQueue& queue() const { return *queue_; }

 private:
  const std::shared_ptr<LogQueue> queue_;
  const uint64_t id_;
  bool stopped_ = false;
};

}  // namespace

Napi::Value ListenToLog(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&]() -> Napi::Value {
    if (!info[0].IsFunction()) Refuse("onTexts", "a function");
    EnvData& data = EnvData::Of(info.Env());
    data.log_listener = std::make_shared<LogListener>(
        std::make_shared<LogQueue>(data.dispatcher(), Napi::Persistent(info[0].As<Napi::Function>())));
    return info.Env().Undefined();
  });
}

Napi::Value CloseLog(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&]() -> Napi::Value {
    const auto listener = std::move(EnvData::Of(info.Env()).log_listener);
    if (!listener) return info.Env().Undefined();
    auto& log = *static_cast<LogListener*>(listener.get());
    log.Stop();  // first: a callback that calls process.exit() never returns
    log.queue().Drain(info.Env());
    return info.Env().Undefined();
  });
}

Napi::Value ChangeLog(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&]() -> Napi::Value {
    if (!info[0].IsObject()) Refuse("flags", "an object");
    const auto flags = info[0].As<Napi::Object>();
    const Napi::Array names = flags.GetPropertyNames();
    oga::LogChange change;
    for (uint32_t i = 0; i < names.Length(); ++i) {
      const std::string name = StringArgument(names.Get(i), "flags");
      change.flags[name] = BooleanArgument(flags.Get(name), name.c_str());
    }
    if (!info[1].IsUndefined()) change.filename = OptionalStringArgument(info[1], "filename").value_or("");
    return RunOnPool(
        info.Env(),
        [runtime = RuntimeOf(info.Env()), change] {
          oga::ChangeLog(runtime, change);
          return true;
        },
        [](Napi::Env env, bool&) -> Napi::Value { return env.Undefined(); });
  });
}

}  // namespace addon

// A promise for one-shot work on the libuv pool.
//
// Phases: arguments on the JS thread (the caller) -> `job` on a pool thread, touching C++ only -> `convert` on the JS
// thread -> release. Job and convert hold shared_ptrs of what they use, so a dispose meanwhile is harmless.
#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "errors.h"
#include "setup.h"

namespace addon {

template <typename Task, typename Convert>
class PromiseWorker : public Napi::AsyncWorker {
 public:
  PromiseWorker(Napi::Env env, Task task, Convert convert)
      : Napi::AsyncWorker(env, "onnxruntime-genai-node"),
        deferred_(Napi::Promise::Deferred::New(env)),
        task_(std::make_unique<Task>(std::move(task))),
        convert_(std::move(convert)) {}

  Napi::Promise Promise() const { return deferred_.Promise(); }

 private:
  void Execute() override {
    try {
      value_.emplace((*task_)());
    } catch (...) {
      error_ = std::current_exception();
    }
    task_.reset();  // here: it may hold the last reference to something that is slow to free
  }

  void OnOK() override {
    try {
      if (error_) {
        deferred_.Reject(ToJsError(Env(), error_).Value());
      } else {
        deferred_.Resolve(Guard(Env(), [&] { return convert_(Env(), *value_); }));
      }
    } catch (const Napi::Error& failure) {
      deferred_.Reject(failure.Value());
    }
  }

  Napi::Promise::Deferred deferred_;
  std::unique_ptr<Task> task_;
  Convert convert_;
  std::optional<decltype(std::declval<Task&>()())> value_;
  std::exception_ptr error_;
};

// `T task()`, `Napi::Value convert(Napi::Env, T&)`.
template <typename Task, typename Convert>
Napi::Promise RunOnPool(Napi::Env env, Task task, Convert convert) {
  // Deletes itself after OnOK.
  auto* worker = new PromiseWorker<Task, Convert>(env, std::move(task), std::move(convert));  // NOLINT
  const Napi::Promise promise = worker->Promise();
  worker->Queue();
  return promise;
}

}  // namespace addon

// A promise for one-shot work on the libuv pool.
//
// Phases: arguments on the JS thread (the caller) -> `job` on a pool thread, touching C++ only -> `convert` on the JS
// thread -> release. Job and convert hold shared_ptrs of what they use, so a dispose meanwhile is harmless.
#pragma once

#include <deque>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "errors.h"
#include "setup.h"

namespace addon {

// Workers that would wait for each other: they run one after the other, and take no more than one thread of the pool.
// JS thread only.
class PoolQueue {
 public:
  void Add(std::unique_ptr<Napi::AsyncWorker> worker) {
    waiting_.push_back(std::move(worker));
    if (!std::exchange(running_, true)) StartNext();
  }

  void StartNext() {
    running_ = !waiting_.empty();
    if (!running_) return;
    waiting_.front().release()->Queue();  // deletes itself when it is done
    waiting_.pop_front();
  }

 private:
  std::deque<std::unique_ptr<Napi::AsyncWorker>> waiting_;
  bool running_ = false;
};

template <typename Task, typename Convert>
class PromiseWorker : public Napi::AsyncWorker {
 public:
  PromiseWorker(Napi::Env env, Task task, Convert convert, std::shared_ptr<PoolQueue> queue)
      : Napi::AsyncWorker(env, "onnxruntime-genai-node"),
        deferred_(Napi::Promise::Deferred::New(env)),
        task_(std::make_unique<Task>(std::move(task))),
        convert_(std::move(convert)),
        queue_(std::move(queue)) {}

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
    if (queue_) queue_->StartNext();
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
  std::shared_ptr<PoolQueue> queue_;
  std::optional<decltype(std::declval<Task&>()())> value_;
  std::exception_ptr error_;
};

// `T task()`, `Napi::Value convert(Napi::Env, T&)`. With a queue, after the others of it.
template <typename Task, typename Convert>
Napi::Promise RunOnPool(Napi::Env env, Task task, Convert convert, std::shared_ptr<PoolQueue> queue = nullptr) {
  const auto turn = queue ? queue : std::make_shared<PoolQueue>();
  auto worker =
      std::make_unique<PromiseWorker<Task, Convert>>(env, std::move(task), std::move(convert), std::move(queue));
  const Napi::Promise promise = worker->Promise();
  turn->Add(std::move(worker));
  return promise;
}

}  // namespace addon

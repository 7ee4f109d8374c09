// Items on their way from an owner thread to the callback of a job on the JS thread.
//
// The producer never waits. What JS has not taken yet is kept in one vector (bounded by the producer: a generation by
// its max_new_tokens), and JS takes all of it in one call, so a busy event loop costs latency and never a queue of
// callbacks. Items that were pushed before the job settles are delivered before it settles.
#pragma once

#include <iterator>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "env_data.h"

namespace addon {

template <typename Item>
class TokenStream : public std::enable_shared_from_this<TokenStream<Item>> {
 public:
  // Calls the job's JS callback with all items that have arrived. JS thread.
  using Deliver = void (*)(Napi::Env env, const Napi::FunctionReference& callback, const std::vector<Item>& items);

  TokenStream(std::shared_ptr<Dispatcher> dispatcher, Deliver deliver)
      : dispatcher_(std::move(dispatcher)), deliver_(deliver) {}

  // JS thread, before the job starts.
  void set_job(uint64_t job) { job_ = job; }

  // Any thread; takes the items out of `items`.
  void Push(std::vector<Item>& items) {
    const std::lock_guard<std::mutex> lock(mutex_);
    waiting_.insert(waiting_.end(), std::make_move_iterator(items.begin()), std::make_move_iterator(items.end()));
    if (scheduled_) return;
    scheduled_ = true;
    dispatcher_->Post([self = this->shared_from_this()](Napi::Env env) { self->Drain(env); });
  }

 private:
  void Drain(Napi::Env env) {
    std::vector<Item> items;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      items.swap(waiting_);
      scheduled_ = false;
    }
    const Job* job = EnvData::Of(env).FindJob(job_);
    if (job != nullptr) deliver_(env, job->callback, items);
  }

  const std::shared_ptr<Dispatcher> dispatcher_;
  const Deliver deliver_;
  uint64_t job_ = 0;

  std::mutex mutex_;
  std::vector<Item> waiting_;
  bool scheduled_ = false;
};

}  // namespace addon

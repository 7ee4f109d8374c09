// Items on their way from an owner thread to the callback of a job on the JS thread.
//
// Neither side ever waits. What JS has not taken yet is kept (bounded by the producer: a generation by its
// max_new_tokens), and JS takes all of it in one call, so a busy event loop costs latency and never a queue of
// callbacks. Items that were pushed before the job settles are delivered before it settles.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "env_data.h"
#include "inbox.h"

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
    bool first = false;
    for (Item& item : items) first = waiting_.Push(std::move(item)) || first;
    if (first) dispatcher_->Post([self = this->shared_from_this()](Napi::Env env) { self->Drain(env); });
  }

 private:
  void Drain(Napi::Env env) {
    const std::vector<Item> items = waiting_.TakeAll();
    const Job* job = EnvData::Of(env).FindJob(job_);
    if (job != nullptr && !items.empty()) deliver_(env, job->callback, items);
  }

  const std::shared_ptr<Dispatcher> dispatcher_;
  const Deliver deliver_;
  uint64_t job_ = 0;
  Inbox<Item> waiting_;
};

}  // namespace addon

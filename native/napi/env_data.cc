#include "env_data.h"

#include <utility>

namespace addon {

Dispatcher::Dispatcher(Napi::Env env) {
  const napi_status status =
      napi_create_threadsafe_function(env, nullptr, nullptr, Napi::String::New(env, "onnxruntime-genai-node"), 0, 1,
                                      nullptr, nullptr, this, &Dispatcher::Drain, &function_);
  if (status != napi_ok) throw Napi::Error::New(env);
  napi_unref_threadsafe_function(env, function_);
}

void Dispatcher::Post(Task task) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (function_ == nullptr) return;
  tasks_.push_back(std::move(task));
  if (scheduled_) return;
  scheduled_ = napi_call_threadsafe_function(function_, nullptr, napi_tsfn_nonblocking) == napi_ok;
}

void Dispatcher::KeepAlive(Napi::Env env, bool alive) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (function_ == nullptr) return;
  alive ? napi_ref_threadsafe_function(env, function_) : napi_unref_threadsafe_function(env, function_);
}

void Dispatcher::Close() {
  std::vector<Task> dropped;
  const std::lock_guard<std::mutex> lock(mutex_);
  if (function_ == nullptr) return;
  napi_release_threadsafe_function(function_, napi_tsfn_abort);
  function_ = nullptr;
  dropped.swap(tasks_);
}

// `env` is null when the environment is going away: then nobody is left to be told.
void Dispatcher::Drain(napi_env env, napi_value, void* context, void*) {
  if (env != nullptr) static_cast<Dispatcher*>(context)->RunAll(Napi::Env(env));
}

void Dispatcher::RunAll(Napi::Env env) {
  std::vector<Task> tasks;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    tasks.swap(tasks_);
    scheduled_ = false;
  }
  for (size_t i = 0; i < tasks.size(); ++i) {
    const Napi::HandleScope scope(env);
    try {
      tasks[i](env);
    } catch (const Napi::Error& error) {
      // The others must not run while an exception is pending.
      for (++i; i < tasks.size(); ++i) Post(std::move(tasks[i]));
      // Either a JS callback threw, or this thread is being terminated and no JS value can be made any more; in the
      // latter case this does nothing.
      error.ThrowAsJavaScriptException();
    }
  }
}

EnvData::EnvData(Napi::Env env) : dispatcher_(std::make_shared<Dispatcher>(env)) {
  // The hook owns a reference of its own: it may run before or after this object is deleted.
  using Pointer = std::shared_ptr<Dispatcher>;
  napi_add_env_cleanup_hook(
      env,
      [](void* data) {
        const std::unique_ptr<Pointer> dispatcher(static_cast<Pointer*>(data));
        (*dispatcher)->Close();
      },
      std::make_unique<Pointer>(dispatcher_).release());
}

uint64_t EnvData::AddJob(Napi::Env env, Job job) {
  if (jobs_.empty()) dispatcher_->KeepAlive(env, true);
  const uint64_t id = next_job_++;
  jobs_.emplace(id, std::move(job));
  return id;
}

Job* EnvData::FindJob(uint64_t id) {
  const auto found = jobs_.find(id);
  return found == jobs_.end() ? nullptr : &found->second;
}

Job EnvData::TakeJob(Napi::Env env, uint64_t id) {
  const auto found = jobs_.find(id);
  Job job = std::move(found->second);
  jobs_.erase(found);
  if (jobs_.empty()) dispatcher_->KeepAlive(env, false);
  return job;
}

}  // namespace addon

// The door through which other threads reach a JS thread.
//
// Lives in one environment (main thread or worker_thread) and is shared with the threads that post; libuv holds it,
// too, until the environment's teardown has closed the handle. After that posts are dropped.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <shared_mutex>

#include "inbox.h"
#include "setup.h"

namespace addon {

class Dispatcher : public std::enable_shared_from_this<Dispatcher> {
 public:
  using Task = std::function<void(Napi::Env)>;

  // JS thread.
  static std::shared_ptr<Dispatcher> Create(Napi::Env env);

  // Any thread: runs `task` on the JS thread, in order of posting. Dropped when the environment is gone.
  void Post(Task task);

  // JS thread: whether waiting for posts keeps the event loop alive.
  void KeepAlive(bool alive);

 private:
  explicit Dispatcher(Napi::Env env);
  void Open();
  void Close(napi_async_cleanup_hook_handle hook);
  void RunAll();

  const napi_env env_;
  const std::unique_ptr<std::max_align_t[]> handle_;  // uv_async_t
  std::unique_ptr<Napi::AsyncContext> context_;       // until closed
  std::shared_ptr<Dispatcher> self_;                  // while libuv knows the handle
  napi_async_cleanup_hook_handle hook_ = nullptr;

  Inbox<Task> inbox_;
  std::shared_mutex closing_;  // held shared while the handle is used by another thread, alone while it is closed
  bool closed_ = false;
};

}  // namespace addon

#include "dispatcher.h"

#include <mutex>
#include <utility>

#include "../oga/error.h"
#include "errors.h"
#include "libuv.h"

namespace addon {

namespace {

constexpr const char* kName = "onnxruntime-genai-node";

std::unique_ptr<std::max_align_t[]> NewHandle() {
  const size_t size = Libuv::Get().handle_size(Libuv::kAsync);
  return std::make_unique<std::max_align_t[]>(size / sizeof(std::max_align_t) + 1);
}

}  // namespace

Dispatcher::Dispatcher(Napi::Env env)
    : env_(env), handle_(NewHandle()), context_(std::make_unique<Napi::AsyncContext>(env, kName)) {}

std::shared_ptr<Dispatcher> Dispatcher::Create(Napi::Env env) {
  std::shared_ptr<Dispatcher> dispatcher(new Dispatcher(env));
  dispatcher->Open();
  return dispatcher;
}

void Dispatcher::Open() {
  const Libuv& uv = Libuv::Get();
  uv_loop_s* loop = nullptr;
  const bool opened =
      napi_get_uv_event_loop(env_, &loop) == napi_ok && uv.async_init(loop, handle_.get(), [](void* handle) {
        static_cast<Dispatcher*>(Libuv::Get().handle_get_data(handle))->RunAll();
      }) == 0;
  if (!opened) throw oga::Error(oga::Code::kNative, "The event loop of this thread cannot be reached.");
  self_ = shared_from_this();
  uv.handle_set_data(handle_.get(), this);
  uv.unref(handle_.get());
  // The loop of a worker_thread ends only when its handles are closed, which takes another turn of the loop.
  napi_add_async_cleanup_hook(
      env_,
      [](napi_async_cleanup_hook_handle hook, void* dispatcher) { static_cast<Dispatcher*>(dispatcher)->Close(hook); },
      this, nullptr);
}

void Dispatcher::Post(Task task) {
  if (!inbox_.Push(std::move(task))) return;
  const std::shared_lock<std::shared_mutex> lock(closing_);
  if (closed_) {
    inbox_.TakeAll();
  } else {
    Libuv::Get().async_send(handle_.get());
  }
}

void Dispatcher::KeepAlive(bool alive) {
  if (closed_) return;
  (alive ? Libuv::Get().ref : Libuv::Get().unref)(handle_.get());
}

void Dispatcher::Close(napi_async_cleanup_hook_handle hook) {
  {
    const std::lock_guard<std::shared_mutex> lock(closing_);
    closed_ = true;
  }
  hook_ = hook;
  inbox_.TakeAll();
  context_.reset();
  Libuv::Get().close(handle_.get(), [](void* handle) {
    auto* const dispatcher = static_cast<Dispatcher*>(Libuv::Get().handle_get_data(handle));
    const std::shared_ptr<Dispatcher> self = std::move(dispatcher->self_);
    napi_remove_async_cleanup_hook(self->hook_);
  });
}

void Dispatcher::RunAll() {
  const Napi::Env env(env_);
  const Napi::HandleScope scope(env);
  const Napi::CallbackScope callback_scope(env, *context_);
  for (const Task& task : inbox_.TakeAll()) {
    const Napi::HandleScope task_scope(env);
    try {
      task(env);
    } catch (const Napi::Error& error) {
      // Either a JS callback threw, or this thread is being terminated and no JS value can be made any more; in the
      // latter case this does nothing.
      napi_fatal_exception(env, error.Value());
    } catch (...) {  // below are frames of C
      try {
        napi_fatal_exception(env, ToJsError(env, std::current_exception()).Value());
      } catch (const Napi::Error&) {  // NOLINT(bugprone-empty-catch): this thread is being terminated
      }
    }
  }
}

}  // namespace addon

// The few functions of libuv that wake an event loop from another thread, found in the process that runs us. Every
// Node and Electron exports them; their signatures are part of libuv 1's stable ABI. Handles are untyped memory of
// handle_size bytes here, so no header of libuv is needed, and none of Windows' import libraries.
//
// Why not napi_threadsafe_function: it wakes the loop while it holds a mutex that the loop then waits for. On busy
// cores the thread in between is preempted by the very wake-up (see inbox.h for what that costs).
#pragma once

#include <cstddef>

struct uv_loop_s;

namespace addon {

struct Libuv {
  static constexpr int kAsync = 1;  // UV_ASYNC

  size_t (*handle_size)(int type);
  int (*async_init)(uv_loop_s* loop, void* handle, void (*on_wake)(void* handle));
  int (*async_send)(void* handle);  // any thread
  void (*close)(void* handle, void (*on_closed)(void* handle));
  void (*ref)(void* handle);
  void (*unref)(void* handle);
  void* (*handle_get_data)(const void* handle);
  void (*handle_set_data)(void* handle, void* data);

  // Throws oga::Error when the process has no libuv.
  static const Libuv& Get();
};

}  // namespace addon

// EngineRequest: one conversation of an Engine. Wraps OgaRequest.
//
// Holds the thread of its engine. A running turn keeps this object; the request of one that is collected is closed on
// the thread. Refuses every call after the engine's dispose(); src/core refuses those after close().
#pragma once

#include "../napi/object.h"
#include "engine_thread.h"

namespace addon {

struct EngineRequestPayload {
  std::shared_ptr<EngineThread> thread;
  oga::SessionPtr session;
};

class EngineRequest : public Object<EngineRequest, EngineRequestPayload> {
 public:
  static constexpr const char* kName = "EngineRequest";
  static constexpr napi_type_tag kTag = {0x8b1f6e0e25d94c71, 0xa0d3c1d7a54b1f21};
  static std::vector<PropertyDescriptor> Properties();

  explicit EngineRequest(const Napi::CallbackInfo& info) : Object(info), payload_(TakePayload(info)) {}
  ~EngineRequest() override;

 private:
  Napi::Value BeginTurn(const Napi::CallbackInfo& info);
  Napi::Value CancelTurn(const Napi::CallbackInfo& info);
  Napi::Value RewindToStartOfTurn(const Napi::CallbackInfo& info);
  Napi::Value SetDraftTokens(const Napi::CallbackInfo& info);
  Napi::Value Close(const Napi::CallbackInfo& info);

  EngineThread& thread() const;  // throws kDisposed
  template <typename Work>
  Napi::Value RunTask(const Napi::CallbackInfo& info, Work work);

  EngineRequestPayload payload_;
};

}  // namespace addon

// StreamingProcessor: live audio, piece by piece -> the inputs of a speech model. Wraps OgaStreamingProcessor.
//
// Audio is processed on the libuv pool, calls in turn; running work holds the processor, so dispose() meanwhile is
// harmless. Refuses every call after dispose().
#pragma once

#include "../napi/object.h"
#include "../oga/streaming_processor.h"

namespace addon {

class StreamingProcessor : public Object<StreamingProcessor, std::shared_ptr<oga::StreamingProcessor>> {
 public:
  static constexpr const char* kName = "StreamingProcessor";
  static constexpr napi_type_tag kTag = {0x8b1f6e0e25d94c71, 0xa0d3c1d7a54b1f16};
  static std::vector<PropertyDescriptor> Properties();

  explicit StreamingProcessor(const Napi::CallbackInfo& info) : Object(info), processor_(TakePayload(info)) {}
  ~StreamingProcessor() override;

  // createStreamingProcessor(model: Model): Promise<StreamingProcessor>
  static Napi::Value CreateAsync(const Napi::CallbackInfo& info);

 private:
  const std::shared_ptr<oga::StreamingProcessor>& processor() const;  // throws kDisposed
  Napi::Value Process(const Napi::CallbackInfo& info);
  Napi::Value Flush(const Napi::CallbackInfo& info);
  Napi::Value SetOption(const Napi::CallbackInfo& info);
  Napi::Value GetOption(const Napi::CallbackInfo& info);
  Napi::Value Dispose(const Napi::CallbackInfo& info);

  std::shared_ptr<oga::StreamingProcessor> processor_;
};

}  // namespace addon

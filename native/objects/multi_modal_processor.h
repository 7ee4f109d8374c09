// MultiModalProcessor: prompts, images and audio -> the inputs of a model. Wraps OgaMultiModalProcessor.
//
// What decodes media or long texts runs on the libuv pool; running work holds what it uses, so dispose() meanwhile is
// harmless. Refuses every call after dispose().
#pragma once

#include "../napi/object.h"
#include "../napi/promise_worker.h"
#include "../oga/multi_modal_processor.h"

namespace addon {

class MultiModalProcessor : public Object<MultiModalProcessor, std::shared_ptr<oga::MultiModalProcessor>> {
 public:
  static constexpr const char* kName = "MultiModalProcessor";
  static constexpr napi_type_tag kTag = {0x8b1f6e0e25d94c71, 0xa0d3c1d7a54b1f15};
  static std::vector<PropertyDescriptor> Properties();

  explicit MultiModalProcessor(const Napi::CallbackInfo& info) : Object(info), processor_(TakePayload(info)) {}
  ~MultiModalProcessor() override;

  // createMultiModalProcessor(model: Model): Promise<MultiModalProcessor>
  static Napi::Value CreateAsync(const Napi::CallbackInfo& info);

 private:
  const std::shared_ptr<oga::MultiModalProcessor>& processor() const;  // throws kDisposed
  Napi::Value Process(const Napi::CallbackInfo& info);
  Napi::Value Decode(const Napi::CallbackInfo& info);
  Napi::Value CreateStream(const Napi::CallbackInfo& info);
  Napi::Value Dispose(const Napi::CallbackInfo& info);

  std::shared_ptr<oga::MultiModalProcessor> processor_;
  std::shared_ptr<PoolQueue> queue_ = std::make_shared<PoolQueue>();  // it does one thing at a time
};

}  // namespace addon

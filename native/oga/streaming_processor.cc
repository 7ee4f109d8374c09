#include "streaming_processor.h"

namespace oga {

StreamingProcessor::StreamingProcessor(const RuntimePtr& runtime, const Handle<OgaModel>& model)
    : runtime_(runtime),
      model_(model),
      handle_(Make<OgaStreamingProcessor>(
          runtime, &Api::OgaDestroyStreamingProcessor,
          [&](OgaStreamingProcessor** out) {
            return OGA_OPTIONAL(runtime->api(), OgaCreateStreamingProcessor)(model.get(), out);
          },
          Code::kInvalidArgument)) {}

Handle<OgaNamedTensors> StreamingProcessor::AdoptOrNull(OgaNamedTensors* tensors) const {
  return tensors != nullptr ? Adopt(runtime_, tensors, &Api::OgaDestroyNamedTensors) : nullptr;
}

Handle<OgaNamedTensors> StreamingProcessor::Process(const std::vector<float>& samples) {
  OgaNamedTensors* out = nullptr;
  const std::lock_guard<std::mutex> lock(mutex_);
  Check(api(), OGA_OPTIONAL(api(), OgaStreamingProcessorProcess)(handle_.get(), samples.data(), samples.size(), &out));
  return AdoptOrNull(out);
}

Handle<OgaNamedTensors> StreamingProcessor::Flush() {
  OgaNamedTensors* out = nullptr;
  const std::lock_guard<std::mutex> lock(mutex_);
  Check(api(), OGA_OPTIONAL(api(), OgaStreamingProcessorFlush)(handle_.get(), &out));
  return AdoptOrNull(out);
}

void StreamingProcessor::SetOption(const std::string& key, const std::string& value) {
  const std::lock_guard<std::mutex> lock(mutex_);
  Check(api(), OGA_OPTIONAL(api(), OgaStreamingProcessorSetOption)(handle_.get(), key.c_str(), value.c_str()),
        Code::kInvalidArgument);
}

std::string StreamingProcessor::GetOption(const std::string& key) {
  const char* text = nullptr;
  const std::lock_guard<std::mutex> lock(mutex_);
  Check(api(), OGA_OPTIONAL(api(), OgaStreamingProcessorGetOption)(handle_.get(), key.c_str(), &text),
        Code::kInvalidArgument);
  return TakeString(api(), text);
}

}  // namespace oga

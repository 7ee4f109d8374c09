#include "multi_modal_processor.h"

#include <utility>

#include "fresh_thread.h"
#include "strings.h"

namespace oga {

MultiModalProcessor::MultiModalProcessor(const RuntimePtr& runtime, const Handle<OgaModel>& model)
    : runtime_(runtime), model_(model), handle_(OnFreshThread([&] {
        return Make<OgaMultiModalProcessor>(
            runtime, &Api::OgaDestroyMultiModalProcessor,
            [&](OgaMultiModalProcessor** out) {
              return OGA_OPTIONAL(runtime->api(), OgaCreateMultiModalProcessor)(model.get(), out);
            },
            Code::kInvalidArgument);
      })) {}

Handle<OgaNamedTensors> MultiModalProcessor::Process(const ProcessRequest& request) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return Make<OgaNamedTensors>(
      runtime_, &Api::OgaDestroyNamedTensors,
      [&](OgaNamedTensors** out) { return request.batch ? ProcessBatch(request, out) : ProcessOne(request, out); },
      Code::kInvalidArgument);
}

OgaResult* MultiModalProcessor::ProcessOne(const ProcessRequest& request, OgaNamedTensors** out) const {
  const char* prompt = request.prompts.front().c_str();
  OgaImages* const images = request.images.get();
  OgaAudios* const audios = request.audios.get();
  if (audios == nullptr) return OGA_OPTIONAL(api(), OgaProcessorProcessImages)(handle_.get(), prompt, images, out);
  if (images == nullptr) return OGA_OPTIONAL(api(), OgaProcessorProcessAudios)(handle_.get(), prompt, audios, out);
  return OGA_OPTIONAL(api(), OgaProcessorProcessImagesAndAudios)(handle_.get(), prompt, images, audios, out);
}

OgaResult* MultiModalProcessor::ProcessBatch(const ProcessRequest& request, OgaNamedTensors** out) const {
  const auto array = MakeStrings(runtime_, request.prompts);
  const OgaStringArray* prompts = array.get();
  OgaImages* const images = request.images.get();
  OgaAudios* const audios = request.audios.get();
  if (audios == nullptr) {
    return OGA_OPTIONAL(api(), OgaProcessorProcessImagesAndPrompts)(handle_.get(), prompts, images, out);
  }
  if (images == nullptr) {
    return OGA_OPTIONAL(api(), OgaProcessorProcessAudiosAndPrompts)(handle_.get(), prompts, audios, out);
  }
  return OGA_OPTIONAL(api(), OgaProcessorProcessImagesAndAudiosAndPrompts)(handle_.get(), prompts, images, audios, out);
}

std::string MultiModalProcessor::Decode(const std::vector<int32_t>& tokens) const {
  if (tokens.empty()) return "";  // which 0.14 refuses
  const char* text = nullptr;
  const std::lock_guard<std::mutex> lock(mutex_);
  Check(api(), OGA_OPTIONAL(api(), OgaProcessorDecode)(handle_.get(), tokens.data(), tokens.size(), &text));
  return TakeString(api(), text);
}

ProcessorStream::ProcessorStream(std::shared_ptr<const MultiModalProcessor> processor)
    : processor_(std::move(processor)) {
  const auto& api = processor_->api();
  handle_ =
      Make<OgaTokenizerStream>(processor_->runtime_, &Api::OgaDestroyTokenizerStream, [&](OgaTokenizerStream** out) {
        return OGA_OPTIONAL(api, OgaCreateTokenizerStreamFromProcessor)(processor_->handle_.get(), out);
      });
}

std::string ProcessorStream::Decode(int32_t token) {
  const char* text = nullptr;
  const Api& api = processor_->api();
  std::unique_lock<std::mutex> lock(processor_->mutex_, std::defer_lock);
  if (api.OgaEngineRun == nullptr) lock.lock();
  Check(api, api.OgaTokenizerStreamDecode(handle_.get(), token, &text));
  return text != nullptr ? text : "";
}

}  // namespace oga

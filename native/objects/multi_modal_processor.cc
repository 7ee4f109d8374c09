#include "multi_modal_processor.h"

#include "../napi/owner_thread.h"
#include "audios.h"
#include "images.h"
#include "model.h"
#include "named_tensors.h"
#include "runtime.h"
#include "tokenizer_stream.h"

namespace addon {

std::vector<MultiModalProcessor::PropertyDescriptor> MultiModalProcessor::Properties() {
  return {Bind<&MultiModalProcessor::Process>("process"), Bind<&MultiModalProcessor::Decode>("decode"),
          Bind<&MultiModalProcessor::CreateStream>("createStream"), Bind<&MultiModalProcessor::Dispose>("dispose")};
}

MultiModalProcessor::~MultiModalProcessor() {
  if (processor_) Reap(std::move(processor_));
}

Napi::Value MultiModalProcessor::CreateAsync(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&]() -> Napi::Value {
    const auto runtime = RuntimeOf(info.Env());
    const auto model = Model::From(info[0], "model").handle();
    return RunOnPool(
        info.Env(), [runtime, model] { return std::make_shared<oga::MultiModalProcessor>(runtime, model); },
        [](Napi::Env env, std::shared_ptr<oga::MultiModalProcessor>& made) -> Napi::Value {
          return Create(env, made);
        });
  });
}

const std::shared_ptr<oga::MultiModalProcessor>& MultiModalProcessor::processor() const {
  if (!processor_) throw oga::Error(oga::Code::kDisposed, "The MultiModalProcessor was disposed.");
  return processor_;
}

// process(prompts: string[], batch: boolean, images: Images | null, audios: Audios | null): Promise<NamedTensors>
Napi::Value MultiModalProcessor::Process(const Napi::CallbackInfo& info) {
  oga::ProcessRequest request;
  request.prompts = StringsArgument(info[0], "prompts");
  if (request.prompts.empty()) Refuse("prompts", "at least one");
  request.batch = BooleanArgument(info[1], "batch");
  if (!info[2].IsNull()) request.images = Images::From(info[2], "images").handle();
  if (!info[3].IsNull()) request.audios = Audios::From(info[3], "audios").handle();
  return RunOnPool(
      info.Env(), [self = processor(), request = std::move(request)] { return self->Process(request); },
      [](Napi::Env env, oga::Handle<OgaNamedTensors>& set) -> Napi::Value { return NamedTensors::Wrap(env, set); },
      queue_);
}

Napi::Value MultiModalProcessor::Decode(const Napi::CallbackInfo& info) {
  return RunOnPool(
      info.Env(), [self = processor(), tokens = TokensArgument(info[0], "tokens")] { return self->Decode(tokens); },
      [](Napi::Env env, std::string& text) -> Napi::Value { return Napi::String::New(env, text); }, queue_);
}

Napi::Value MultiModalProcessor::CreateStream(const Napi::CallbackInfo& info) {
  return TokenizerStream::Create(info.Env(), [stream = std::make_shared<oga::ProcessorStream>(processor())](
                                                 int32_t token) { return stream->Decode(token); });
}

Napi::Value MultiModalProcessor::Dispose(const Napi::CallbackInfo& info) {
  if (processor_) Reap(std::move(processor_));
  return info.Env().Undefined();
}

}  // namespace addon

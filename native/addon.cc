// The module's entry: environment data, classes, functions.

#include "napi/env_data.h"
#include "napi/errors.h"
#include "objects/adapters.h"
#include "objects/audios.h"
#include "objects/config.h"
#include "objects/engine.h"
#include "objects/engine_request.h"
#include "objects/generator.h"
#include "objects/generator_params.h"
#include "objects/images.h"
#include "objects/logging.h"
#include "objects/model.h"
#include "objects/mtp_generator.h"
#include "objects/multi_modal_processor.h"
#include "objects/named_tensors.h"
#include "objects/process_settings.h"
#include "objects/runtime.h"
#include "objects/scheduler.h"
#include "objects/streaming_processor.h"
#include "objects/tensor.h"
#include "objects/tokenizer.h"
#include "objects/tokenizer_stream.h"

namespace addon {

namespace {

Napi::Object Initialize(Napi::Env env, Napi::Object exports) {
  oga::PinThisModule();
  Guard(env, [&] { env.SetInstanceData(std::make_unique<EnvData>(env).release()); });
  Config::Register(env, exports);
  Model::Register(env, exports);
  Tokenizer::Register(env, exports);
  TokenizerStream::Register(env, exports);
  GeneratorParams::Register(env, exports);
  Generator::Register(env, exports);
  Tensor::Register(env, exports);
  NamedTensors::Register(env, exports);
  Adapters::Register(env, exports);
  Images::Register(env, exports);
  Audios::Register(env, exports);
  MultiModalProcessor::Register(env, exports);
  StreamingProcessor::Register(env, exports);
  MtpGenerator::Register(env, exports);
  Engine::Register(env, exports);
  EngineRequest::Register(env, exports);
  Scheduler::Register(env, exports);
  exports.Set("loadRuntime", Napi::Function::New(env, LoadRuntime));
  exports.Set("createConfig", Napi::Function::New(env, Config::CreateAsync));
  exports.Set("createModel", Napi::Function::New(env, Model::CreateAsync));
  exports.Set("createTokenizer", Napi::Function::New(env, Tokenizer::CreateAsync));
  exports.Set("createGeneratorParams", Napi::Function::New(env, GeneratorParams::CreateSync));
  exports.Set("createGenerator", Napi::Function::New(env, Generator::CreateAsync));
  exports.Set("createConfigFromPackage", Napi::Function::New(env, Config::CreateFromPackageAsync));
  exports.Set("createModelWithSettings", Napi::Function::New(env, Model::CreateWithSettingsAsync));
  exports.Set("createTokenizerFromConfig", Napi::Function::New(env, Tokenizer::CreateFromConfigAsync));
  exports.Set("createTokenizerFromFolder", Napi::Function::New(env, Tokenizer::CreateFromFolderAsync));
  exports.Set("listenToLog", Napi::Function::New(env, ListenToLog));
  exports.Set("closeLog", Napi::Function::New(env, CloseLog));
  exports.Set("changeLog", Napi::Function::New(env, ChangeLog));
  exports.Set("registerExecutionProviderLibrary", Napi::Function::New(env, RegisterExecutionProviderLibrary));
  exports.Set("unregisterExecutionProviderLibrary", Napi::Function::New(env, UnregisterExecutionProviderLibrary));
  exports.Set("hasRegisteredProviders", Napi::Function::New(env, HasRegisteredProviders));
  exports.Set("setGpuDevice", Napi::Function::New(env, SetGpuDevice));
  exports.Set("gpuDevice", Napi::Function::New(env, GpuDevice));
  exports.Set("setTelemetryEnabled", Napi::Function::New(env, SetTelemetryEnabled));
  exports.Set("createTensor", Napi::Function::New(env, Tensor::CreateSync));
  exports.Set("createNamedTensors", Napi::Function::New(env, NamedTensors::CreateSync));
  exports.Set("createAdapters", Napi::Function::New(env, Adapters::CreateSync));
  exports.Set("loadImages", Napi::Function::New(env, Images::CreateAsync));
  exports.Set("loadAudios", Napi::Function::New(env, Audios::CreateAsync));
  exports.Set("createMultiModalProcessor", Napi::Function::New(env, MultiModalProcessor::CreateAsync));
  exports.Set("createStreamingProcessor", Napi::Function::New(env, StreamingProcessor::CreateAsync));
  exports.Set("createMtpGenerator", Napi::Function::New(env, MtpGenerator::CreateAsync));
  exports.Set("createEngine", Napi::Function::New(env, Engine::CreateAsync));
  exports.Set("createScheduler", Napi::Function::New(env, Scheduler::CreateAsync));
  return exports;
}

NODE_API_MODULE(onnxruntime_genai_node, Initialize)

}  // namespace

}  // namespace addon

// The module's entry: environment data, classes, functions.

#include "napi/env_data.h"
#include "napi/errors.h"
#include "objects/config.h"
#include "objects/engine.h"
#include "objects/engine_request.h"
#include "objects/generator.h"
#include "objects/generator_params.h"
#include "objects/model.h"
#include "objects/runtime.h"
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
  Engine::Register(env, exports);
  EngineRequest::Register(env, exports);
  exports.Set("loadRuntime", Napi::Function::New(env, LoadRuntime));
  exports.Set("createConfig", Napi::Function::New(env, Config::CreateAsync));
  exports.Set("createModel", Napi::Function::New(env, Model::CreateAsync));
  exports.Set("createTokenizer", Napi::Function::New(env, Tokenizer::CreateAsync));
  exports.Set("createGeneratorParams", Napi::Function::New(env, GeneratorParams::CreateSync));
  exports.Set("createGenerator", Napi::Function::New(env, Generator::CreateAsync));
  exports.Set("createEngine", Napi::Function::New(env, Engine::CreateAsync));
  return exports;
}

NODE_API_MODULE(onnxruntime_genai_node, Initialize)

}  // namespace

}  // namespace addon

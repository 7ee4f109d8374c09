#include "generator_params.h"

#include "model.h"
#include "runtime.h"

namespace addon {

std::vector<GeneratorParams::PropertyDescriptor> GeneratorParams::Properties() {
  return {Bind<&GeneratorParams::SetSearchNumber>("setSearchNumber"),
          Bind<&GeneratorParams::SetSearchBool>("setSearchBool"),
          Bind<&GeneratorParams::GetSearchNumber>("getSearchNumber"),
          Bind<&GeneratorParams::GetSearchBool>("getSearchBool"),
          Bind<&GeneratorParams::SetSpeculativeNumber>("setSpeculativeNumber"),
          Bind<&GeneratorParams::SetSpeculativeBool>("setSpeculativeBool"),
          Bind<&GeneratorParams::GetSpeculativeNumber>("getSpeculativeNumber"),
          Bind<&GeneratorParams::GetSpeculativeBool>("getSpeculativeBool"),
          Bind<&GeneratorParams::SetGuidance>("setGuidance"),
          Bind<&GeneratorParams::Dispose>("dispose")};
}

Napi::Value GeneratorParams::CreateSync(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&]() -> Napi::Value {
    const auto& runtime = RuntimeOf(info.Env());
    const auto& model = Model::From(info[0], "model").handle();
    return Create(info.Env(), oga::Make<OgaGeneratorParams>(
                                  runtime, &oga::Api::OgaDestroyGeneratorParams, [&](OgaGeneratorParams** out) {
                                    return runtime->api().OgaCreateGeneratorParams(model.get(), out);
                                  }));
  });
}

const oga::Handle<OgaGeneratorParams>& GeneratorParams::handle() const {
  if (!handle_) throw oga::Error(oga::Code::kDisposed, "The GeneratorParams were disposed.");
  return handle_;
}

Napi::Value GeneratorParams::SetSearchNumber(const Napi::CallbackInfo& info) {
  const oga::Api& api = RuntimeOf(info.Env())->api();
  const std::string name = StringArgument(info[0], "name");
  const double value = NumberArgument(info[1], "value");
  oga::Check(api, api.OgaGeneratorParamsSetSearchNumber(handle().get(), name.c_str(), value),
             oga::Code::kInvalidArgument);
  return info.Env().Undefined();
}

Napi::Value GeneratorParams::SetSearchBool(const Napi::CallbackInfo& info) {
  const oga::Api& api = RuntimeOf(info.Env())->api();
  const std::string name = StringArgument(info[0], "name");
  const bool value = BooleanArgument(info[1], "value");
  oga::Check(api, api.OgaGeneratorParamsSetSearchBool(handle().get(), name.c_str(), value),
             oga::Code::kInvalidArgument);
  return info.Env().Undefined();
}

Napi::Value GeneratorParams::GetSearchNumber(const Napi::CallbackInfo& info) {
  const oga::Api& api = RuntimeOf(info.Env())->api();
  double value = 0;
  oga::Check(api,
             api.OgaGeneratorParamsGetSearchNumber(handle().get(), StringArgument(info[0], "name").c_str(), &value),
             oga::Code::kInvalidArgument);
  return Napi::Number::New(info.Env(), value);
}

Napi::Value GeneratorParams::GetSearchBool(const Napi::CallbackInfo& info) {
  const oga::Api& api = RuntimeOf(info.Env())->api();
  bool value = false;
  oga::Check(api, api.OgaGeneratorParamsGetSearchBool(handle().get(), StringArgument(info[0], "name").c_str(), &value),
             oga::Code::kInvalidArgument);
  return Napi::Boolean::New(info.Env(), value);
}

Napi::Value GeneratorParams::SetSpeculativeNumber(const Napi::CallbackInfo& info) {
  const oga::Api& api = RuntimeOf(info.Env())->api();
  const std::string name = StringArgument(info[0], "name");
  const double value = NumberArgument(info[1], "value");
  const auto set = OGA_OPTIONAL(api, OgaGeneratorParamsSetSpeculativeNumber);
  oga::Check(api, set(handle().get(), name.c_str(), value), oga::Code::kInvalidArgument);
  return info.Env().Undefined();
}

Napi::Value GeneratorParams::SetSpeculativeBool(const Napi::CallbackInfo& info) {
  const oga::Api& api = RuntimeOf(info.Env())->api();
  const std::string name = StringArgument(info[0], "name");
  const bool value = BooleanArgument(info[1], "value");
  const auto set = OGA_OPTIONAL(api, OgaGeneratorParamsSetSpeculativeBool);
  oga::Check(api, set(handle().get(), name.c_str(), value), oga::Code::kInvalidArgument);
  return info.Env().Undefined();
}

Napi::Value GeneratorParams::GetSpeculativeNumber(const Napi::CallbackInfo& info) {
  const oga::Api& api = RuntimeOf(info.Env())->api();
  const std::string name = StringArgument(info[0], "name");
  const auto get = OGA_OPTIONAL(api, OgaGeneratorParamsGetSpeculativeNumber);
  double value = 0;
  oga::Check(api, get(handle().get(), name.c_str(), &value), oga::Code::kInvalidArgument);
  return Napi::Number::New(info.Env(), value);
}

Napi::Value GeneratorParams::GetSpeculativeBool(const Napi::CallbackInfo& info) {
  const oga::Api& api = RuntimeOf(info.Env())->api();
  const std::string name = StringArgument(info[0], "name");
  const auto get = OGA_OPTIONAL(api, OgaGeneratorParamsGetSpeculativeBool);
  bool value = false;
  oga::Check(api, get(handle().get(), name.c_str(), &value), oga::Code::kInvalidArgument);
  return Napi::Boolean::New(info.Env(), value);
}

// setGuidance(type, data, enableFfTokens); the library looks at the type and the grammar when a generator is made.
Napi::Value GeneratorParams::SetGuidance(const Napi::CallbackInfo& info) {
  const oga::Api& api = RuntimeOf(info.Env())->api();
  const std::string type = StringArgument(info[0], "type");
  const std::string data = StringArgument(info[1], "data");
  const bool enable_ff_tokens = BooleanArgument(info[2], "enableFfTokens");
  const auto set = OGA_OPTIONAL(api, OgaGeneratorParamsSetGuidance);
  oga::Check(api, set(handle().get(), type.c_str(), data.c_str(), enable_ff_tokens), oga::Code::kInvalidArgument);
  return info.Env().Undefined();
}

Napi::Value GeneratorParams::Dispose(const Napi::CallbackInfo& info) {
  handle_.reset();
  return info.Env().Undefined();
}

}  // namespace addon

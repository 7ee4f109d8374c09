// Generator: what goes in and comes out as a tensor.
#include "generator.h"
#include "tensor.h"

namespace oga {

Logits Generator::GetLogits() {
  RestoreLogits();
  const auto tensor = Make<OgaTensor>(runtime_, &Api::OgaDestroyTensor, [&](OgaTensor** out) {
    return api().OgaGenerator_GetLogits(handle_.get(), out);
  });
  const TensorView view = ViewTensor(api(), tensor.get());
  const auto* values = static_cast<const float*>(view.data);
  const size_t count = view.bytes / sizeof(float);
  has_logits_ = true;
  last_token_has_run_ = true;
  return {{values, values + count}, view.shape};
}

void Generator::SetLogits(std::vector<float> values) {
  if (!has_logits_ || stale_logits_ || !kept_.empty()) GetLogits();  // the library replaces only what it has computed
  const int64_t shape[1] = {static_cast<int64_t>(values.size())};
  const auto tensor = Make<OgaTensor>(runtime_, &Api::OgaDestroyTensor, [&](OgaTensor** out) {
    return api().OgaCreateTensorFromBuffer(values.data(), shape, 1, kOgaFloat32, out);
  });
  Check(api(), api().OgaGenerator_SetLogits(handle_.get(), tensor.get()), Code::kInvalidArgument);
}

void Generator::SetModelInput(const std::string& name, const TensorView& tensor) {
  const auto set = OGA_OPTIONAL(api(), OgaGenerator_SetModelInput);
  const auto copy = CopyTensor(runtime_, tensor);
  Check(api(), set(handle_.get(), name.c_str(), copy.get()), Code::kInvalidArgument);
}

void Generator::SetHiddenStates(const TensorView& hidden_states) {
  const auto set = OGA_OPTIONAL(api(), OgaGenerator_SetHiddenStates);
  const auto copy = CopyTensor(runtime_, hidden_states);
  Check(api(), set(handle_.get(), copy.get()), Code::kInvalidArgument);
}

Handle<OgaTensor> Generator::GetInput(const std::string& name) const {
  DemandNamesChecked(name, false);
  DemandRunning();
  const auto get = OGA_OPTIONAL(api(), OgaGenerator_GetInput);
  return Make<OgaTensor>(
      runtime_, &Api::OgaDestroyTensor, [&](OgaTensor** out) { return get(handle_.get(), name.c_str(), out); },
      Code::kInvalidArgument);
}

Handle<OgaTensor> Generator::GetOutput(const std::string& name) const {
  DemandNamesChecked(name, name == "logits");
  DemandRunning();
  const auto get = OGA_OPTIONAL(api(), OgaGenerator_GetOutput);
  return Make<OgaTensor>(
      runtime_, &Api::OgaDestroyTensor, [&](OgaTensor** out) { return get(handle_.get(), name.c_str(), out); },
      Code::kInvalidArgument);
}

// Before 0.16 a name that the model does not have crashes the process.
void Generator::DemandNamesChecked(const std::string& name, bool certain) const {
  if (certain || api().OgaEngineRun != nullptr) return;
  throw Error(Code::kUnsupportedByLibrary,
              "Reading the tensor \"" + name + "\" of a generator needs onnxruntime-genai 0.16 or newer.");
}

}  // namespace oga

// Generator: what goes in and comes out as a tensor.
#include "generator.h"

namespace oga {

Logits Generator::GetLogits() {
  RestoreLogits();
  const auto tensor = Make<OgaTensor>(runtime_, &Api::OgaDestroyTensor, [&](OgaTensor** out) {
    return api().OgaGenerator_GetLogits(handle_.get(), out);
  });
  size_t rank = 0;
  Check(api(), api().OgaTensorGetShapeRank(tensor.get(), &rank));
  Logits logits;
  logits.shape.resize(rank);
  Check(api(), api().OgaTensorGetShape(tensor.get(), logits.shape.data(), rank));
  size_t count = 1;
  for (const int64_t dimension : logits.shape) count *= static_cast<size_t>(dimension);
  void* data = nullptr;
  Check(api(), api().OgaTensorGetData(tensor.get(), &data));
  const auto* values = static_cast<const float*>(data);
  logits.values.assign(values, values + count);
  has_logits_ = true;
  return logits;
}

void Generator::SetLogits(std::vector<float> values) {
  if (!has_logits_ || stale_logits_ || !kept_.empty()) GetLogits();  // the library replaces only what it has computed
  const int64_t shape[1] = {static_cast<int64_t>(values.size())};
  const auto tensor = Make<OgaTensor>(runtime_, &Api::OgaDestroyTensor, [&](OgaTensor** out) {
    return api().OgaCreateTensorFromBuffer(values.data(), shape, 1, kOgaFloat32, out);
  });
  Check(api(), api().OgaGenerator_SetLogits(handle_.get(), tensor.get()), Code::kInvalidArgument);
}

}  // namespace oga

#include "ort.h"

#include <cstring>

namespace batching {

namespace {

constexpr int kFailCode = 1;

void Demand(bool passed) {
  if (!passed) throw Failure("the function table of ONNX Runtime is not in the order that is known");
}

// A status, a tensor and its shape, there and back.
void Try(const OrtApi& api) {
  OrtStatus* const status = api.CreateStatus(kFailCode, "trial");
  Demand(status != nullptr && api.GetErrorCode(status) == kFailCode &&
         std::strcmp(api.GetErrorMessage(status), "trial") == 0);
  api.ReleaseStatus(status);

  const auto memory = MakeOrt<OrtMemoryInfo>(api, api.ReleaseMemoryInfo,
                                             [&](OrtMemoryInfo** out) { return api.CreateCpuMemoryInfo(0, 0, out); });
  int64_t data[6] = {};
  const int64_t shape[2] = {2, 3};
  const auto value = MakeOrt<OrtValue>(api, api.ReleaseValue, [&](OrtValue** out) {
    return api.CreateTensorWithDataAsOrtValue(memory.get(), data, sizeof data, shape, 2, kInt64, out);
  });
  const auto info = MakeOrt<OrtTensorTypeAndShapeInfo>(
      api, api.ReleaseTensorTypeAndShapeInfo,
      [&](OrtTensorTypeAndShapeInfo** out) { return api.GetTensorTypeAndShape(value.get(), out); });
  int type = 0;
  size_t rank = 0;
  int64_t dimensions[2] = {};
  Check(api, api.GetTensorElementType(info.get(), &type));
  Check(api, api.GetDimensionsCount(info.get(), &rank));
  Demand(type == kInt64 && rank == 2);
  Check(api, api.GetDimensions(info.get(), dimensions, rank));
  Demand(dimensions[0] == 2 && dimensions[1] == 3);
}

}  // namespace

OrtApi ResolveOrtApi(const void* const* table) {
  OrtApi api{};
#define ORT(slot, name, result, parameters) \
  api.name = reinterpret_cast<decltype(api.name)>(const_cast<void*>(table[slot]));
#include "ort_functions.def"
#undef ORT
  Try(api);
  return api;
}

void Check(const OrtApi& api, OrtStatus* status) {
  if (status == nullptr) return;
  const std::string message = api.GetErrorMessage(status);
  api.ReleaseStatus(status);
  throw Failure(message);
}

}  // namespace batching

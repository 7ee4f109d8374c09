#include "tensor.h"

#include <cstring>
#include <limits>

#include "strings.h"

namespace oga {

namespace {

// Bytes of a whole tensor; the library multiplies without looking.
size_t ByteCount(size_t element_size, const std::vector<int64_t>& shape) {
  constexpr auto kMost = static_cast<size_t>(std::numeric_limits<int64_t>::max());
  size_t bytes = element_size;
  for (const int64_t dimension : shape) {
    if (dimension < 0) throw Error(Code::kInvalidArgument, "shape must not hold negative numbers.");
    const auto count = static_cast<size_t>(dimension);
    if (count != 0 && bytes > kMost / count) throw Error(Code::kOutOfMemory, "A tensor of this shape is too large.");
    bytes *= count;
  }
  return bytes;
}

// What it holds is undefined.
Handle<OgaTensor> AllocateTensor(const RuntimePtr& runtime, int type, const std::vector<int64_t>& shape) {
  const size_t element_size = ElementSize(type);
  if (element_size == 0) throw Error(Code::kInvalidArgument, "type must be one that a tensor can have.");
  ByteCount(element_size, shape);  // throws
  return Make<OgaTensor>(
      runtime, &Api::OgaDestroyTensor,
      [&](OgaTensor** out) {
        return runtime->api().OgaCreateTensorFromBuffer(nullptr, shape.data(), shape.size(),
                                                        static_cast<OgaElementType>(type), out);
      },
      Code::kOutOfMemory);  // what else it refuses has been refused above
}

}  // namespace

size_t ElementSize(int type) {
  switch (type) {
    case kOgaUint8:
    case kOgaInt8:
    case kOgaBool:
      return 1;
    case kOgaUint16:
    case kOgaInt16:
    case kOgaFloat16:
    case kOgaBfloat16:
      return 2;
    case kOgaFloat32:
    case kOgaInt32:
    case kOgaUint32:
      return 4;
    case kOgaInt64:
    case kOgaFloat64:
    case kOgaUint64:
      return 8;
    default:
      return 0;
  }
}

Handle<OgaTensor> CreateTensor(const RuntimePtr& runtime, int type, const std::vector<int64_t>& shape) {
  auto tensor = AllocateTensor(runtime, type, shape);
  const TensorView view = ViewTensor(runtime->api(), tensor.get());
  if (view.bytes > 0) std::memset(view.data, 0, view.bytes);
  return tensor;
}

TensorView ViewTensor(const Api& api, OgaTensor* tensor) {
  TensorView view;
  Check(api, api.OgaTensorGetType(tensor, &view.type));
  size_t rank = 0;
  Check(api, api.OgaTensorGetShapeRank(tensor, &rank));
  view.shape.resize(rank);
  Check(api, api.OgaTensorGetShape(tensor, view.shape.data(), rank));
  view.bytes = ByteCount(ElementSize(view.type), view.shape);
  if (view.bytes > 0) Check(api, api.OgaTensorGetData(tensor, &view.data));
  return view;
}

Handle<OgaNamedTensors> CreateNamedTensors(const RuntimePtr& runtime) {
  return Make<OgaNamedTensors>(runtime, &Api::OgaDestroyNamedTensors, [&](OgaNamedTensors** out) {
    return OGA_OPTIONAL(runtime->api(), OgaCreateNamedTensors)(out);
  });
}

Handle<OgaTensor> GetNamedTensor(const RuntimePtr& runtime, OgaNamedTensors* set, const std::string& name) {
  OgaTensor* tensor = nullptr;
  Check(runtime->api(), OGA_OPTIONAL(runtime->api(), OgaNamedTensorsGet)(set, name.c_str(), &tensor));
  return tensor != nullptr ? Adopt(runtime, tensor, &Api::OgaDestroyTensor) : nullptr;
}

void SetNamedTensor(const Api& api, OgaNamedTensors* set, const std::string& name, OgaTensor* tensor) {
  Check(api, OGA_OPTIONAL(api, OgaNamedTensorsSet)(set, name.c_str(), tensor));
}

void DeleteNamedTensor(const Api& api, OgaNamedTensors* set, const std::string& name) {
  Check(api, OGA_OPTIONAL(api, OgaNamedTensorsDelete)(set, name.c_str()));
}

std::vector<std::string> NamesOf(const RuntimePtr& runtime, const OgaNamedTensors* set) {
  const auto array = Make<OgaStringArray>(runtime, &Api::OgaDestroyStringArray, [&](OgaStringArray** out) {
    return OGA_OPTIONAL(runtime->api(), OgaNamedTensorsGetNames)(set, out);
  });
  return ReadStrings(runtime->api(), array.get());
}

NamedViews ViewNamedTensors(const RuntimePtr& runtime, OgaNamedTensors* set) {
  NamedViews views{CreateNamedTensors(runtime), {}};
  for (const std::string& name : NamesOf(runtime, set)) {
    const auto tensor = GetNamedTensor(runtime, set, name);
    SetNamedTensor(runtime->api(), views.set.get(), name, tensor.get());
    views.views.emplace_back(name, ViewTensor(runtime->api(), tensor.get()));
  }
  return views;
}

Handle<OgaTensor> CopyTensor(const RuntimePtr& runtime, const TensorView& view) {
  auto tensor = AllocateTensor(runtime, view.type, view.shape);
  if (view.bytes > 0) std::memcpy(ViewTensor(runtime->api(), tensor.get()).data, view.data, view.bytes);
  return tensor;
}

Handle<OgaNamedTensors> CopyNamedTensors(const RuntimePtr& runtime, const NamedViews& views) {
  auto copy = CreateNamedTensors(runtime);
  for (const auto& [name, view] : views.views) {
    SetNamedTensor(runtime->api(), copy.get(), name, CopyTensor(runtime, view).get());
  }
  return copy;
}

}  // namespace oga

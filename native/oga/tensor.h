// OgaTensor and OgaNamedTensors: numbers of one type with a shape, and a set of them by name. Plain C++, no Node-API.
//
// A tensor's memory always belongs to the library, never to JS: whoever shares the tensor (a set, an ArrayBuffer) keeps
// it, and nothing that JS does to a buffer can pull it away under a running model.
//
// Threads: one at a time may use and drop the handles of a tensor (the JS thread), for the library counts references
// without a lock. It does not guard a set either; what another thread is to read are views (ViewNamedTensors).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "handle.h"

namespace oga {

// What a tensor is, and where its numbers are: valid as long as the handle.
struct TensorView {
  OgaElementType type = kOgaFloat32;
  std::vector<int64_t> shape;
  void* data = nullptr;  // CPU memory
  size_t bytes = 0;
};

// Bytes of one element; 0 for a type that no tensor can have.
size_t ElementSize(int type);

// A tensor of its own memory, filled with zeros. Throws kInvalidArgument (a type that cannot be, a negative or too
// large shape), kOutOfMemory.
Handle<OgaTensor> CreateTensor(const RuntimePtr& runtime, int type, const std::vector<int64_t>& shape);

TensorView ViewTensor(const Api& api, OgaTensor* tensor);

Handle<OgaNamedTensors> CreateNamedTensors(const RuntimePtr& runtime);

// Null when there is none of this name. The tensor is shared, not copied.
Handle<OgaTensor> GetNamedTensor(const RuntimePtr& runtime, OgaNamedTensors* set, const std::string& name);

void SetNamedTensor(const Api& api, OgaNamedTensors* set, const std::string& name, OgaTensor* tensor);
void DeleteNamedTensor(const Api& api, OgaNamedTensors* set, const std::string& name);  // no error when there is none
std::vector<std::string> NamesOf(const RuntimePtr& runtime, const OgaNamedTensors* set);

// The tensors of a set as they are now, to be read by another thread: `set` shares and keeps them.
struct NamedViews {
  Handle<OgaNamedTensors> set;
  std::vector<std::pair<std::string, TensorView>> views;
};
NamedViews ViewNamedTensors(const RuntimePtr& runtime, OgaNamedTensors* set);

// Copies, numbers and all. A generator gets these only: some models take the memory out of the tensors that they are
// given (Whisper its audio_features, seen on 0.18.0), under whoever still reads them.
Handle<OgaTensor> CopyTensor(const RuntimePtr& runtime, const TensorView& view);
Handle<OgaNamedTensors> CopyNamedTensors(const RuntimePtr& runtime, const NamedViews& views);

}  // namespace oga

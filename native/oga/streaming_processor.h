// OgaStreamingProcessor: live audio, piece by piece -> the inputs of a speech model. Plain C++, no Node-API.
//
// Any thread may call any method; calls take turns.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "handle.h"

namespace oga {

class StreamingProcessor {
 public:
  // Throws kInvalidArgument: the model takes no live audio.
  StreamingProcessor(const RuntimePtr& runtime, const Handle<OgaModel>& model);

  // Mono float32 at the model's sample rate. Null: more audio is needed, or it was silence.
  Handle<OgaNamedTensors> Process(const std::vector<float>& samples);
  Handle<OgaNamedTensors> Flush();  // null: nothing is left

  void SetOption(const std::string& key, const std::string& value);  // throws kInvalidArgument
  std::string GetOption(const std::string& key);                     // throws kInvalidArgument

 private:
  const Api& api() const { return runtime_->api(); }
  Handle<OgaNamedTensors> AdoptOrNull(OgaNamedTensors* tensors) const;

  RuntimePtr runtime_;
  Handle<OgaModel> model_;
  Handle<OgaStreamingProcessor> handle_;
  std::mutex mutex_;
};

}  // namespace oga

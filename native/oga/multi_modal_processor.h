// OgaMultiModalProcessor: prompts, images and audio -> the inputs of a model. Plain C++, no Node-API.
//
// Any thread may call any method; calls take turns, for the tokenizer inside is one object. (Its streams are not bound
// to the turn: from 0.16 on the library copes, see tokenizer.h; before, they wait as well.)
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "handle.h"

namespace oga {

struct ProcessRequest {
  std::vector<std::string> prompts;
  bool batch = false;  // the prompts are a list, even if of one
  Handle<OgaImages> images;
  Handle<OgaAudios> audios;
};

class MultiModalProcessor {
 public:
  // Reads the tokenizer and the processor files; slow. Throws kInvalidArgument: a model for text only, a file missing.
  MultiModalProcessor(const RuntimePtr& runtime, const Handle<OgaModel>& model);

  // Decodes and scales the media; slow. Throws kInvalidArgument: media that cannot be decoded, or that do not fit the
  // prompt.
  Handle<OgaNamedTensors> Process(const ProcessRequest& request) const;

  std::string Decode(const std::vector<int32_t>& tokens) const;

 private:
  friend class ProcessorStream;
  const Api& api() const { return runtime_->api(); }
  OgaResult* ProcessOne(const ProcessRequest& request, OgaNamedTensors** out) const;
  OgaResult* ProcessBatch(const ProcessRequest& request, OgaNamedTensors** out) const;

  RuntimePtr runtime_;
  Handle<OgaModel> model_;
  Handle<OgaMultiModalProcessor> handle_;
  mutable std::mutex mutex_;
};

// Token ids -> text, piece by piece. One reader.
class ProcessorStream {
 public:
  explicit ProcessorStream(std::shared_ptr<const MultiModalProcessor> processor);
  std::string Decode(int32_t token);

 private:
  std::shared_ptr<const MultiModalProcessor> processor_;
  Handle<OgaTokenizerStream> handle_;
};

}  // namespace oga

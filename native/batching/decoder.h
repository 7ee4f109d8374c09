// A model of the official builder, run by ONNX Runtime itself on rows of keys and values. Plain C++, knows neither
// genai nor Node-API.
//
// What makes it possible (GroupQueryAttention on the CPU): one buffer is bound as past and as present, the width of the
// attention mask is what counts as length, and rows of different lengths run in one step. Several rows together take
// one token each, or their whole prompts from nothing; a part of a prompt runs alone. One thread, but for Terminate.
#pragma once

#include <string>
#include <vector>

#include "kv_rows.h"
#include "ort.h"

namespace batching {

// From genai_config.json; names of keys and values hold one %d.
struct DecoderSpec {
  std::string path;  // of the ONNX file, absolute, UTF-8
  int threads = 0;   // 0: as many as there are cores
  size_t layers = 0;
  size_t kv_heads = 0;
  size_t head_size = 0;
  size_t vocab_size = 0;
  std::string input_ids;
  std::string attention_mask;
  std::string past_key;
  std::string past_value;
  std::string logits;
  std::string present_key;
  std::string present_value;
};

struct DecoderLimits {
  size_t rows = 0;
  size_t capacity = 0;  // tokens of a row
  size_t chunk = 0;     // tokens of one Prefill, padding included
};

// A prompt, or a part of one.
struct PrefillRow {
  const int32_t* tokens;
  size_t count;
};

class Decoder {
 public:
  // Throws Failure, with the reason, for a model that does not fit.
  Decoder(const OrtApi& api, const DecoderSpec& spec, const DecoderLimits& limits);

  const DecoderLimits& limits() const { return limits_; }
  size_t vocab_size() const { return spec_.vocab_size; }
  KvRows& kv() { return *kv_; }
  const KvRows& kv() const { return *kv_; }
  // Whether prompts of different lengths may be read together.
  bool can_pad() const { return !last_logits_only_; }

  // These throw Failure when the run failed; what the rows hold beyond their lengths is undefined then.

  // Whole prompts from nothing, into the rows from `first` on; rows times the longest is within `chunk`. `Logits(i)`
  // are those after the last token of the i-th.
  void PrefillTogether(size_t first, const std::vector<PrefillRow>& prompts);
  // More tokens for a row that holds `past`. `Logits(0)` are those after the last one.
  void Prefill(size_t row, const PrefillRow& part, size_t past);
  // One token more for each of the rows 0 .. tokens.size() - 1, which hold `lengths`. `Logits(i)` are those of row i.
  void Decode(const std::vector<int32_t>& tokens, const std::vector<size_t>& lengths);

  // Until the next run. May be changed.
  float* Logits(size_t i) { return logits_.data() + logits_at_[i] * spec_.vocab_size; }

  // Any thread: a run in progress ends soon, and every later one at once, with Failure.
  void Terminate();

 private:
  struct Rows {
    size_t first;
    size_t count;
    size_t width;  // tokens of each, padded
    size_t total;  // width of the mask
    OrtHandle<OrtIoBinding>& binding;
    size_t* bound_first;  // what its keys and values are bound to
    size_t* bound_count;
  };
  void Inspect();
  void Bind(const Rows& rows);
  void Run(const Rows& rows);
  OrtHandle<OrtValue> Tensor(void* data, size_t bytes, const std::vector<int64_t>& shape, int type) const;

  OrtApi api_;
  DecoderSpec spec_;
  DecoderLimits limits_;
  OrtHandle<OrtEnv> env_;
  OrtHandle<OrtSession> session_;
  OrtHandle<OrtMemoryInfo> memory_;
  OrtHandle<OrtRunOptions> run_options_;
  int kv_type_ = kFloat32;
  bool last_logits_only_ = false;
  std::unique_ptr<KvRows> kv_;
  std::vector<std::string> past_names_;     // in the order of the buffers
  std::vector<std::string> present_names_;  // in the order of the buffers
  OrtHandle<OrtIoBinding> alone_;           // of prompts
  OrtHandle<OrtIoBinding> together_;        // of decoding
  size_t bound_[4] = {SIZE_MAX, 0, SIZE_MAX, 0};
  std::vector<int64_t> ids_;
  std::vector<int64_t> mask_;
  std::vector<float> logits_;
  std::vector<size_t> logits_at_;
};

}  // namespace batching

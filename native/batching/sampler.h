// Chooses the next token of one sequence from its logits. Plain C++, knows neither genai nor Node-API.
//
// Order: logit bias, penalties, end-of-sequence tokens while there are too few, temperature, top k, top p, min p, the
// draw. With a seed the draw depends on the seed and on how many were drawn before, and on nothing else: neighbours and
// the size of the batch change nothing. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace batching {

struct SamplingSettings {
  bool do_sample = false;  // else the most likely token, the first of those
  float temperature = 1;   // > 0
  int32_t top_k = 0;       // 0: all
  float top_p = 1;         // 1: all
  float min_p = 0;         // of the probability of the most likely token; 0: all
  float repetition_penalty =
      1;  // of every token of prompt and answer: positive logits are divided by it, others times it
  float presence_penalty = 0;                         // taken from the logit of every token of the answer
  float frequency_penalty = 0;                        // the same, for each time that it occurs
  std::vector<std::pair<int32_t, float>> logit_bias;  // added
  size_t min_new_tokens = 0;
  std::optional<uint64_t> seed;
};

class Sampler {
 public:
  // `end_tokens`: not chosen before min_new_tokens.
  Sampler(SamplingSettings settings, const std::vector<int32_t>& prompt, std::vector<int32_t> end_tokens);

  // Changes the logits. -1 when there is nothing to choose from: NaN, or none that is finite.
  int32_t Next(float* logits, size_t vocab_size);

 private:
  struct Candidate {
    float logit;
    int32_t token;
  };
  void Adjust(float* logits, size_t vocab_size) const;
  int32_t Draw(const float* logits, size_t vocab_size, float largest);
  double NextRandom();

  SamplingSettings settings_;
  std::vector<int32_t> end_tokens_;
  std::vector<int32_t> seen_;                       // each once; only with a repetition penalty
  std::unordered_map<int32_t, uint32_t> answered_;  // how often; only with a penalty
  size_t generated_ = 0;
  uint64_t random_state_;
  std::vector<Candidate> candidates_;
};

}  // namespace batching

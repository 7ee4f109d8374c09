#include "sampler.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

namespace batching {

namespace {

constexpr float kNever = -std::numeric_limits<float>::infinity();
// Less likely than this against the most likely token: never drawn, so that not all of the vocabulary need be sorted.
constexpr float kNegligible = 1e-10F;

uint64_t RandomSeed() {
  std::random_device device;
  return (static_cast<uint64_t>(device()) << 32U) | device();
}

}  // namespace

Sampler::Sampler(SamplingSettings settings, const std::vector<int32_t>& prompt, std::vector<int32_t> end_tokens)
    : settings_(std::move(settings)),
      end_tokens_(std::move(end_tokens)),
      random_state_(settings_.seed ? *settings_.seed : RandomSeed()) {
  if (settings_.repetition_penalty == 1) return;
  seen_ = prompt;
  std::sort(seen_.begin(), seen_.end());
  seen_.erase(std::unique(seen_.begin(), seen_.end()), seen_.end());
}

int32_t Sampler::Next(float* logits, size_t vocab_size) {
  Adjust(logits, vocab_size);
  const float* const best = std::max_element(logits, logits + vocab_size);  // the first of equals, as upstream
  if (!std::isfinite(*best)) return -1;
  for (size_t i = 0; i < vocab_size; ++i) {
    if (std::isnan(logits[i])) return -1;
  }
  const int32_t token = settings_.do_sample ? Draw(logits, vocab_size, *best) : static_cast<int32_t>(best - logits);
  ++generated_;
  if (settings_.presence_penalty != 0 || settings_.frequency_penalty != 0) ++answered_[token];
  if (settings_.repetition_penalty != 1) {
    const auto place = std::lower_bound(seen_.begin(), seen_.end(), token);
    if (place == seen_.end() || *place != token) seen_.insert(place, token);
  }
  return token;
}

void Sampler::Adjust(float* logits, size_t vocab_size) const {
  for (const auto& [token, bias] : settings_.logit_bias) logits[token] += bias;
  for (const int32_t token : seen_) {
    float& logit = logits[token];
    logit = logit < 0 ? logit * settings_.repetition_penalty : logit / settings_.repetition_penalty;
  }
  for (const auto& [token, count] : answered_) {
    logits[token] -= settings_.presence_penalty + settings_.frequency_penalty * static_cast<float>(count);
  }
  if (generated_ >= settings_.min_new_tokens) return;
  for (const int32_t token : end_tokens_) {
    if (static_cast<size_t>(token) < vocab_size) logits[token] = kNever;
  }
}

int32_t Sampler::Draw(const float* logits, size_t vocab_size, float largest) {
  const float temperature = settings_.temperature;
  const float least = largest + temperature * std::log(kNegligible);
  candidates_.clear();
  for (size_t i = 0; i < vocab_size; ++i) {
    if (logits[i] >= least) candidates_.push_back({logits[i], static_cast<int32_t>(i)});
  }
  const auto by_logit = [](const Candidate& a, const Candidate& b) {
    return a.logit != b.logit ? a.logit > b.logit : a.token < b.token;
  };
  const auto k = static_cast<size_t>(settings_.top_k);
  if (k > 0 && k < candidates_.size()) {
    std::nth_element(candidates_.begin(), candidates_.begin() + static_cast<std::ptrdiff_t>(k), candidates_.end(),
                     by_logit);
    candidates_.resize(k);
  }
  std::sort(candidates_.begin(), candidates_.end(), by_logit);
  // From here on `logit` is the weight.
  double sum = 0;
  for (Candidate& candidate : candidates_) {
    candidate.logit = std::exp((candidate.logit - largest) / temperature);
    sum += candidate.logit;
  }
  if (settings_.top_p < 1) {
    const double enough = settings_.top_p * sum;
    double upto = 0;
    size_t kept = 0;
    while (kept < candidates_.size() && (kept == 0 || upto < enough)) upto += candidates_[kept++].logit;
    candidates_.resize(kept);
    sum = upto;
  }
  while (candidates_.size() > 1 && candidates_.back().logit < settings_.min_p) {  // the first one weighs 1
    sum -= candidates_.back().logit;
    candidates_.pop_back();
  }
  double left = NextRandom() * sum;
  for (const Candidate& candidate : candidates_) {
    left -= candidate.logit;
    if (left < 0) return candidate.token;
  }
  return candidates_.back().token;
}

// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014). 0 .. 1, without 1.
double Sampler::NextRandom() {
  random_state_ += 0x9e3779b97f4a7c15;
  uint64_t bits = random_state_;
  bits = (bits ^ (bits >> 30U)) * 0xbf58476d1ce4e5b9;
  bits = (bits ^ (bits >> 27U)) * 0x94d049bb133111eb;
  bits ^= bits >> 31U;
  return static_cast<double>(bits >> 11U) * 0x1p-53;
}

}  // namespace batching

#include "speculative_stats.h"

namespace addon {

Napi::Object SpeculativeStatsToJs(Napi::Env env, const oga::SpeculativeStats& stats) {
  auto numbers = Napi::Object::New(env);
  for (const auto& [name, value] : stats.numbers) numbers.Set(name, Napi::Number::New(env, value));
  auto lengths = Napi::Array::New(env, stats.accepted_lengths.size());
  for (uint32_t i = 0; i < stats.accepted_lengths.size(); ++i) {
    lengths.Set(i, Napi::Number::New(env, stats.accepted_lengths[i]));
  }
  auto result = Napi::Object::New(env);
  result.Set("numbers", numbers);
  result.Set("formulaSupported", Napi::Boolean::New(env, stats.formula_supported));
  result.Set("acceptedLengths", lengths);
  return result;
}

}  // namespace addon

#include "speculative_stats.h"

namespace addon {

Napi::Object SpeculativeStatsToJs(Napi::Env env, const oga::SpeculativeStats& stats) {
  auto result = Napi::Object::New(env);
  for (const auto& [name, value] : stats.numbers) result.Set(name, Napi::Number::New(env, value));
  result.Set("formula_supported", Napi::Boolean::New(env, stats.formula_supported));
  auto lengths = Napi::Array::New(env, stats.accepted_lengths.size());
  for (uint32_t i = 0; i < stats.accepted_lengths.size(); ++i) {
    lengths.Set(i, Napi::Number::New(env, stats.accepted_lengths[i]));
  }
  result.Set("accepted_lengths", lengths);
  return result;
}

}  // namespace addon

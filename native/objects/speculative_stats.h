// SpeculativeStats -> a plain JS object. JS thread only.
#pragma once

#include "../napi/setup.h"
#include "../oga/speculative_stats.h"

namespace addon {

// { numbers: { [name of the library]: number }, formulaSupported: boolean, acceptedLengths: number[] }
Napi::Object SpeculativeStatsToJs(Napi::Env env, const oga::SpeculativeStats& stats);

}  // namespace addon

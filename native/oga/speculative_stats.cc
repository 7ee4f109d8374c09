#include "speculative_stats.h"

namespace oga {

namespace {

// The same in 0.16.0, 0.17.1 and 0.18.0.
constexpr const char* kCounts[] = {"rounds",
                                   "completed_rounds",
                                   "interrupted_rounds",
                                   "active_rounds",
                                   "draft_tokens_proposed",
                                   "draft_tokens_evaluated",
                                   "draft_tokens_accepted",
                                   "correction_tokens",
                                   "bonus_tokens",
                                   "tokens_queued",
                                   "tokens_emitted",
                                   "tokens_discarded",
                                   "tokens_buffered",
                                   "draft_forward_passes",
                                   "target_forward_passes",
                                   "target_verify_forward_passes",
                                   "target_reanchor_forward_passes",
                                   "target_reconciliation_forward_passes",
                                   "effective_k",
                                   "adaptive_k_increases",
                                   "adaptive_k_decreases",
                                   "adaptive_k_observations",
                                   "adaptive_k_probes",
                                   "cooldown_entries",
                                   "cooldown_steps",
                                   "cooldown_remaining",
                                   "standard_fallback_steps",
                                   "full_accept_rounds",
                                   "partial_accept_rounds",
                                   "zero_accept_rounds",
                                   "ngram_lookup_hits",
                                   "ngram_lookup_misses",
                                   "ngram_lookup_tokens_proposed",
                                   "ngram_chained_tokens_proposed",
                                   "ngram_grammar_candidate_rejections",
                                   "ngram_history_syncs",
                                   "ngram_history_tokens_synced",
                                   "mtp_failures",
                                   "dflash2_failures",
                                   "dflash2_disables",
                                   "dflash2_admission_misses"};

constexpr const char* kNumbers[] = {"total_draft_ms",
                                    "total_target_ms",
                                    "total_reconciliation_ms",
                                    "total_target_verify_ms",
                                    "total_target_reanchor_ms",
                                    "total_ngram_history_sync_ms",
                                    "total_ngram_lookup_ms",
                                    "avg_draft_ms_per_token",
                                    "acceptance_rate",
                                    "avg_draft_tokens_per_round",
                                    "mean_emitted_tokens_per_round",
                                    "expected_tokens_per_round",
                                    "avg_target_ms_per_round",
                                    "target_baseline_ms_per_token",
                                    "target_overhead_ratio",
                                    "estimated_speedup",
                                    "observed_speedup",
                                    "adaptive_k_throughput"};

// The value that `get` wrote; what it was before when the library refuses the name.
template <typename T, typename Get>
T Read(const Api& api, T value, Get get) {
  api.OgaDestroyResult(get(&value));
  return value;
}

}  // namespace

SpeculativeStats ReadSpeculativeStats(const RuntimePtr& runtime, OgaSpeculativeStats* stats) {
  const Api& api = runtime->api();
  const auto owned = Adopt(runtime, stats, &Api::OgaDestroySpeculativeStats);
  SpeculativeStats read;
  for (const char* name : kCounts) {
    const auto count =
        Read(api, uint64_t{0}, [&](uint64_t* out) { return api.OgaSpeculativeStatsGetCount(stats, name, out); });
    read.numbers.emplace_back(name, static_cast<double>(count));
  }
  for (const char* name : kNumbers) {
    read.numbers.emplace_back(
        name, Read(api, 0.0, [&](double* out) { return api.OgaSpeculativeStatsGetNumber(stats, name, out); }));
  }
  read.formula_supported =
      Read(api, false, [&](bool* out) { return api.OgaSpeculativeStatsGetBool(stats, "formula_supported", out); });
  size_t size = 0;
  Check(api, api.OgaSpeculativeStatsGetAcceptanceLengthHistogramSize(stats, &size));
  for (size_t length = 0; length < size; ++length) {
    uint64_t count = 0;
    Check(api, api.OgaSpeculativeStatsGetAcceptanceLengthCount(stats, length, &count));
    read.accepted_lengths.push_back(static_cast<double>(count));
  }
  return read;
}

}  // namespace oga

#include "turn_options.h"

#include "strings.h"

namespace oga {

Handle<OgaTurnOptions> MakeTurnOptions(const RuntimePtr& runtime, OgaRequest* request, const TurnSettings& settings) {
  const Api& api = runtime->api();
  auto options = Make<OgaTurnOptions>(runtime, &Api::OgaDestroyTurnOptions, [&](OgaTurnOptions** out) {
    return OGA_OPTIONAL(api, OgaRequestCreateTurnOptions)(request, out);
  });
  const auto set = [&](auto setter, const auto& value) {
    if (value) Check(api, setter(options.get(), *value), Code::kInvalidArgument);
  };
  set(OGA_OPTIONAL(api, OgaTurnOptionsSetMaxGeneratedTokens), std::optional<uint64_t>(settings.max_generated_tokens));
  set(OGA_OPTIONAL(api, OgaTurnOptionsSetMinGeneratedTokens), settings.min_generated_tokens);
  set(OGA_OPTIONAL(api, OgaTurnOptionsSetDoSample), settings.do_sample);
  set(OGA_OPTIONAL(api, OgaTurnOptionsSetTemperature), settings.temperature);
  set(OGA_OPTIONAL(api, OgaTurnOptionsSetTopP), settings.top_p);
  set(OGA_OPTIONAL(api, OgaTurnOptionsSetTopK), settings.top_k);
  set(OGA_OPTIONAL(api, OgaTurnOptionsSetRepetitionPenalty), settings.repetition_penalty);
  set(OGA_OPTIONAL(api, OgaTurnOptionsSetNoRepeatNgramSize), settings.no_repeat_ngram_size);
  set(OGA_OPTIONAL(api, OgaTurnOptionsSetSeed), settings.seed);
  if (!settings.stop.empty()) {
    const auto stops = MakeStrings(runtime, settings.stop);
    Check(api, OGA_OPTIONAL(api, OgaTurnOptionsSetStopStrings)(options.get(), stops.get()), Code::kInvalidArgument);
  }
  if (settings.guidance) {
    const auto& [type, data] = *settings.guidance;
    Check(api, OGA_OPTIONAL(api, OgaTurnOptionsSetGuidance)(options.get(), type.c_str(), data.c_str()),
          Code::kInvalidArgument);
  }
  if (settings.delimited) {
    const auto& [opening, closing, grammar] = *settings.delimited;
    Check(api, OGA_OPTIONAL(api, OgaTurnOptionsSetDelimitedGuidance)(options.get(), opening, closing, grammar.c_str()),
          Code::kInvalidArgument);
  }
  return options;
}

}  // namespace oga

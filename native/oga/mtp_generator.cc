#include "mtp_generator.h"

namespace oga {

// All of its functions came with the one that creates it.
MtpGenerator::MtpGenerator(const RuntimePtr& runtime, const Handle<OgaModel>& main_model,
                           const Handle<OgaModel>& mtp_model, const Handle<OgaGeneratorParams>& params)
    : runtime_(runtime),
      main_model_(main_model),
      mtp_model_(mtp_model),
      handle_(Make<OgaMtpGenerator>(
          runtime, &Api::OgaDestroyMtpGenerator,
          [&](OgaMtpGenerator** out) {
            return OGA_OPTIONAL(runtime->api(), OgaCreateMtpGenerator)(main_model.get(), mtp_model.get(), params.get(),
                                                                       out);
          },
          Code::kInvalidArgument)) {}

void MtpGenerator::AppendTokens(const std::vector<int32_t>& tokens) {
  Check(api(), api().OgaMtpGenerator_AppendTokens(handle_.get(), tokens.data(), tokens.size()));
}

void MtpGenerator::GenerateNextToken() {
  if (IsDone()) return;
  Check(api(), api().OgaMtpGenerator_GenerateNextToken(handle_.get()));
}

void MtpGenerator::Reset() { Check(api(), api().OgaMtpGenerator_Reset(handle_.get())); }

bool MtpGenerator::IsDone() const { return api().OgaMtpGenerator_IsDone(handle_.get()); }

std::vector<int32_t> MtpGenerator::Sequence() const {
  const size_t count = api().OgaMtpGenerator_GetSequenceCount(handle_.get());
  const int32_t* tokens = api().OgaMtpGenerator_GetSequenceData(handle_.get());
  return tokens != nullptr ? std::vector<int32_t>(tokens, tokens + count) : std::vector<int32_t>();
}

MtpCounts MtpGenerator::Counts() const {
  return {api().OgaMtpGenerator_GetForwardCount(handle_.get()), api().OgaMtpGenerator_GetAcceptCount(handle_.get()),
          api().OgaMtpGenerator_GetTrialCount(handle_.get())};
}

SpeculativeStats MtpGenerator::GetSpeculativeStats() const {
  OgaSpeculativeStats* stats = nullptr;
  Check(api(), api().OgaMtpGenerator_GetSpeculativeStats(handle_.get(), &stats));
  return ReadSpeculativeStats(runtime_, stats);
}

}  // namespace oga

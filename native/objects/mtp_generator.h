// MtpGenerator: a generation whose model drafts several tokens ahead. Wraps OgaMtpGenerator.
//
// Owner of an owner thread on which everything runs that may take long. One call at a time: a second one meanwhile, and
// reading meanwhile, is refused with kBusy. Running work holds the generator, so dispose() waits for it and is
// harmless. Refuses every call after dispose().
#pragma once

#include <memory>

#include "../napi/object.h"
#include "../napi/owner_thread.h"
#include "../oga/mtp_generator.h"

namespace addon {

class MtpGenerator : public Object<MtpGenerator, std::shared_ptr<oga::MtpGenerator>> {
 public:
  static constexpr const char* kName = "MtpGenerator";
  static constexpr napi_type_tag kTag = {0x8b1f6e0e25d94c71, 0xa0d3c1d7a54b1f17};
  static std::vector<PropertyDescriptor> Properties();

  explicit MtpGenerator(const Napi::CallbackInfo& info);
  ~MtpGenerator() override;

  // createMtpGenerator(main: Model, mtp: Model, params: GeneratorParams): Promise<MtpGenerator>
  static Napi::Value CreateAsync(const Napi::CallbackInfo& info);

 private:
  Napi::Value AppendTokens(const Napi::CallbackInfo& info);
  Napi::Value GenerateNextToken(const Napi::CallbackInfo& info);
  Napi::Value Reset(const Napi::CallbackInfo& info);
  Napi::Value IsDone(const Napi::CallbackInfo& info);
  Napi::Value GetSequence(const Napi::CallbackInfo& info);
  Napi::Value GetCounts(const Napi::CallbackInfo& info);
  Napi::Value GetSpeculativeStats(const Napi::CallbackInfo& info);
  Napi::Value Dispose(const Napi::CallbackInfo& info);

  const std::shared_ptr<oga::MtpGenerator>& idle() const;  // throws kDisposed, kBusy
  template <typename Task>
  Napi::Value RunTask(const Napi::CallbackInfo& info, Task task);

  std::shared_ptr<oga::MtpGenerator> generator_;  // null after dispose()
  OwnerThread thread_;
  bool busy_ = false;
};

}  // namespace addon

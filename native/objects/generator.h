// Generator: one generation in progress. Wraps OgaGenerator.
//
// Owner of an owner thread on which everything runs that may take long. One call at a time: a second one meanwhile, and
// reading meanwhile, is refused with kBusy; cancel(), setRuntimeOption() and isSessionTerminated() are allowed at any
// time. Running work holds the generator, so dispose() cancels it and is harmless. Refuses every other call after
// dispose().
#pragma once

#include <memory>

#include "../napi/external_memory.h"
#include "../napi/object.h"
#include "../napi/owner_thread.h"
#include "../oga/generator.h"

namespace addon {

struct GeneratorPayload {
  std::shared_ptr<oga::Generator> generator;
  int64_t bytes;  // of the KV cache, as far as it shall be known to the garbage collector
};

class Generator : public Object<Generator, GeneratorPayload> {
 public:
  static constexpr const char* kName = "Generator";
  static constexpr napi_type_tag kTag = {0x8b1f6e0e25d94c71, 0xa0d3c1d7a54b1f06};
  static std::vector<PropertyDescriptor> Properties();

  explicit Generator(const Napi::CallbackInfo& info);
  ~Generator() override;
  void Finalize(Napi::BasicEnv env) override { memory_.Release(env); }

  // createGenerator(model: Model, params: GeneratorParams, bytes: number): Promise<Generator>; allocates the KV cache
  // on a pool thread
  static Napi::Value CreateAsync(const Napi::CallbackInfo& info);

 private:
  Generator(const Napi::CallbackInfo& info, const GeneratorPayload& payload);

  Napi::Value AppendTokens(const Napi::CallbackInfo& info);
  Napi::Value AppendTokenSequences(const Napi::CallbackInfo& info);
  Napi::Value GenerateNextToken(const Napi::CallbackInfo& info);
  Napi::Value Run(const Napi::CallbackInfo& info);
  Napi::Value RewindTo(const Napi::CallbackInfo& info);
  Napi::Value GetLogits(const Napi::CallbackInfo& info);
  Napi::Value SetLogits(const Napi::CallbackInfo& info);
  Napi::Value SetModelInput(const Napi::CallbackInfo& info);
  Napi::Value SetInputs(const Napi::CallbackInfo& info);
  Napi::Value GetInput(const Napi::CallbackInfo& info);
  Napi::Value GetOutput(const Napi::CallbackInfo& info);
  Napi::Value SetHiddenStates(const Napi::CallbackInfo& info);
  Napi::Value SnapshotState(const Napi::CallbackInfo& info);
  Napi::Value SetActiveAdapter(const Napi::CallbackInfo& info);
  Napi::Value IsSessionTerminated(const Napi::CallbackInfo& info);
  Napi::Value GetSpeculativeStats(const Napi::CallbackInfo& info);
  Napi::Value IsDone(const Napi::CallbackInfo& info);
  Napi::Value TokenCount(const Napi::CallbackInfo& info);
  Napi::Value GetNextTokens(const Napi::CallbackInfo& info);
  Napi::Value GetSequence(const Napi::CallbackInfo& info);
  Napi::Value SetRuntimeOption(const Napi::CallbackInfo& info);
  Napi::Value Cancel(const Napi::CallbackInfo& info);
  Napi::Value Dispose(const Napi::CallbackInfo& info);

  const std::shared_ptr<oga::Generator>& alive() const;  // throws kDisposed
  const std::shared_ptr<oga::Generator>& idle() const;   // throws kDisposed, kBusy
  Job StartJob(const Napi::CallbackInfo& info);          // throws kDisposed, kBusy; busy until the job settles
  template <typename Task>
  Napi::Value RunTask(const Napi::CallbackInfo& info, Task task);
  template <typename Get>
  Napi::Value RunGet(const Napi::CallbackInfo& info, Get get);

  std::shared_ptr<oga::Generator> generator_;  // null after dispose()
  OwnerThread thread_;
  ExternalMemory memory_;
  bool busy_ = false;
};

}  // namespace addon

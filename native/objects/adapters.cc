#include "adapters.h"

#include "../napi/owner_thread.h"
#include "../napi/promise_worker.h"
#include "model.h"
#include "runtime.h"

namespace addon {

std::vector<Adapters::PropertyDescriptor> Adapters::Properties() {
  return {Bind<&Adapters::Load>("load"), Bind<&Adapters::Unload>("unload"), Bind<&Adapters::Dispose>("dispose")};
}

// They hold their model, which may be the last to do so.
Adapters::~Adapters() {
  if (adapters_) Reap(std::move(adapters_));
}

Napi::Value Adapters::CreateSync(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&]() -> Napi::Value {
    const auto& model = Model::From(info[0], "model").handle();
    return Create(info.Env(), std::make_shared<oga::Adapters>(RuntimeOf(info.Env()), model));
  });
}

const std::shared_ptr<oga::Adapters>& Adapters::adapters() const {
  if (!adapters_) throw oga::Error(oga::Code::kDisposed, "The Adapters were disposed.");
  return adapters_;
}

// load(path, name): Promise<void>
Napi::Value Adapters::Load(const Napi::CallbackInfo& info) {
  return RunOnPool(
      info.Env(),
      [self = adapters(), path = StringArgument(info[0], "path"), name = StringArgument(info[1], "name")] {
        self->Load(path, name);
        return true;
      },
      [](Napi::Env env, bool&) -> Napi::Value { return env.Undefined(); });
}

// unload(name): Promise<void>
Napi::Value Adapters::Unload(const Napi::CallbackInfo& info) {
  return RunOnPool(
      info.Env(),
      [self = adapters(), name = StringArgument(info[0], "name")] {
        self->Unload(name);
        return true;
      },
      [](Napi::Env env, bool&) -> Napi::Value { return env.Undefined(); });
}

Napi::Value Adapters::Dispose(const Napi::CallbackInfo& info) {
  if (adapters_) Reap(std::move(adapters_));
  return info.Env().Undefined();
}

}  // namespace addon

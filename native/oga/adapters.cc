#include "adapters.h"

#include <utility>

namespace oga {

Adapters::Adapters(const RuntimePtr& runtime, const Handle<OgaModel>& model)
    : runtime_(runtime),
      model_(model),
      handle_(Make<OgaAdapters>(runtime, &Api::OgaDestroyAdapters, [&](OgaAdapters** out) {
        return OGA_OPTIONAL(runtime->api(), OgaCreateAdapters)(model.get(), out);
      })) {}

size_t& Adapters::UsersOf(const std::string& name) {
  const auto found = users_.find(name);
  if (found == users_.end()) throw Error(Code::kInvalidArgument, "No adapter is loaded as \"" + name + "\".");
  return found->second;
}

void Adapters::Load(const std::string& path, const std::string& name) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (users_.count(name) > 0) throw Error(Code::kInvalidArgument, "An adapter is loaded as \"" + name + "\" already.");
  Check(api(), OGA_OPTIONAL(api(), OgaLoadAdapter)(handle_.get(), path.c_str(), name.c_str()), Code::kInvalidArgument);
  users_[name] = 0;
}

void Adapters::Unload(const std::string& name) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const size_t users = UsersOf(name);
  if (users > 0) {
    throw Error(Code::kBusy, "The adapter \"" + name + "\" is used by " + std::to_string(users) +
                                 (users == 1 ? " generator" : " generators") + "; dispose of them first.");
  }
  Check(api(), OGA_OPTIONAL(api(), OgaUnloadAdapter)(handle_.get(), name.c_str()));
  users_.erase(name);
}

void AdapterUse::Activate(const std::shared_ptr<Adapters>& adapters, OgaGenerator* generator, const std::string& name) {
  if (adapters_ && adapters_ != adapters) {
    throw Error(Code::kInvalidArgument,
                "adapters must be the object that this Generator takes its other adapters from.");
  }
  const std::lock_guard<std::mutex> lock(adapters->mutex_);
  size_t& users = adapters->UsersOf(name);
  const Api& api = adapters->api();
  Check(api, OGA_OPTIONAL(api, OgaSetActiveAdapter)(generator, adapters->handle_.get(), name.c_str()),
        Code::kInvalidArgument);
  ++users;
  adapters_ = adapters;
  names_.push_back(name);
}

void AdapterUse::End(Handle<OgaGenerator> generator) {
  if (!adapters_) return;
  const std::lock_guard<std::mutex> lock(adapters_->mutex_);
  generator.reset();
  for (const std::string& name : names_) --adapters_->users_[name];
}

}  // namespace oga

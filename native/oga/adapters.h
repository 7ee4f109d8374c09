// OgaAdapters: LoRA adapters of one model, by name. Plain C++, no Node-API.
//
// Any thread may call any method. The library guards nothing: a generator that ends gives its adapters back on its own
// thread while another thread loads one. So the use of every adapter is counted and locked here (AdapterUse).
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "handle.h"

namespace oga {

class Adapters {
 public:
  Adapters(const RuntimePtr& runtime, const Handle<OgaModel>& model);

  // Reads the file; slow for large ones. Throws kInvalidArgument: no such file, not an adapter, a name that is taken.
  void Load(const std::string& path, const std::string& name);

  // Throws kInvalidArgument (no such adapter) or kBusy (a generator uses it).
  void Unload(const std::string& name);

 private:
  friend class AdapterUse;
  const Api& api() const { return runtime_->api(); }
  size_t& UsersOf(const std::string& name);  // under mutex_; throws kInvalidArgument

  RuntimePtr runtime_;
  Handle<OgaModel> model_;  // the library's adapters have only a plain pointer to it
  Handle<OgaAdapters> handle_;
  std::mutex mutex_;
  std::map<std::string, size_t> users_;  // generators by adapter
};

// One generator's use of adapters: it may be made before its generator and must be ended after it.
class AdapterUse {
 public:
  AdapterUse() = default;
  AdapterUse(const AdapterUse&) = delete;
  AdapterUse& operator=(const AdapterUse&) = delete;

  // Throws kInvalidArgument: no such adapter, or the generator uses adapters of another object.
  void Activate(const std::shared_ptr<Adapters>& adapters, OgaGenerator* generator, const std::string& name);

  // Drops the generator, which gives its adapters back to the library.
  void End(Handle<OgaGenerator> generator);

 private:
  std::shared_ptr<Adapters> adapters_;
  std::vector<std::string> names_;
};

}  // namespace oga

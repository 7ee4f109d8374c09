// OgaConfig: a model folder's configuration and the changes to it, with the model files that it was given as bytes.
// Plain C++, no Node-API.
//
// Threads: one thread changes it; any number may load from it (Loading) at the same time. A change meanwhile is refused
// with kBusy and never waits: whoever loads reads what a change would write.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include "handle.h"

namespace oga {

class Config {
 public:
  using Bytes = std::shared_ptr<const std::vector<uint8_t>>;

  // Reads genai_config.json of a folder. Throws kModelInvalid.
  static std::shared_ptr<Config> Load(const RuntimePtr& runtime, const std::string& folder);
  // Reads a model package; `ep` picks one of its variants. Throws kModelInvalid, kUnsupportedByLibrary.
  static std::shared_ptr<Config> LoadPackage(const RuntimePtr& runtime, const std::string& package,
                                             const std::optional<std::string>& ep);

  explicit Config(RuntimePtr runtime, Handle<OgaConfig> handle);

  // All throw kInvalidArgument where the library refuses, and kBusy while something loads from it.
  void Overlay(const std::string& json);
  void ClearProviders();
  void AppendProvider(const std::string& provider);
  void SetProviderOption(const std::string& provider, const std::string& key, const std::string& value);

  // Which device of a provider: none takes the choice back. The library ignores these for a provider that the
  // configuration does not have, so those throw kInvalidArgument.
  void SetHardwareDeviceType(const std::string& provider, const std::optional<std::string>& type);
  void SetHardwareDeviceId(const std::string& provider, std::optional<uint32_t> id);
  void SetHardwareVendorId(const std::string& provider, std::optional<uint32_t> id);

  // Bytes instead of the file of that name. The library borrows them; they are kept here and by whoever loads.
  void AddModelData(const std::string& name, std::vector<uint8_t> bytes);
  void RemoveModelData(const std::string& name);
  size_t ModelDataSize() const;

  // What a load holds from its beginning to its end: nobody changes the configuration meanwhile.
  class Loading {
   public:
    explicit Loading(std::shared_ptr<const Config> config) : config_(std::move(config)), lock_(config_->mutex_) {}
    const OgaConfig* get() const { return config_->handle_.get(); }
    std::vector<Bytes> ModelData() const;

   private:
    std::shared_ptr<const Config> config_;
    std::shared_lock<std::shared_mutex> lock_;
  };

 private:
  const Api& api() const { return runtime_->api(); }
  std::unique_lock<std::shared_mutex> Change() const;  // throws kBusy
  void DemandProvider(const std::string& provider) const;
  template <typename Call>
  void Filter(const std::string& provider, Call call);

  RuntimePtr runtime_;
  std::map<std::string, Bytes> model_data_;  // outlives the handle
  Handle<OgaConfig> handle_;
  mutable std::shared_mutex mutex_;
};

}  // namespace oga

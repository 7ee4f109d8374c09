#include "config.h"

#include <mutex>
#include <utility>

namespace oga {

std::shared_ptr<Config> Config::Load(const RuntimePtr& runtime, const std::string& folder) {
  return std::make_shared<Config>(
      runtime,
      Make<OgaConfig>(
          runtime, &Api::OgaDestroyConfig,
          [&](OgaConfig** out) { return runtime->api().OgaCreateConfig(folder.c_str(), out); }, Code::kModelInvalid));
}

std::shared_ptr<Config> Config::LoadPackage(const RuntimePtr& runtime, const std::string& package,
                                            const std::optional<std::string>& ep) {
  const auto create = OGA_OPTIONAL(runtime->api(), OgaCreateConfigFromPackageEp);
  return std::make_shared<Config>(
      runtime, Make<OgaConfig>(
                   runtime, &Api::OgaDestroyConfig,
                   [&](OgaConfig** out) { return create(package.c_str(), ep ? ep->c_str() : nullptr, out); },
                   Code::kModelInvalid));
}

Config::Config(RuntimePtr runtime, Handle<OgaConfig> handle)
    : runtime_(std::move(runtime)), handle_(std::move(handle)) {}

std::unique_lock<std::shared_mutex> Config::Change() const {
  std::unique_lock<std::shared_mutex> lock(mutex_, std::try_to_lock);
  if (!lock) throw Error(Code::kBusy, "The Config cannot be changed while something is loaded from it.");
  return lock;
}

void Config::Overlay(const std::string& json) {
  const auto lock = Change();
  Check(api(), api().OgaConfigOverlay(handle_.get(), json.c_str()), Code::kInvalidArgument);
}

void Config::ClearProviders() {
  const auto lock = Change();
  Check(api(), api().OgaConfigClearProviders(handle_.get()));
}

void Config::AppendProvider(const std::string& provider) {
  const auto lock = Change();
  Check(api(), api().OgaConfigAppendProvider(handle_.get(), provider.c_str()), Code::kProviderUnavailable);
}

void Config::SetProviderOption(const std::string& provider, const std::string& key, const std::string& value) {
  const auto lock = Change();
  Check(api(), api().OgaConfigSetProviderOption(handle_.get(), provider.c_str(), key.c_str(), value.c_str()),
        Code::kInvalidArgument);
}

// The library has no question for it, but refuses an unknown type of a provider that it knows, and changes nothing
// then.
void Config::DemandProvider(const std::string& provider) const {
  const auto set = OGA_OPTIONAL(api(), OgaConfigSetDecoderProviderOptionsHardwareDeviceType);
  OgaResult* refused = set(handle_.get(), provider.c_str(), "?");
  if (refused == nullptr) {
    throw Error(Code::kInvalidArgument,
                "provider must be one that the configuration has, but \"" + provider + "\" is not: append it first.");
  }
  api().OgaDestroyResult(refused);
}

template <typename Call>
void Config::Filter(const std::string& provider, Call call) {
  const auto lock = Change();
  DemandProvider(provider);
  Check(api(), call(handle_.get(), provider.c_str()), Code::kInvalidArgument);
}

void Config::SetHardwareDeviceType(const std::string& provider, const std::optional<std::string>& type) {
  if (!type) return Filter(provider, OGA_OPTIONAL(api(), OgaConfigClearDecoderProviderOptionsHardwareDeviceType));
  const auto set = OGA_OPTIONAL(api(), OgaConfigSetDecoderProviderOptionsHardwareDeviceType);
  Filter(provider, [&](OgaConfig* config, const char* name) { return set(config, name, type->c_str()); });
}

void Config::SetHardwareDeviceId(const std::string& provider, std::optional<uint32_t> id) {
  if (!id) return Filter(provider, OGA_OPTIONAL(api(), OgaConfigClearDecoderProviderOptionsHardwareDeviceId));
  const auto set = OGA_OPTIONAL(api(), OgaConfigSetDecoderProviderOptionsHardwareDeviceId);
  Filter(provider, [&](OgaConfig* config, const char* name) { return set(config, name, *id); });
}

void Config::SetHardwareVendorId(const std::string& provider, std::optional<uint32_t> id) {
  if (!id) return Filter(provider, OGA_OPTIONAL(api(), OgaConfigClearDecoderProviderOptionsHardwareVendorId));
  const auto set = OGA_OPTIONAL(api(), OgaConfigSetDecoderProviderOptionsHardwareVendorId);
  Filter(provider, [&](OgaConfig* config, const char* name) { return set(config, name, *id); });
}

void Config::AddModelData(const std::string& name, std::vector<uint8_t> bytes) {
  const auto lock = Change();
  const auto add = OGA_OPTIONAL(api(), OgaConfigAddModelData);
  const auto kept = std::make_shared<const std::vector<uint8_t>>(std::move(bytes));
  Check(api(), add(handle_.get(), name.c_str(), kept->data(), kept->size()), Code::kInvalidArgument);
  model_data_[name] = kept;
}

void Config::RemoveModelData(const std::string& name) {
  const auto lock = Change();
  const auto remove = OGA_OPTIONAL(api(), OgaConfigRemoveModelData);
  Check(api(), remove(handle_.get(), name.c_str()), Code::kInvalidArgument);
  model_data_.erase(name);
}

size_t Config::ModelDataSize() const {
  size_t bytes = 0;
  for (const auto& [name, data] : model_data_) bytes += data->size();
  return bytes;
}

std::vector<Config::Bytes> Config::Loading::ModelData() const {
  std::vector<Bytes> all;
  for (const auto& [name, data] : config_->model_data_) all.push_back(data);
  return all;
}

}  // namespace oga

#include "runtime_settings.h"

namespace oga {

Handle<OgaRuntimeSettings> RuntimeSettings::Create(const RuntimePtr& runtime) const {
  const Api& api = runtime->api();
  const auto create = OGA_OPTIONAL(api, OgaCreateRuntimeSettings);
  const auto set = OGA_OPTIONAL(api, OgaRuntimeSettingsSetHandle);
  auto settings = Make<OgaRuntimeSettings>(runtime, &Api::OgaDestroyRuntimeSettings, create);
  for (const auto& [name, handle] : handles) Check(api, set(settings.get(), name.c_str(), handle));
  return settings;
}

}  // namespace oga

#include "media.h"

namespace oga {

namespace {

template <typename T, typename Load>
Handle<T> LoadBuffers(const RuntimePtr& runtime, void (*Api::*destroy)(T*), Load load,
                      const std::vector<std::string>& files) {
  std::vector<const void*> buffers;
  std::vector<size_t> sizes;
  for (const std::string& file : files) {
    buffers.push_back(file.data());
    sizes.push_back(file.size());
  }
  return Make<T>(
      runtime, destroy, [&](T** out) { return load(buffers.data(), sizes.data(), files.size(), out); },
      Code::kInvalidArgument);
}

}  // namespace

Handle<OgaImages> LoadImages(const RuntimePtr& runtime, const std::vector<std::string>& files) {
  return LoadBuffers<OgaImages>(runtime, &Api::OgaDestroyImages, OGA_OPTIONAL(runtime->api(), OgaLoadImagesFromBuffers),
                                files);
}

Handle<OgaAudios> LoadAudios(const RuntimePtr& runtime, const std::vector<std::string>& files) {
  return LoadBuffers<OgaAudios>(runtime, &Api::OgaDestroyAudios, OGA_OPTIONAL(runtime->api(), OgaLoadAudiosFromBuffers),
                                files);
}

}  // namespace oga

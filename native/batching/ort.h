// The part of ONNX Runtime's C API that batching needs, by slot number; no header of it is needed. Plain C++, knows
// neither genai nor Node-API.
//
// Every call that gives a status goes through Check. Handles own; the table is borrowed and lives as long as the
// process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>

namespace batching {

struct OrtAllocator;
struct OrtEnv;
struct OrtIoBinding;
struct OrtMemoryInfo;
struct OrtRunOptions;
struct OrtSession;
struct OrtSessionOptions;
struct OrtStatus;
struct OrtTensorTypeAndShapeInfo;
struct OrtTypeInfo;
struct OrtValue;

#ifdef _WIN32
using OrtPathChar = wchar_t;
#else
using OrtPathChar = char;
#endif

enum OrtElementType : int { kFloat32 = 1, kInt64 = 7, kFloat16 = 10 };

struct OrtApi {
#define ORT(slot, name, result, parameters) result(*name) parameters;
#include "ort_functions.def"
#undef ORT
};

// A model, or a library, that cannot do what is asked; a run that failed.
class Failure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The functions of the table of API 18 or later, after a trial of those that are harmless: a table of another order
// would not pass it. Throws Failure.
OrtApi ResolveOrtApi(const void* const* table);

// Frees the status. Throws Failure with its text.
void Check(const OrtApi& api, OrtStatus* status);

template <typename T>
using OrtHandle = std::unique_ptr<T, void (*)(T*)>;

// `make(T**)` gives a status.
template <typename T, typename Make>
OrtHandle<T> MakeOrt(const OrtApi& api, void (*release)(T*), Make make) {
  T* made = nullptr;
  Check(api, make(&made));
  return OrtHandle<T>(made, release);
}

}  // namespace batching

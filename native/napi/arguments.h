// Checked conversions from JS arguments to C++ values; one grammar for every refusal. JS thread only.
//
// These guard memory. What a value may be (ranges, option names) is checked in src/core, which knows the model.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "setup.h"

namespace addon {

std::string StringArgument(const Napi::Value& value, const char* name);
std::optional<std::string> OptionalStringArgument(const Napi::Value& value, const char* name);  // null, undefined: none
bool BooleanArgument(const Napi::Value& value, const char* name);
double NumberArgument(const Napi::Value& value, const char* name);
size_t CountArgument(const Napi::Value& value, const char* name);                                 // integer >= 0
std::vector<int32_t> TokensArgument(const Napi::Value& value, const char* name);                  // Int32Array
std::vector<std::vector<int32_t>> TokenRowsArgument(const Napi::Value& value, const char* name);  // Int32Array[]
std::vector<std::string> StringsArgument(const Napi::Value& value, const char* name);             // string[]
std::vector<uint8_t> CopiedBytesArgument(const Napi::Value& value, const char* name);             // Uint8Array
std::vector<float> FloatsArgument(const Napi::Value& value, const char* name);                    // Float32Array
std::vector<std::string> FilesArgument(const Napi::Value& value, const char* name);               // Uint8Array[]
std::vector<int64_t> ShapeArgument(const Napi::Value& value, const char* name);                   // integers >= 0

// What a typed array of any kind holds, where it is now: valid until the next JS runs.
struct ByteSpan {
  const void* data;
  size_t bytes;
};
ByteSpan BytesArgument(const Napi::Value& value, const char* name);

[[noreturn]] void Refuse(const char* name, const char* expected);

}  // namespace addon

#include "arguments.h"

#include <cmath>

#include "../oga/error.h"

namespace addon {

namespace {

template <typename Element>
std::vector<Element> TypedArray(const Napi::Value& value, napi_typedarray_type type, const char* name,
                                const char* expected) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != type) Refuse(name, expected);
  const auto array = value.As<Napi::TypedArrayOf<Element>>();
  return {array.Data(), array.Data() + array.ElementLength()};
}

template <typename Convert>
auto Array(const Napi::Value& value, const char* name, const char* expected, Convert convert) {
  if (!value.IsArray()) Refuse(name, expected);
  const auto array = value.As<Napi::Array>();
  std::vector<decltype(convert(Napi::Value()))> items;
  items.reserve(array.Length());
  for (uint32_t i = 0; i < array.Length(); ++i) items.push_back(convert(array.Get(i)));
  return items;
}

}  // namespace

void Refuse(const char* name, const char* expected) {
  throw oga::Error(oga::Code::kInvalidArgument, std::string(name) + " must be " + expected + ".");
}

std::string StringArgument(const Napi::Value& value, const char* name) {
  if (!value.IsString()) Refuse(name, "a string");
  return value.As<Napi::String>().Utf8Value();
}

std::optional<std::string> OptionalStringArgument(const Napi::Value& value, const char* name) {
  if (value.IsNull() || value.IsUndefined()) return std::nullopt;
  return StringArgument(value, name);
}

bool BooleanArgument(const Napi::Value& value, const char* name) {
  if (!value.IsBoolean()) Refuse(name, "a boolean");
  return value.As<Napi::Boolean>().Value();
}

double NumberArgument(const Napi::Value& value, const char* name) {
  if (!value.IsNumber()) Refuse(name, "a number");
  return value.As<Napi::Number>().DoubleValue();
}

size_t CountArgument(const Napi::Value& value, const char* name) {
  constexpr double kMaxSafeInteger = 9007199254740991.0;
  const double number = NumberArgument(value, name);
  if (!(number >= 0 && number <= kMaxSafeInteger) || std::floor(number) != number) Refuse(name, "an integer >= 0");
  return static_cast<size_t>(number);
}

std::vector<int32_t> TokensArgument(const Napi::Value& value, const char* name) {
  return TypedArray<int32_t>(value, napi_int32_array, name, "an Int32Array");
}

std::vector<float> FloatsArgument(const Napi::Value& value, const char* name) {
  return TypedArray<float>(value, napi_float32_array, name, "a Float32Array");
}

std::vector<uint8_t> CopiedBytesArgument(const Napi::Value& value, const char* name) {
  return TypedArray<uint8_t>(value, napi_uint8_array, name, "a Uint8Array");
}

ByteSpan BytesArgument(const Napi::Value& value, const char* name) {
  if (!value.IsTypedArray()) Refuse(name, "a typed array");
  const auto array = value.As<Napi::TypedArray>();
  void* data = nullptr;
  napi_get_typedarray_info(value.Env(), value, nullptr, nullptr, &data, nullptr, nullptr);
  return {data, array.ElementLength() * array.ElementSize()};
}

std::vector<std::string> FilesArgument(const Napi::Value& value, const char* name) {
  return Array(value, name, "an array of Uint8Array", [&](Napi::Value item) {
    const ByteSpan span = BytesArgument(item, name);
    return std::string(static_cast<const char*>(span.data), span.bytes);
  });
}

std::vector<int64_t> ShapeArgument(const Napi::Value& value, const char* name) {
  return Array(value, name, "an array of integers",
               [&](Napi::Value item) { return static_cast<int64_t>(CountArgument(item, name)); });
}

std::vector<std::vector<int32_t>> TokenRowsArgument(const Napi::Value& value, const char* name) {
  return Array(value, name, "an array of Int32Array", [&](Napi::Value item) { return TokensArgument(item, name); });
}

std::vector<std::string> StringsArgument(const Napi::Value& value, const char* name) {
  return Array(value, name, "an array of strings", [&](Napi::Value item) { return StringArgument(item, name); });
}

}  // namespace addon

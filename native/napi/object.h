// Base of every class that the addon exports: one construction path, a type tag, guarded methods. JS thread only.
//
// JS cannot construct these classes; native code makes them with Create. A method called on an object of another class
// is refused by V8 itself (the classes' signature), a wrong object as an argument by the tag.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "arguments.h"
#include "env_data.h"
#include "errors.h"

namespace addon {

// `Derived` declares: `using Payload`, `static constexpr const char* kName`, `static constexpr napi_type_tag kTag`,
// `static std::vector<PropertyDescriptor> Properties()` and a constructor (const CallbackInfo&, Payload&&).
template <typename Derived, typename Payload>
class Object : public Napi::ObjectWrap<Derived> {
 public:
  explicit Object(const Napi::CallbackInfo& info) : Napi::ObjectWrap<Derived>(info) {
    napi_type_tag_object(info.Env(), info.This(), &Derived::kTag);
  }

  static void Register(Napi::Env env, Napi::Object exports) {
    const Napi::Function constructor = Derived::DefineClass(env, Derived::kName, Derived::Properties());
    EnvData::Of(env).constructors[Derived::kName] = Napi::Persistent(constructor);
    exports.Set(Derived::kName, constructor);
  }

  static Napi::Object Create(Napi::Env env, Payload payload) {
    const auto external = Napi::External<Payload>::New(env, &payload);
    return EnvData::Of(env).constructors.at(Derived::kName).New({external});
  }

  // Throws kInvalidArgument when `value` is not an object of this class.
  static Derived& From(const Napi::Value& value, const char* name) {
    bool matches = false;
    if (value.IsObject()) napi_check_object_type_tag(value.Env(), value, &Derived::kTag, &matches);
    if (!matches) Refuse(name, Derived::kName);
    return *Derived::Unwrap(value.As<Napi::Object>());
  }

 protected:
  // The payload that Create passed; refuses `new` from JS.
  static Payload TakePayload(const Napi::CallbackInfo& info) {
    if (info.Length() != 1 || !info[0].IsExternal()) {
      throw Napi::TypeError::New(info.Env(), "This class is made by the addon only.");
    }
    return std::move(*info[0].As<Napi::External<Payload>>().Data());
  }

  using Method = Napi::Value (Derived::*)(const Napi::CallbackInfo&);

  template <Method method>
  Napi::Value Guarded(const Napi::CallbackInfo& info) {
    return Guard(info.Env(), [&] { return (static_cast<Derived*>(this)->*method)(info); });
  }

  template <Method method>
  static Napi::ClassPropertyDescriptor<Derived> Bind(const char* name) {
    return Derived::InstanceMethod(name, static_cast<Method>(&Object::template Guarded<method>));
  }
};

}  // namespace addon

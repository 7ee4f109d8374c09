#include "errors.h"

#include <new>
#include <string>

#include "../oga/error.h"

namespace addon {

namespace {

Napi::Error Make(Napi::Env env, const char* message, const char* code) {
  Napi::Error error = Napi::Error::New(env, message);
  error.Set("code", Napi::String::New(env, code));
  return error;
}

}  // namespace

Napi::Error ToJsError(Napi::Env env, const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const Napi::Error& error) {
    return error;
  } catch (const oga::Error& error) {
    return Make(env, error.what(), oga::CodeName(error.code()));
  } catch (const oga::Cancelled& error) {
    return Make(env, error.what(), "CANCELLED");
  } catch (const std::bad_alloc& error) {
    return Make(env, error.what(), oga::CodeName(oga::Code::kOutOfMemory));
  } catch (const std::exception& error) {
    return Make(env, error.what(), oga::CodeName(oga::Code::kNative));
  } catch (...) {
    return Make(env, "unknown exception", oga::CodeName(oga::Code::kNative));
  }
}

}  // namespace addon

// The library's log on its way to a JS thread, and what is logged.
//
// Texts come from any thread, never wait for JS, and never keep the process alive. What JS has not taken yet is
// bounded; what comes beyond is lost and counted. JS takes all of it in one call.
#pragma once

#include "../napi/setup.h"

namespace addon {

// listenToLog(onTexts: (texts: string[], lost: number) => void): void. One listener per environment, until that ends;
// the next one takes its place.
Napi::Value ListenToLog(const Napi::CallbackInfo& info);

// closeLog(): void. Delivers what waits, and ends listening; the log goes off with the last listener of the process.
Napi::Value CloseLog(const Napi::CallbackInfo& info);

// changeLog(flags: Record<string, boolean>, filename: string | null | undefined): Promise<void>; flags by their names
// in the library, null: no file any more. Waits until no model runs.
Napi::Value ChangeLog(const Napi::CallbackInfo& info);

}  // namespace addon

// OgaTurnOptions: made for one turn of one request, gone when the turn has begun. Plain C++, no Node-API.
#pragma once

#include "engine_backend.h"

namespace oga {

// On the engine's thread. Throws kInvalidArgument, kUnsupportedByLibrary.
Handle<OgaTurnOptions> MakeTurnOptions(const RuntimePtr& runtime, OgaRequest* request, const TurnSettings& settings);

}  // namespace oga

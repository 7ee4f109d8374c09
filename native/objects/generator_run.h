// The JS shapes of Generator.run: request, pieces, result. JS thread only.
//
//   request  { prompt: Int32Array, maxNewTokens, stop: string[], beams: boolean, guided: boolean,
//              bursts: boolean }
//   pieces   onPieces(tokens: Int32Array, texts: string[]), as many of each
//   result   { tokens: Int32Array, text, reason: "stop" | "length" | "abort", matchedStop: index or -1,
//              queuedMs, ttftMs, decodeMs, totalMs }
#pragma once

#include <vector>

#include "../napi/setup.h"
#include "../napi/token_stream.h"
#include "../oga/decode_loop.h"

namespace addon {

using PieceStream = TokenStream<text::Piece>;

oga::DecodeRequest DecodeRequestArgument(const Napi::Value& value);
void DeliverPieces(Napi::Env env, const Napi::FunctionReference& callback, const std::vector<text::Piece>& pieces);
Napi::Value DecodeResultToJs(Napi::Env env, oga::DecodeResult& result);

}  // namespace addon

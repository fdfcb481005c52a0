// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "tests/support/tiny_model.h"

namespace aipu::test {

std::uint32_t tiny_bos(const TinyModelOptions& options);
std::uint32_t tiny_eos(const TinyModelOptions& options);

/// A vocab.json of `options.vocab` pieces: controls, bytes, printable ASCII, seeded pairs.
std::string tiny_vocab_json(const TinyModelOptions& options);

/// A byte-level tokenizer.json of `options.vocab` tokens: bytes, seeded merges, then BOS and EOS.
std::string tiny_tokenizer_json(const TinyModelOptions& options);

}  // namespace aipu::test

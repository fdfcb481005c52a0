// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace aipu::test {

/// A Llama decoder on the host in fp32, written for comparison only: it shares no code with the
/// simulator, reads its files by itself, and trusts them.
class ReferenceLlama {
 public:
  explicit ReferenceLlama(const std::string& directory);
  ~ReferenceLlama();
  ReferenceLlama(const ReferenceLlama&) = delete;
  ReferenceLlama& operator=(const ReferenceLlama&) = delete;

  /// Logits after one more token at the next position.
  std::vector<float> forward(std::uint32_t token);

  /// Forgets the sequence.
  void reset();

  /// A fresh sequence of BOS and the prompt, then `new_tokens` arg-max choices (the lowest id wins
  /// a tie). Returns every id after BOS, prompt first. Does not stop at EOS.
  std::vector<std::uint32_t> greedy(std::uint32_t bos, const std::vector<std::uint32_t>& prompt,
                                    std::uint32_t new_tokens);

 private:
  struct Model;
  std::unique_ptr<Model> model_;
};

}  // namespace aipu::test

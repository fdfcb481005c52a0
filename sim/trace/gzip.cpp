// SPDX-License-Identifier: Apache-2.0
#include "sim/trace/gzip.h"

#include <algorithm>
#include <limits>
#include <vector>
#include <zlib.h>

#include "hw/base/assert.h"

namespace aipu::trace {
namespace {

constexpr int kGzipWindow = 15 + 16;  // zlib's largest window; 16 selects the gzip format
constexpr int kMemory = 8;            // zlib's default
constexpr std::size_t kPiece = 65536;

}  // namespace

std::string gzip(std::string_view bytes) {
  z_stream stream{};
  const int ready =
      deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kGzipWindow, kMemory, Z_DEFAULT_STRATEGY);
  AIPU_ASSERT(ready == Z_OK, "zlib refuses to begin: {}", ready);
  std::string out;
  std::vector<Bytef> piece(kPiece);
  std::vector<Bytef> input(kPiece);
  for (int status = Z_OK; status != Z_STREAM_END;) {
    const std::size_t take = std::min(bytes.size(), kPiece);
    std::copy_n(bytes.begin(), take, input.begin());
    bytes.remove_prefix(take);
    stream.next_in = input.data();
    stream.avail_in = static_cast<uInt>(take);
    const int flush = bytes.empty() ? Z_FINISH : Z_NO_FLUSH;
    do {
      stream.next_out = piece.data();
      stream.avail_out = static_cast<uInt>(piece.size());
      status = deflate(&stream, flush);
      out.append(piece.begin(), piece.end() - static_cast<std::ptrdiff_t>(stream.avail_out));
    } while (stream.avail_out == 0);
  }
  deflateEnd(&stream);
  return out;
}

}  // namespace aipu::trace

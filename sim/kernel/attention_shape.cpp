// SPDX-License-Identifier: Apache-2.0
#include "sim/kernel/attention_shape.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "hw/base/error.h"
#include "hw/base/number_format.h"
#include "hw/program/sram_map.h"

namespace aipu::kernel {
namespace {

constexpr std::uint32_t kMostRows = 128;     ///< of scores in a block: fills the tensor engine
constexpr std::uint32_t kLargestTile = 512;  ///< positions
constexpr std::uint32_t kLine = 64;
constexpr std::uint32_t kUsualAreas = HC_SRAM_SEND - HC_SRAM_INPUT;
constexpr std::uint32_t kAllAreas = HC_SRAM_SEND + HC_SRAM_SEND_BYTES - HC_SRAM_STREAM;
constexpr std::uint32_t kMostContext = 1U << 22U;

std::uint32_t line(std::uint32_t bytes) {
  return parts_of(bytes, kLine) * kLine;
}

/// SRAM of the two lanes, results in place.
std::uint32_t area_bytes(const hc_flash_args_t& a) {
  const std::uint32_t m = a.block_rows * a.block_heads;
  return HC_FLASH_MOST_BLOCKS * (line(m * a.key_width * size_of(static_cast<DType>(a.dtype))) +
                                 line(m * a.tile * 4) + line(m * (a.value_width + 2) * 4));
}

std::uint32_t tile_bytes(const AttentionShape& s) {
  const hc_flash_args_t& a = s.args;
  const std::uint32_t e = size_of(s.kv_dtype());
  return line(a.tile * a.key_width * e) + (s.latent ? 0 : line(a.tile * a.value_width * e));
}

/// Whether the areas fit beside a ring of two tiles and more; sets the ring.
bool fits(AttentionShape& s) {
  if (area_bytes(s.args) <= kUsualAreas && 2 * tile_bytes(s) <= HC_SRAM_STREAM_BYTES) {
    s.args.ring = 0;
    return true;
  }
  const std::uint32_t least = area_bytes(s.args) + 2 * tile_bytes(s);
  if (least > kAllAreas) return false;
  // Results have areas of their own where that leaves the ring its two tiles.
  const std::uint32_t results =
      s.args.planes != 0 ? 0
                         : HC_FLASH_MOST_BLOCKS * line(s.args.block_rows * s.args.block_heads *
                                                       s.args.value_width * size_of(s.dtype()));
  const std::uint32_t areas = area_bytes(s.args) + (least + results <= kAllAreas ? results : 0);
  s.args.ring = (kAllAreas - areas) / kLine * kLine;
  return true;
}

void choose_blocks(AttentionShape& s, const Parameters& p) {
  hc_flash_args_t& a = s.args;
  // Wide values leave room for fewer rows.
  const std::uint32_t most = a.value_width > 256 ? kMostRows / 2 : kMostRows;
  a.block_heads = p.count("block_heads", 0, s.group());
  if (a.block_heads == 0) {
    a.block_heads = std::min(s.group(), most);
    while (s.group() % a.block_heads != 0)
      --a.block_heads;
  }
  a.block_rows = p.count("block_rows", 0, a.rows_per_sequence);
  if (a.block_rows == 0) a.block_rows = std::clamp(most / a.block_heads, 1U, a.rows_per_sequence);
  if (s.group() % a.block_heads != 0)
    throw ConfigError("block_heads",
                      fmt::format("must divide the {} query heads of a kv head", s.group()));
  const std::uint32_t blocks =
      parts_of(a.rows_per_sequence, a.block_rows) * (s.group() / a.block_heads);
  a.blocks = p.count("blocks", 0, HC_FLASH_MOST_BLOCKS);
  if (a.blocks == 0) a.blocks = std::min(blocks, HC_FLASH_MOST_BLOCKS);
}

void choose_tile(AttentionShape& s, const Parameters& p) {
  hc_flash_args_t& a = s.args;
  a.tile = p.count("tile", 0, 4096);
  const bool open = a.tile == 0;
  if (open) a.tile = kLargestTile;
  while (open && a.tile > 1 && !fits(s))
    a.tile /= 2;
  if (!fits(s)) {
    throw ConfigError("tile", fmt::format("{} positions of {} rows do not fit a core's SRAM: two "
                                          "blocks take {} bytes, two tiles {}, of {}",
                                          a.tile, a.block_rows * a.block_heads, area_bytes(a),
                                          2 * tile_bytes(s), kAllAreas));
  }
  const std::uint32_t pages = a.page == 0 ? 1 : a.tile / a.page;
  const bool whole =
      a.page == 0 || a.page % a.tile == 0 ||
      (a.tile % a.page == 0 && (pages & (pages - 1)) == 0 && pages <= HC_FLASH_TABLE_WINDOW);
  if (!whole) {
    throw ConfigError("tile", fmt::format("{} positions: must be 1, 2, 4, ... {} pages of {}, or "
                                          "divide a page",
                                          a.tile, HC_FLASH_TABLE_WINDOW, a.page));
  }
}

/// Strides of the caches, of the page or the whole sequence.
void lay_out(AttentionShape& s) {
  hc_flash_args_t& a = s.args;
  const std::uint32_t unit = a.page != 0 ? a.page : s.positions;
  const std::uint32_t e = size_of(s.kv_dtype());
  const auto cache = [&](std::uint32_t width) {
    hc_cache_t c{};
    const std::uint32_t row = width * e;
    c.position = s.token_major ? a.kv_heads * row : row;
    c.head = s.token_major ? row : unit * row;
    c.sequence = std::uint64_t{unit} * a.kv_heads * row;
    return c;
  };
  a.k = cache(s.own_width());
  if (!s.latent) a.v = cache(a.value_width);
  a.shared_position = a.shared_width * e;
  a.shared_sequence = s.positions * a.shared_position;
}

void read_sizes(AttentionShape& s, const Parameters& p) {
  hc_flash_args_t& a = s.args;
  s.sequences = p.count("batch", 1, HC_FLASH_MOST_SEQUENCES);
  a.rows_per_sequence = p.count("rows", 1, 1U << 16U);
  a.rows = s.sequences * a.rows_per_sequence;
  a.kv_heads = p.count("kv_heads", 1, 1024);
  a.q_heads = p.count("q_heads", 1, 1024);
  if (a.q_heads % a.kv_heads != 0)
    throw ConfigError("q_heads", fmt::format("must be a multiple of kv_heads = {}", a.kv_heads));
  a.key_width = p.count("width", 1, 1024);
  a.value_width = p.count("values", 1, 1024);
  a.shared_width = p.count("shared", 0, a.key_width - 1);
  s.latent = p.count("latent", 0, 1) == 1;
  if (s.latent && (a.value_width > a.key_width || a.shared_width != 0))
    throw ConfigError("latent", "values are columns of the keys: no wider, none shared");
  s.token_major = p.word("layout", {"heads", "tokens"}) == "tokens";
  a.dtype = static_cast<std::uint32_t>(p.dtype("dtype"));
  a.kv_dtype = static_cast<std::uint32_t>(p.dtype("kv"));
  a.causal = p.count("causal", 0, 1);
  a.window = p.count("window", 0, kMostContext);
  if (a.window != 0 && a.causal == 0) throw ConfigError("window", "only causal attention has one");
  s.context = p.count("context", 1, kMostContext);
  if (a.causal != 0 && s.context < a.rows_per_sequence)
    throw ConfigError("context", fmt::format("must have the {} rows", a.rows_per_sequence));
  a.page = p.count("page", 0, 4096);
  if ((a.page & (a.page - 1)) != 0) throw ConfigError("page", "must be a power of two, or 0");
  if (a.page != 0 && a.shared_width != 0) throw ConfigError("page", "shared columns are dense: 0");
  s.ranks = p.count("ranks", 1, 16);
  s.cores = p.count("cores", 1, 1024);
  s.ragged = p.count("ragged", 0, 1) == 1;
}

/// Starts of sequences; ragged ones have up to half of the context less.
void choose_starts(AttentionShape& s) {
  constexpr std::uint32_t kStep = 37;
  const std::uint32_t start = s.args.causal != 0 ? s.context - s.args.rows_per_sequence : s.context;
  for (std::uint32_t i = 0; i < s.sequences; ++i)
    s.starts.push_back(s.ragged ? start - i * kStep % (start / 2 + 1) : start);
}

}  // namespace

AttentionShape attention_shape(const Parameters& p, const config::Board& board) {
  AttentionShape s;
  hc_flash_args_t& a = s.args;
  read_sizes(s, p);
  if (s.cores > board.aipu.cores)
    throw ConfigError("cores", fmt::format("an AIPU has {}", board.aipu.cores));
  choose_starts(s);
  choose_blocks(s, p);
  a.splits = p.count("splits", 0, 64);
  if (a.splits == 0) {
    const std::uint32_t items =
        s.sequences * a.kv_heads * parts_of(s.blocks() / (s.sequences * a.kv_heads), a.blocks);
    a.splits = std::max(1U, s.cores / items);
  }
  a.planes = s.ranks * a.splits == 1 ? 0 : s.ranks * a.splits;
  choose_tile(s, p);
  a.merge_rows = p.count("merge_rows", 1, a.block_heads);
  if (a.block_heads % a.merge_rows != 0)
    throw ConfigError("merge_rows", fmt::format("must divide block_heads = {}", a.block_heads));
  a.ordered = p.count("ordered", 0, 1) | static_cast<std::uint32_t>(a.ring != 0);
  a.scale = float_bits(1.0F / std::sqrt(static_cast<float>(a.key_width)));
  const std::uint32_t unit = std::max(a.tile, a.page);
  s.positions = parts_of(parts_of(s.context, s.ranks), unit) * unit;
  a.context_positions = s.ranks > 1 ? s.positions : HC_FLASH_WHOLE_CONTEXT;
  if (a.causal == 0) a.context_positions = std::min(s.positions, s.context);
  lay_out(s);
  a.table_stride = s.pages();
  return s;
}

std::uint32_t AttentionShape::blocks() const {
  return sequences * args.kv_heads * parts_of(args.rows_per_sequence, args.block_rows) *
         (group() / args.block_heads);
}
std::uint32_t AttentionShape::items() const {
  const std::uint32_t units = sequences * args.kv_heads;
  return units * parts_of(blocks() / units, args.blocks) * args.splits;
}
std::uint32_t AttentionShape::merge_units() const {
  return blocks() * parts_of(args.block_rows * args.block_heads, args.merge_rows);
}
std::uint32_t AttentionShape::pages() const {
  return args.page == 0 ? 1 : positions / args.page;
}
std::uint64_t AttentionShape::k_bytes() const {
  return std::uint64_t{sequences} * args.kv_heads * positions * own_width() * size_of(kv_dtype());
}
std::uint64_t AttentionShape::v_bytes() const {
  return latent ? 0
                : std::uint64_t{sequences} * args.kv_heads * positions * args.value_width *
                      size_of(kv_dtype());
}
std::uint64_t AttentionShape::shared_bytes() const {
  return std::uint64_t{sequences} * args.shared_sequence;
}
std::uint64_t AttentionShape::q_bytes() const {
  return std::uint64_t{args.rows} * args.q_heads * args.key_width * size_of(dtype());
}
std::uint64_t AttentionShape::out_bytes() const {
  return std::uint64_t{args.rows} * args.q_heads * args.value_width * size_of(dtype());
}
std::uint64_t AttentionShape::partial_bytes() const {
  return std::uint64_t{blocks()} * args.planes * args.block_rows * args.block_heads *
         (args.value_width + 2) * 4;
}

AttentionShape::Range AttentionShape::seen(std::uint32_t sequence, std::uint32_t row) const {
  if (args.causal == 0) return {0, context};
  const std::uint32_t last = starts[sequence] + row + 1;
  return {args.window != 0 && last > args.window ? last - args.window : 0, last};
}

hc_flash_args_t AttentionShape::args_of(std::uint32_t rank) const {
  hc_flash_args_t a = args;
  a.plane = rank * a.splits;
  a.context_first = rank * positions;
  if (a.causal == 0 && ranks > 1)
    a.context_positions = std::min(positions, context - std::min(context, rank * positions));
  return a;
}

}  // namespace aipu::kernel

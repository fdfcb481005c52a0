// SPDX-License-Identifier: Apache-2.0
#include "sim/workload/image.h"

#include <cmath>

#include "hw/base/number_format.h"

namespace aipu::workload {
namespace {

using load::WeightKind;

template <typename T>
void put(const ImageSink& sink, std::uint64_t offset, const std::vector<T>& values) {
  if (values.empty()) return;
  sink(offset, reinterpret_cast<const std::uint8_t*>(values.data()), values.size() * sizeof(T));
}

/// One of the matrices side by side in a GEMM: its rows are columns of the GEMM.
struct Piece {
  WeightKind kind;
  load::Slice rows;     ///< of the stored matrix: outputs
  load::Slice columns;  ///< inputs
};

/// Columns [first, first + count) of a GEMM that joins pieces, each column a row of k numbers.
class Columns {
 public:
  Columns(const WeightSource& source, std::uint32_t layer, const std::vector<Piece>& pieces) {
    for (const Piece& piece : pieces) {
      const auto part = source(piece.kind, layer, piece.rows, piece.columns);
      values_.insert(values_.end(), part.begin(), part.end());
      k_ = piece.columns.count;
    }
  }
  float at(std::uint64_t k, std::uint64_t column) const { return values_[column * k_ + k]; }

 private:
  std::vector<float> values_;
  std::uint64_t k_ = 0;
};

/// Packs the tiles of one GEMM; `columns` holds one matrix for each accumulator column of a column.
void pack(const GemmTiling& t, std::uint64_t at, const std::vector<Columns>& matrices,
          const ImageSink& sink) {
  const std::uint32_t size = size_of(t.dtype);
  std::vector<std::uint8_t> tile;
  for_each_tile(t, [&](std::uint32_t, std::uint32_t n, std::uint32_t count, std::uint32_t k,
                       std::uint32_t depth, std::uint64_t offset) {
    tile.resize(std::size_t{depth} * count * matrices.size() * size);
    std::uint8_t* out = tile.data();
    for (std::uint32_t row = k; row < k + depth; ++row) {
      for (const Columns& matrix : matrices) {
        for (std::uint32_t column = n; column < n + count; ++column, out += size) {
          store_number(t.dtype, matrix.at(row, column), out);
        }
      }
    }
    put(sink, at + offset, tile);
  });
}

load::Slice slice(const Share& share, std::uint32_t factor = 1) {
  return {std::uint64_t{share.begin} * factor, std::uint64_t{share.count} * factor};
}

std::vector<float> rope_table(const Job& job) {
  const auto frequencies = load::rope_frequencies(job.model);
  const double size = job.model.rope_scaling.attention_factor;
  std::vector<float> table;
  table.reserve(std::size_t{job.positions} * frequencies.size() * 2);
  for (std::uint32_t position = 0; position < job.positions; ++position) {
    for (float f : frequencies)
      table.push_back(static_cast<float>(size * std::cos(static_cast<double>(position) * f)));
    for (float f : frequencies)
      table.push_back(static_cast<float>(size * std::sin(static_cast<double>(position) * f)));
  }
  return table;
}

void write_layer(const Job& job, const Placement& p, std::uint32_t own, const WeightSource& source,
                 const ImageSink& sink) {
  const auto& m = job.model;
  const std::uint32_t layer = p.part.layers.begin + own;
  const load::Slice hidden{0, m.hidden}, one{0, 1};
  const load::Slice q = slice(p.part.query_heads, m.head_dim),
                    kv = slice(p.part.kv_heads, m.head_dim);
  const load::Slice ffn = slice(p.part.ffn);
  put(sink, p.norm(2 * own, m.hidden), source(WeightKind::kInputNorm, layer, hidden, one));
  put(sink, p.norm(2 * own + 1, m.hidden), source(WeightKind::kPostNorm, layer, hidden, one));
  pack(p.gemms.qkv, p.layers[own],
       {Columns(source, layer,
                {{WeightKind::kQuery, q, hidden},
                 {WeightKind::kKey, kv, hidden},
                 {WeightKind::kValue, kv, hidden}})},
       sink);
  pack(p.gemms.out, p.out_weights(own),
       {Columns(source, layer, {{WeightKind::kOutput, hidden, q}})}, sink);
  pack(p.gemms.gate_up, p.gate_up_weights(own),
       {Columns(source, layer, {{WeightKind::kGate, ffn, hidden}}),
        Columns(source, layer, {{WeightKind::kUp, ffn, hidden}})},
       sink);
  pack(p.gemms.down, p.down_weights(own),
       {Columns(source, layer, {{WeightKind::kDown, hidden, ffn}})}, sink);
}

void write_embedding(const Job& job, const Placement& p, const WeightSource& source,
                     const ImageSink& sink) {
  const auto& m = job.model;
  const std::uint32_t size = size_of(job.formats.operand);
  constexpr std::uint64_t kRows =
      1024;  // at a time: a large vocabulary need not be in memory twice
  for (std::uint64_t first = 0; first < m.vocab; first += kRows) {
    const load::Slice rows{first, std::min<std::uint64_t>(kRows, m.vocab - first)};
    const auto values = source(WeightKind::kEmbedding, 0, rows, {0, m.hidden});
    std::vector<std::uint8_t> bytes(values.size() * size);
    for (std::size_t i = 0; i < values.size(); ++i) {
      store_number(job.formats.operand, values[i], bytes.data() + i * size);
    }
    put(sink, p.embedding + first * m.hidden * size, bytes);
  }
}

}  // namespace

void write_control(const Job& job, const Placement& place, const Program& program,
                   const std::vector<load::TokenId>& prompt,
                   const std::vector<load::TokenId>& last_ids, const ImageSink& sink) {
  put(sink, place.program, std::vector<hc_program_t>{program.header});
  put(sink, place.program + HC_PROGRAM_ENTRIES, program.entries);
  put(sink, place.prompt, prompt);
  put(sink, place.ids, last_ids);
  put(sink, place.rope, rope_table(job));
}

void write_weights(const Job& job, const Placement& place, const WeightSource& source,
                   const ImageSink& sink) {
  const auto& m = job.model;
  for (std::uint32_t own = 0; own < place.part.layers.count; ++own) {
    write_layer(job, place, own, source, sink);
  }
  if (place.part.first_stage()) write_embedding(job, place, source, sink);
  if (place.part.stage + 1 != job.plan.pp) return;
  put(sink, place.norm(2 * place.part.layers.count, m.hidden),
      source(WeightKind::kFinalNorm, 0, {0, m.hidden}, {0, 1}));
  const WeightKind head = m.tied_embeddings ? WeightKind::kEmbedding : WeightKind::kHead;
  pack(place.gemms.head, place.head,
       {Columns(source, 0, {{head, slice(place.part.vocabulary), {0, m.hidden}}})}, sink);
}

}  // namespace aipu::workload

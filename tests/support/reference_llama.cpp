// SPDX-License-Identifier: Apache-2.0
#include "tests/support/reference_llama.h"

#include <Eigen/Dense>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace aipu::test {

namespace {

using nlohmann::json;
using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Vector = Eigen::VectorXf;
using Index = Eigen::Index;

constexpr double kPi = 3.14159265358979323846;

std::string slurp(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("reference: cannot read " + path);
  return {std::istreambuf_iterator<char>(in), {}};
}

template <typename Stored>
void widen(const std::string& data, std::size_t begin, Matrix& to) {
  for (Index i = 0; i < to.size(); ++i) {
    Stored value;
    std::memcpy(&value, data.data() + begin + static_cast<std::size_t>(i) * sizeof value,
                sizeof value);
    to.data()[i] = static_cast<float>(value);
  }
}

using Weights = std::map<std::string, Matrix>;

void read_weights(const std::string& path, Weights& weights) {
  const std::string data = slurp(path);
  std::uint64_t length = 0;
  std::memcpy(&length, data.data(), sizeof length);
  const json header = json::parse(data.substr(8, length));
  for (const auto& [name, tensor] : header.items()) {
    if (name == "__metadata__") continue;
    const auto shape = tensor.at("shape").get<std::vector<Index>>();
    Matrix matrix(shape.at(0), shape.size() > 1 ? shape[1] : 1);
    const std::size_t begin = 8 + length + tensor.at("data_offsets")[0].get<std::size_t>();
    const auto dtype = tensor.at("dtype").get<std::string>();
    if (dtype == "F32") widen<float>(data, begin, matrix);
    if (dtype == "BF16") widen<Eigen::bfloat16>(data, begin, matrix);
    if (dtype == "F16") widen<Eigen::half>(data, begin, matrix);
    weights[name] = std::move(matrix);
  }
}

Weights read_all_weights(const std::string& directory) {
  Weights weights;
  if (!std::ifstream(directory + "/model.safetensors.index.json")) {
    read_weights(directory + "/model.safetensors", weights);
    return weights;
  }
  const json index = json::parse(slurp(directory + "/model.safetensors.index.json"));
  std::map<std::string, bool> done;
  for (const auto& [name, shard] : index.at("weight_map").items()) {
    const auto file = shard.get<std::string>();
    if (!done[file]) read_weights(directory + "/" + file, weights);
    done[file] = true;
  }
  return weights;
}

// Angle per position of each pair; "llama3" stretches the slow ones (the published formula in terms
// of wavelengths).
Vector rotary_rates(const json& config, Index head_dim) {
  Vector rates(head_dim / 2);
  const double theta = config.value("rope_theta", 10000.0);
  const json scaling = config.value("rope_scaling", json());
  const std::string type = scaling.is_object()
                               ? scaling.value("rope_type", scaling.value("type", "default"))
                               : "default";
  for (Index i = 0; i < rates.size(); ++i) {
    double rate =
        1.0 / std::pow(theta, 2.0 * static_cast<double>(i) / static_cast<double>(head_dim));
    if (type == "linear") rate /= scaling.at("factor").get<double>();
    if (type == "llama3") {
      const double factor = scaling.at("factor");
      const double low = scaling.at("low_freq_factor");
      const double high = scaling.at("high_freq_factor");
      const double trained = scaling.at("original_max_position_embeddings");
      const double wavelength = 2.0 * kPi / rate;
      if (wavelength > trained / low) {
        rate /= factor;
      } else if (wavelength >= trained / high) {
        const double smooth = (trained / wavelength - low) / (high - low);
        rate = (1.0 - smooth) * rate / factor + smooth * rate;
      }
    }
    rates[i] = static_cast<float>(rate);
  }
  return rates;
}

Vector softmax(const Vector& scores) {
  const Vector e = (scores.array() - scores.maxCoeff()).exp();
  return e / e.sum();
}

}  // namespace

struct ReferenceLlama::Model {
  Index layers, hidden, heads, kv_heads, head_dim;
  float eps;
  Vector rates;
  Weights weights;
  std::vector<std::vector<Vector>> keys, values;  // [layer][position]
  Index position = 0;

  explicit Model(const std::string& directory) : weights(read_all_weights(directory)) {
    const json config = json::parse(slurp(directory + "/config.json"));
    layers = config.at("num_hidden_layers");
    hidden = config.at("hidden_size");
    heads = config.at("num_attention_heads");
    kv_heads = config.value("num_key_value_heads", heads);
    head_dim = config.value("head_dim", hidden / heads);
    eps = config.value("rms_norm_eps", 1e-6F);
    rates = rotary_rates(config, head_dim);
    keys.resize(static_cast<std::size_t>(layers));
    values.resize(static_cast<std::size_t>(layers));
    if (config.value("tie_word_embeddings", false)) {
      weights["lm_head.weight"] = weights.at("model.embed_tokens.weight");
    }
  }

  Vector normalised(const Vector& x, const std::string& name) const {
    const float scale = 1.0F / std::sqrt(x.squaredNorm() / static_cast<float>(hidden) + eps);
    return (x * scale).cwiseProduct(weights.at(name).col(0));
  }

  // Rotates element i of each head against element i + head_dim / 2.
  void rotate(Vector& x) const {
    const Index half = head_dim / 2;
    for (Index head = 0; head < x.size(); head += head_dim) {
      for (Index i = 0; i < half; ++i) {
        const float angle = static_cast<float>(position) * rates[i];
        const float a = x[head + i];
        const float b = x[head + i + half];
        x[head + i] = a * std::cos(angle) - b * std::sin(angle);
        x[head + i + half] = b * std::cos(angle) + a * std::sin(angle);
      }
    }
  }

  Vector attend(const Vector& query, std::size_t layer) const {
    const auto& k = keys[layer];
    const auto& v = values[layer];
    const float scale = 1.0F / std::sqrt(static_cast<float>(head_dim));
    Vector out = Vector::Zero(heads * head_dim);
    for (Index head = 0; head < heads; ++head) {
      const Index shared = head / (heads / kv_heads) * head_dim;
      const auto q = query.segment(head * head_dim, head_dim);
      Vector scores(static_cast<Index>(k.size()));
      for (std::size_t t = 0; t < k.size(); ++t) {
        scores[static_cast<Index>(t)] = scale * q.dot(k[t].segment(shared, head_dim));
      }
      const Vector p = softmax(scores);
      for (std::size_t t = 0; t < v.size(); ++t) {
        out.segment(head * head_dim, head_dim) +=
            p[static_cast<Index>(t)] * v[t].segment(shared, head_dim);
      }
    }
    return out;
  }

  void run_layer(std::size_t layer, Vector& x) {
    const std::string at = "model.layers." + std::to_string(layer) + ".";
    const auto weight = [&](const char* name) -> const Matrix& {
      return weights.at(at + name + ".weight");
    };
    const Vector a = normalised(x, at + "input_layernorm.weight");
    Vector q = weight("self_attn.q_proj") * a;
    Vector k = weight("self_attn.k_proj") * a;
    rotate(q);
    rotate(k);
    keys[layer].push_back(k);
    values[layer].emplace_back(weight("self_attn.v_proj") * a);
    x += weight("self_attn.o_proj") * attend(q, layer);
    const Vector m = normalised(x, at + "post_attention_layernorm.weight");
    const Vector gate = weight("mlp.gate_proj") * m;
    const Vector up = weight("mlp.up_proj") * m;
    const Vector silu = gate.array() / (1.0F + (-gate.array()).exp());
    x += weight("mlp.down_proj") * silu.cwiseProduct(up);
  }

  Vector step(std::uint32_t token) {
    Vector x = weights.at("model.embed_tokens.weight").row(static_cast<Index>(token)).transpose();
    for (std::size_t layer = 0; layer < keys.size(); ++layer)
      run_layer(layer, x);
    ++position;
    return weights.at("lm_head.weight") * normalised(x, "model.norm.weight");
  }
};

ReferenceLlama::ReferenceLlama(const std::string& directory)
    : model_(std::make_unique<Model>(directory)) {}

ReferenceLlama::~ReferenceLlama() = default;

void ReferenceLlama::reset() {
  model_->position = 0;
  for (auto& layer : model_->keys)
    layer.clear();
  for (auto& layer : model_->values)
    layer.clear();
}

std::vector<float> ReferenceLlama::forward(std::uint32_t token) {
  const Vector logits = model_->step(token);
  return {logits.data(), logits.data() + logits.size()};
}

std::vector<std::uint32_t> ReferenceLlama::greedy(std::uint32_t bos,
                                                  const std::vector<std::uint32_t>& prompt,
                                                  std::uint32_t new_tokens) {
  reset();
  std::vector<std::uint32_t> ids = prompt;
  Vector logits = model_->step(bos);
  for (const std::uint32_t id : prompt)
    logits = model_->step(id);
  while (ids.size() < prompt.size() + new_tokens) {
    Index best = 0;
    logits.maxCoeff(&best);
    ids.push_back(static_cast<std::uint32_t>(best));
    if (ids.size() < prompt.size() + new_tokens) logits = model_->step(ids.back());
  }
  return ids;
}

}  // namespace aipu::test

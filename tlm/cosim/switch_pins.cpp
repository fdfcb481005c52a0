// SPDX-License-Identifier: Apache-2.0
#include "tlm/cosim/switch_pins.h"

#include <cstring>
#include <optional>
#include <svdpi.h>
#include <switch_models.h>
#include <type_traits>
#include <verilated.h>
#ifdef AIPU_RTL_COVERAGE
#include <verilated_cov.h>
#endif

#include "tlm/cosim/model_state.h"
#include "tlm/cosim/model_waves.h"

namespace aipu::cosim {
namespace {

constexpr std::uint32_t kLenWidth = 7;  // packet_pkg::LenWidth

/// Bits of a pin group, which Verilator makes an integer or an array of words by its width.
template <typename Pin>
std::uint64_t bits(const Pin& pin, std::uint32_t low, std::uint32_t width) {
  const std::uint64_t mask = ~0ULL >> (64 - width);
  if constexpr (std::is_integral_v<Pin>) {
    return (std::uint64_t{pin} >> low) & mask;
  } else {
    std::uint64_t value = pin[low / 32] >> low % 32;
    if (low % 32 + width > 32) value |= std::uint64_t{pin[low / 32 + 1]} << (32 - low % 32);
    return value & mask;
  }
}

template <typename Pin>
void set_bits(Pin& pin, std::uint32_t low, std::uint32_t width, std::uint64_t value) {
  const std::uint64_t mask = ~0ULL >> (64 - width);
  if constexpr (std::is_integral_v<Pin>) {
    pin = static_cast<Pin>((std::uint64_t{pin} & ~(mask << low)) | (value & mask) << low);
  } else {
    for (std::uint32_t b = 0; b < width; b += 32 - (low + b) % 32) {
      const std::uint32_t shift = (low + b) % 32;
      const auto word = static_cast<std::uint32_t>((mask >> b) << shift);
      pin[(low + b) / 32] = (pin[(low + b) / 32] & ~word) |
                            (static_cast<std::uint32_t>((value >> b) << shift) & word);
    }
  }
}

constexpr std::uint32_t log2_ceil(std::uint32_t n) {
  std::uint32_t bits = 0;
  while (1U << bits < n)
    ++bits;
  return bits;
}

/// Keeps what its model's assertions find, for the end of the cycle: nothing is thrown through
/// generated code.
class Context final : public VerilatedContext {
 public:
  Context() = default;
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context() {
    if (Verilated::threadContextp() == this)
      Verilated::threadContextp(Verilated::defaultContextp());
  }
  void keep(SwitchPins::Broken broken) {
    if (!broken_) broken_ = std::move(broken);
  }
  const SwitchPins::Broken* broken() const { return broken_ ? &*broken_ : nullptr; }

 private:
  std::optional<SwitchPins::Broken> broken_;
};

template <typename Model, std::uint32_t Ports, std::uint32_t Speedup>
class Pins final : public SwitchPins {
 public:
  Pins() : model_(&context_) {
    context_.assertOn(false);
#ifdef AIPU_RTL_COVERAGE
    context_.coveragep()->forcePerInstance(true);
#endif
    model_.rst_ni = 1;
    model_.eval();
    reset();
  }
  ~Pins() override {
    // Verilator takes the scopes of a model out of the thread's context, whichever that is.
    Verilated::threadContextp(&context_);
    model_.final();
  }

  std::uint32_t ports() const override {
    return Ports;
  }
  Limits limits() const override {
    return {AIPU_RTL_NODES,
            1U << kPoolWidth,
            (1U << AIPU_RTL_CREDIT_WIDTH) - 1,
            AIPU_RTL_DEPTH_PER_PORT * Ports,
            AIPU_RTL_PIPELINE,
            AIPU_RTL_OUT_FLITS,
            Speedup};
  }

  void configure(Select select, std::uint32_t port, std::uint32_t index,
                 std::uint64_t value) override {
    model_.config_valid_i = 1;
    model_.config_select_i = static_cast<CData>(select);
    model_.config_port_i = static_cast<CData>(port);
    model_.config_index_i = static_cast<SData>(index);
    model_.config_value_i = value;
    edge(false);
    model_.config_valid_i = 0;
  }
  void put_flit(std::uint32_t input, const Flit& flit) override {
    model_.in_valid_i |= one(input);
    for (std::uint32_t w = 0; w < kFlitWords; ++w)
      model_.in_data_i[input * kFlitWords + w] = flit[w];
  }
  void put_credit(std::uint32_t output, const Credit& credit) override {
    std::uint32_t place = output * Speedup;
    if (bits(model_.credit_valid_i, place, 1) != 0) ++place;
    set_bits(model_.credit_valid_i, place, 1, 1);
    set_bits(model_.credit_pool_i, place * kPoolWidth, kPoolWidth, credit.pool);
    set_bits(model_.credit_class_i, place * 2, 2, credit.traffic_class);
    set_bits(model_.credit_flits_i, place * kLenWidth, kLenWidth, credit.flits);
  }
  void hold(std::uint32_t output) override {
    model_.hold_i |= one(output);
  }

  void clock(bool second) override {
    edge(second);
    ++tick_;
  }
  void jump(std::uint64_t tick) override {
    if (waves_ != nullptr && tick != tick_) waves_->fall();
    tick_ = tick;
  }

#ifndef AIPU_RTL_COVERAGE  // Verilator has coverage or snapshots
  Snapshot save() override {
    Snapshot snapshot;
    StateWriter writer(snapshot);
    writer << model_;
    writer.finish();
    return snapshot;
  }
  bool restore(const Snapshot& snapshot) override {
    if (snapshot.size() != save().size()) return false;
    StateReader reader(snapshot);
    reader >> model_;
    return true;
  }
#endif
  void open_waves(const std::string& path, std::uint64_t tick_ps) override {
    context_.traceEverOn(true);
    waves_ = std::make_unique<ModelWaves>(tick_ps, Ports, shell_);
    model_.trace(&waves_->file(), kAllLevels);
    waves_->open(path);
  }
  void close_waves(std::uint64_t blank_ticks) override {
    if (waves_ != nullptr) waves_->go_on(blank_ticks);
    waves_.reset();
  }
  void watch(const ShellSignals* shell) override {
    shell_ = shell;
  }

  void reset() override {
    model_.rst_ni = 0;
    model_.eval();
    edge(false);
    model_.rst_ni = 1;
    model_.eval();
  }
  void assertions(bool on) override {
    context_.assertOn(on);
  }
  const Broken* broken() const override {
    return context_.broken();
  }
#ifdef AIPU_RTL_COVERAGE
  bool write_coverage(const std::string& path) override {
    context_.coveragep()->write(path.c_str());
    return true;
  }
#endif

  std::uint64_t routed() const override {
    return model_.routed_o;
  }
  std::uint32_t routed_output(std::uint32_t input) const override {
    return field(model_.routed_out_o, input, kPortWidth);
  }
  std::uint64_t granted() const override {
    return model_.grant_o;
  }
  Grant grant(std::uint32_t output) const override {
    return {field(model_.grant_in_o, output, kPortWidth), field(model_.grant_class_o, output, 2),
            field(model_.grant_mark_o, output, 1) != 0};
  }
  std::uint64_t no_credit() const override {
    return model_.no_credit_o;
  }
  std::uint64_t lost_arbitration() const override {
    return model_.lost_arbitration_o;
  }
  std::uint64_t sending() const override {
    return model_.out_valid_o;
  }
  Flit flit(std::uint32_t output) const override {
    Flit flit{};
    for (std::uint32_t w = 0; w < kFlitWords; ++w)
      flit[w] = model_.out_data_o[output * kFlitWords + w];
    return flit;
  }
  bool mark(std::uint32_t output) const override {
    return field(model_.out_mark_o, output, 1) != 0;
  }
  std::uint64_t returning() const override {
    return model_.credit_valid_o;
  }
  Credit credit(std::uint32_t input) const override {
    return {field(model_.credit_pool_o, input, kPoolWidth), field(model_.credit_class_o, input, 2),
            field(model_.credit_flits_o, input, kLenWidth)};
  }
  bool busy() const override {
    return model_.busy_o != 0;
  }

  void put_flits(std::uint64_t inputs, const Flit* flits) override {
    model_.in_valid_i |= static_cast<Mask>(inputs);
    for_each_bit(inputs, [&](std::uint32_t i) {
      std::memcpy(&model_.in_data_i[i * kFlitWords], flits[i].data(), sizeof(Flit));
    });
  }
  void read(Outputs& outputs) const override {
    read_each(*this, outputs);
  }

 private:
  static constexpr std::uint32_t kPoolWidth = AIPU_RTL_POOL_WIDTH;
  static constexpr std::uint32_t kPortWidth = log2_ceil(Ports);
  static constexpr int kAllLevels = 99;
  using Mask = std::decay_t<decltype(Model::in_valid_i)>;

  void edge(bool second) {
    model_.phase_i = second ? 1 : 0;
    const bool waves = waves_ != nullptr && model_.config_valid_i == 0;
    // Assertions and waves see what follows from this cycle's inputs too.
    if (context_.assertOn() || waves) model_.eval();
    if (waves) waves_->before(tick_);
    model_.clk_i = 1;
    model_.eval();
    if (waves) waves_->rise(tick_);
    model_.clk_i = 0;
    model_.in_valid_i = 0;
    model_.credit_valid_i = 0;
    model_.hold_i = 0;
    model_.eval();
  }

  static Mask one(std::uint32_t port) {
    return static_cast<Mask>(1U << port);
  }
  template <typename Pin>
  static std::uint32_t field(const Pin& pin, std::uint32_t port, std::uint32_t width) {
    return static_cast<std::uint32_t>(bits(pin, port * width, width));
  }

  Context context_;
  Model model_;
  std::uint64_t tick_ = 0;  ///< of the next clock
  const ShellSignals* shell_ = nullptr;
  std::unique_ptr<ModelWaves> waves_;
};

struct Built {
  std::uint32_t ports;
  std::uint32_t speedup;
  std::unique_ptr<SwitchPins> (*make)();
};

/// As AIPU_RTL_PORTS lists them, ascending in ports.
constexpr Built kBuilt[] = {
#define AIPU_RTL_MODEL(Model, ports, speedup)                \
  {ports, speedup, []() -> std::unique_ptr<SwitchPins> {     \
     return std::make_unique<Pins<Model, ports, speedup>>(); \
   }},
#include <switch_models.inc>
#undef AIPU_RTL_MODEL
};

#ifdef AIPU_RTL_ASSERTIONS
/// What rtl/sva calls. Its scope knows the model, and so the context.
void keep_broken(const char* rule, const char* name, int port) {
  const auto* const scope = static_cast<const VerilatedScope*>(svGetScope());
  auto& context = static_cast<Context&>(*scope->symsp()->_vm_contextp__);
  std::string where = std::string(scope->name()) + '.' + name;
  if (port >= 0) where += ", port " + std::to_string(port);
  context.keep({rule, where});
}
#endif

}  // namespace

std::unique_ptr<SwitchPins> SwitchPins::make(std::uint32_t ports, std::uint32_t speedup) {
  for (const Built& model : kBuilt) {
    if (model.ports >= ports && model.speedup == speedup) return model.make();
  }
  return nullptr;
}

std::vector<std::uint32_t> SwitchPins::built() {
  std::vector<std::uint32_t> ports;
  for (const Built& model : kBuilt) {
    if (model.speedup == 1) ports.push_back(model.ports);
  }
  return ports;
}

std::string SwitchPins::build() {
  return AIPU_RTL_BUILD;
}

}  // namespace aipu::cosim

#ifdef AIPU_RTL_ASSERTIONS
extern "C" void aipu_rule_broken(const char* rule, const char* name, int port) {
  aipu::cosim::keep_broken(rule, name, port);
}
#endif

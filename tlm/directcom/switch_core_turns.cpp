// SPDX-License-Identifier: Apache-2.0
// SwitchCore: turns that queues lose, and inputs that are kept so that they are made good.
#include "tlm/directcom/switch_core.h"

namespace aipu::directcom {

// Without this, outputs and inputs that free in different cycles can miss each other for ever. Only
// one queue of an output at a time has its input kept, and it goes on until its turns are made
// good: the inputs of others would stand idle, and every change costs a wait for both ends.
template <unsigned Words>
void SwitchCore<Words>::keep_inputs(std::uint64_t cycle) {
  kept_.clear();
  urgent_outputs_.for_each([&](std::uint32_t o) {
    Output& output = outputs_[o];
    settle(output, cycle);
    output.keeps = find_kept(output, o);
    if (output.keeps) kept_.insert(output.kept.input);
  });
}

/// The urgent queue that an input was last kept and taken for; else the next with credit: lowest
/// class first, within a class the first input behind the last.
template <unsigned Words>
bool SwitchCore<Words>::find_kept(Output& output, std::uint32_t o) {
  const auto able = [&](const Queue& q) {
    return output.urgent[q.traffic_class].has(q.input) &&
           has_credit(output, head(voqs_[voq(q.input, o, q.traffic_class)]));
  };
  output.kept = output.made_good;
  if (able(output.kept)) return true;
  const std::uint32_t start = output.made_good.input + 1 == ports_ ? 0 : output.made_good.input + 1;
  for (std::uint32_t c = 0; c < kClasses; ++c) {
    for (Ports urgent = output.urgent[c]; !urgent.empty(); urgent.erase(output.kept.input)) {
      output.kept = {urgent.round_robin(start), c};
      if (able(output.kept)) return true;
    }
  }
  return false;
}

/// Input `i` is served at output `o`. Queues that were before it in turn have lost one: at the
/// output for whatever reason, at the input if their output was busy or the input kept for another.
template <unsigned Words>
void SwitchCore<Words>::count_turns(std::uint32_t o, std::uint32_t c, std::uint32_t i) {
  Output& output = outputs_[o];
  output.requests[c].between(output.pointer[c], i).for_each([&](std::uint32_t j) {
    lose_turn(j, o, c);
  });
  Ports outputs = wanted_[i * kClasses + c].between(accept_pointer_[i], o);
  if (open_inputs_.has(i)) outputs -= open_outputs_;
  outputs.for_each([&](std::uint32_t p) { lose_turn(i, p, c); });
  Voq& queue = voqs_[voq(i, o, c)];
  if (output.keeps && output.kept.input == i && output.kept.traffic_class == c)
    output.made_good = output.kept;
  if (queue.lost != 0) --queue.lost;
  if (queue.lost == 0 && output.urgent[c].has(i)) end_urgency(i, o, c);
}

template <unsigned Words>
void SwitchCore<Words>::lose_turn(std::uint32_t i, std::uint32_t o, std::uint32_t c) {
  Output& output = outputs_[o];
  Voq& queue = voqs_[voq(i, o, c)];
  if (output.urgent[c].has(i)) return;
  if (++queue.lost < config_.patience) return;
  output.urgent[c].insert(i);
  urgent_outputs_.insert(o);
}

template <unsigned Words>
void SwitchCore<Words>::end_urgency(std::uint32_t i, std::uint32_t o, std::uint32_t c) {
  Output& output = outputs_[o];
  output.urgent[c].erase(i);
  output.keeps = false;
  if (no_input(output.urgent)) urgent_outputs_.erase(o);
}

template class SwitchCore<1>;
template class SwitchCore<4>;

}  // namespace aipu::directcom

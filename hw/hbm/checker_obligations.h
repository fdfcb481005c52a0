// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "hw/hbm/checker_rules.h"

namespace aipu::hbm {

/// The refreshes that a pseudo-channel owes, in refreshes of single banks: a REFAB counts for all.
///
/// One of each bank falls due at every multiple of tREFI (all_bank), or one at every multiple of
/// tREFIpb (per_bank), of which a round is one of every bank. At most 1 + refresh_postpone rounds
/// may be owed, and no round may begin more than refresh_pull_in rounds ahead of its time.
class RefreshDebt {
 public:
  RefreshDebt(const Config& config, const CheckedDevice& device);

  /// When too many will be owed, if none is done before; never without refresh.
  Tick breach() const { return breach_; }
  /// The breach has been reported: once is enough, until the next refresh.
  void reported() { breach_ = kNever; }
  /// A refresh of `banks` banks at `now`. False: it is too early to count.
  bool refresh(Tick now, std::uint32_t banks);
  /// The bank of a REFPB. False: it had its turn in this round.
  bool in_turn(std::uint32_t bank);
  void round_done() { refreshed_ = 0; }

  static constexpr Tick kNever = std::numeric_limits<Tick>::max();

 private:
  void find_breach();

  Tick period_ = 0;  ///< every so often
  Tick step_ = 0;    ///< so many fall due
  Tick banks_ = 0;
  Tick postponed_ = 0;  ///< that may be owed
  Tick ahead_ = 0;      ///< rounds that may be begun before their time
  Tick done_ = 0;
  Tick breach_ = kNever;
  std::uint64_t refreshed_ = 0;  ///< banks, this round
};

/// Activates of each bank that no refresh has made up for (the RAA counter of the data sheets): one
/// more for each ACT, less `rfm_threshold` by RFM and `rfm_decrement` by a refresh, at least 0.
class ActivateDebt {
 public:
  explicit ActivateDebt(const Config& config);

  /// False: the counter of the bank is above `rfm_limit` now.
  bool activate(std::uint32_t bank);
  void refresh(std::uint32_t bank) { settle(bank, decrement_); }
  void manage(std::uint32_t bank) { settle(bank, threshold_); }
  std::uint64_t count(std::uint32_t bank) const { return counts_[bank]; }
  std::uint64_t limit() const { return limit_; }

 private:
  void settle(std::uint32_t bank, std::uint64_t amount);

  std::uint64_t threshold_;
  std::uint64_t decrement_;
  std::uint64_t limit_;
  std::vector<std::uint64_t> counts_;
};

}  // namespace aipu::hbm

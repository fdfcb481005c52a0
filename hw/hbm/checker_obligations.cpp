// SPDX-License-Identifier: Apache-2.0
#include "hw/hbm/checker_obligations.h"

#include <algorithm>

namespace aipu::hbm {

RefreshDebt::RefreshDebt(const Config& config, const CheckedDevice& device)
    : banks_(static_cast<Tick>(bank_count(config))) {
  if (config.refresh == Refresh::kNone) return;
  const bool all = config.refresh == Refresh::kAllBank;
  period_ = all ? device.refi : device.refi_pb;
  step_ = all ? banks_ : 1;
  postponed_ = (1 + static_cast<Tick>(config.refresh_postpone)) * banks_;
  // A round of single banks begins when the previous one has ended; one of all banks when it is
  // due.
  ahead_ = static_cast<Tick>(config.refresh_pull_in) + (all ? 0 : 1);
  find_breach();
}

void RefreshDebt::find_breach() {
  breach_ = period_ * ((done_ + postponed_) / step_ + 1);
}

bool RefreshDebt::refresh(Tick now, std::uint32_t banks) {
  if (period_ == 0) return true;
  const Tick round = period_ * banks_ / step_;
  const Tick most = (now / round + ahead_) * banks_;
  done_ += banks;
  const bool counts = done_ <= most;
  done_ = std::min(done_, most);
  find_breach();
  return counts;
}

bool RefreshDebt::in_turn(std::uint32_t bank) {
  if (period_ == 0) return true;
  const std::uint64_t bit = std::uint64_t{1} << bank;
  if ((refreshed_ & bit) != 0) return false;
  refreshed_ |= bit;
  const std::uint64_t all = ~std::uint64_t{0} >> (64 - banks_);
  if (refreshed_ == all) refreshed_ = 0;
  return true;
}

ActivateDebt::ActivateDebt(const Config& config)
    : threshold_(config.rfm_threshold),
      decrement_(config.rfm_decrement),
      limit_(config.rfm_limit),
      counts_(bank_count(config)) {}

bool ActivateDebt::activate(std::uint32_t bank) {
  return threshold_ == 0 || ++counts_[bank] <= limit_;
}

void ActivateDebt::settle(std::uint32_t bank, std::uint64_t amount) {
  counts_[bank] -= std::min(counts_[bank], amount);
}

}  // namespace aipu::hbm

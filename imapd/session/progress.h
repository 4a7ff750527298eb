#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

#include "imapd/base/clock.h"

namespace imapd::session {

// When a command that goes on for long says how far it is (RFC 9585), and in what numbers: these never go back, the goal stays
// what it was said to be and is not reached before the tagged answer.
class Progress {
 public:
  // The first is said so long after the command began, the next ones so long after another.
  static constexpr std::chrono::seconds kEvery{10};

  struct Report {
    std::uint32_t done = 0;
    std::uint32_t goal = 0;  // More than `done`.
  };

  explicit Progress(Timestamp begun) : said_(begun) {}

  // The command goes through its messages so many times. From the start; 1 if nobody says otherwise.
  void set_passes(std::uint32_t passes) { passes_ = passes; }
  void next_pass() { ++pass_; }

  // `done` of the messages of this pass, which are `all`, are done. nullopt: it is not time to say so.
  std::optional<Report> at(std::uint64_t done, std::uint64_t all, Timestamp now) {
    if (all == 0 || now - said_ < kEvery) return std::nullopt;
    said_ = now;
    if (goal_ == 0) goal_ = std::min(all, kGoalMax / passes_) * passes_;
    const double passed = pass_ + static_cast<double>(std::min(done, all)) / static_cast<double>(all);
    const auto reached = static_cast<std::uint64_t>(passed / passes_ * static_cast<double>(goal_));
    told_ = std::max(told_, std::min(reached, goal_ - 1));
    return Report{static_cast<std::uint32_t>(told_), static_cast<std::uint32_t>(goal_)};
  }

 private:
  static constexpr std::uint64_t kGoalMax = 0xffff'ffff;

  Timestamp said_;
  std::uint32_t passes_ = 1;
  std::uint32_t pass_ = 0;
  std::uint64_t goal_ = 0;
  std::uint64_t told_ = 0;
};

}  // namespace imapd::session

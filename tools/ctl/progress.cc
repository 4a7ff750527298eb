#include "tools/ctl/progress.h"

#include <algorithm>
#include <cstdio>

#include "tools/client/units.h"

namespace tools::ctl {

Progress::Progress(std::string title, std::uint64_t total, Show show)
    : title_(std::move(title)), total_(total), show_(show) {}

Progress::~Progress() {
  if (show_ == Show::kBar && drawn_ != std::chrono::steady_clock::time_point{}) {
    std::fputs("\r\x1b[K", stderr);
  }
}

void Progress::update(std::uint64_t done) {
  constexpr std::chrono::milliseconds kInterval(100);
  const auto now = std::chrono::steady_clock::now();
  if (show_ == Show::kNothing || now - drawn_ < kInterval) {
    return;
  }
  drawn_ = now;
  draw(done);
}

void Progress::draw(std::uint64_t done) const {
  constexpr std::uint64_t kWidth = 30;
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
  const auto rate = static_cast<std::uint64_t>(seconds > 0 ? static_cast<double>(done) / seconds : 0);
  std::string line = title_ + " ";
  if (total_ > 0) {
    const std::uint64_t filled = std::min(kWidth, done * kWidth / total_);
    for (std::uint64_t at = 0; at < kWidth; ++at) {
      line += at < filled ? "█" : "░";
    }
    line += " " + std::to_string(std::min<std::uint64_t>(100, done * 100 / total_)) + " %  " +
            client::format_count(done) + " of " + client::format_count(total_);
  } else {
    line += client::format_count(done);
  }
  line += "  " + client::format_count(rate) + "/s";
  std::fprintf(stderr, "\r%s\x1b[K", line.c_str());
  std::fflush(stderr);
}

}  // namespace tools::ctl

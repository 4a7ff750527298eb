// A progress bar on standard error.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace tools::ctl {

enum class Show { kBar, kNothing };

// Operation  update() redraws at most every 100 ms; the destructor clears the line, so that what follows stands alone.
//            With Show::kNothing it draws nothing: standard error is no terminal, or JSON was asked for.
class Progress {
 public:
  // `total` 0: not known, only the count is shown.
  Progress(std::string title, std::uint64_t total, Show show);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void update(std::uint64_t done);

 private:
  void draw(std::uint64_t done) const;

  std::string title_;
  std::uint64_t total_;
  Show show_;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point drawn_{};
};

}  // namespace tools::ctl

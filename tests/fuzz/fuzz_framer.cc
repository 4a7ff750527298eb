// The framer must say the same however its input is cut up, keep to its limits, and give out only what was fed. The first byte
// of the input chooses where to cut; the rest is what a client sends. A frame must not break the parser.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "imapd/base/check.h"
#include "imapd/wire/framer.h"
#include "imapd/wire/parse_command.h"

namespace {

using imapd::wire::Frame;
using imapd::wire::Framer;
using imapd::wire::FramerLimits;
using imapd::wire::NeedBytes;
using imapd::wire::NeedContinuation;
using imapd::wire::TooLong;

constexpr FramerLimits kLimits{.line_bytes_max = 64, .literal_bytes_max = 32, .message_bytes_max = 48, .swallow_bytes_max = 256};

std::vector<std::string> run(std::string_view bytes, std::size_t step) {
  Framer framer(kLimits);
  std::vector<std::string> events;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    framer.feed(bytes.substr(at, step));
    for (;;) {
      const auto outcome = framer.next();
      if (std::holds_alternative<NeedBytes>(outcome)) break;
      if (std::holds_alternative<NeedContinuation>(outcome)) {
        events.emplace_back("+");
      } else if (const auto* frame = std::get_if<Frame>(&outcome)) {
        CHECK(!frame->bytes.empty());
        events.push_back("f" + std::string(frame->bytes));
      } else {
        const auto& refused = std::get<TooLong>(outcome);
        events.push_back((refused.close ? "c" : "t") + std::to_string(static_cast<int>(refused.reason)) + refused.tag);
      }
    }
    constexpr std::size_t kHeldMax = kLimits.line_bytes_max * 3 + kLimits.literal_bytes_max + kLimits.message_bytes_max;
    CHECK(framer.buffered_bytes() <= kHeldMax);
  }
  return events;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t step = data[0] % 16 + 1u;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto whole = run(bytes, bytes.size());
  CHECK(run(bytes, step) == whole);
  CHECK(run(bytes, 1) == whole);
  for (const std::string& event : whole) {
    if (event.front() == 'f') imapd::wire::parse_command(std::string_view(event).substr(1));
  }
  return 0;
}

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "imapd/base/error.h"
#include "imapd/base/limits.h"
#include "imapd/search/match.h"
#include "imapd/store/message.h"
#include "imapd/wire/command.h"

namespace imapd::search {

using wire::SortCriterion;
using wire::SortKey;

// Sorts messages by RFC 5256, RFC 5957 and RFC 5257. Strings compare by i;unicode-casemap (RFC 5051).
//
// Operation    add() each message in the order of the mailbox, then step() until it says that nothing is left, then order().
//              A message becomes one string of bytes whose order is that of the criteria, so a comparison is one memcmp().
// Limits       A string counts with its first limits::kSortValueBytesMax bytes. All together hold at most
//              limits::kSortBytesMax; then add() fails with kResourceExhausted.
// Concurrency  One thread at a time.
class Sorter {
 public:
  // `asker`: as of a Matcher.
  explicit Sorter(std::vector<SortCriterion> criteria, std::size_t bytes_max = limits::kSortBytesMax, store::Actor asker = {});
  // Only ARRIVAL, SIZE and ANNOTATION need nothing of the content; nothing needs the body.
  Matcher::Cost cost() const;
  Result<void> add(const store::MessageState& message, Content& content);
  // A piece of the work, of some ten milliseconds. False: all is sorted.
  bool step();
  // Counted in the order of add(), from 0.
  const std::vector<std::uint32_t>& order() const { return order_; }

 private:
  struct Piece {
    std::size_t at;
    std::size_t size;
  };
  void append_value(const SortCriterion& criterion, const store::MessageState& message, std::string_view header);
  bool less(std::uint32_t a, std::uint32_t b) const;

  std::vector<SortCriterion> criteria_;
  std::size_t bytes_max_;
  store::Actor asker_;
  std::string bytes_;          // The values of all messages, one after another.
  std::vector<Piece> pieces_;  // Those of one message.
  std::vector<std::uint32_t> order_;
  std::size_t sorted_ = 0;  // Runs of run_ messages up to here are in order.
  std::size_t run_ = 0;     // 0: not begun.
};

}  // namespace imapd::search

#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace imapd {

// An integer that cannot be taken for one of another meaning.
template <class Tag, class Rep>
class StrongId {
 public:
  using Representation = Rep;
  constexpr StrongId() = default;
  constexpr explicit StrongId(Rep value) : value_(value) {}
  constexpr Rep value() const { return value_; }
  constexpr StrongId next() const { return StrongId(static_cast<Rep>(value_ + 1)); }
  friend constexpr auto operator<=>(StrongId, StrongId) = default;

 private:
  Rep value_ = 0;
};

using MailboxId = StrongId<struct MailboxIdTag, std::uint64_t>;
// A message's number in its mailbox for ever: ascending, never reused, survives a change of UIDVALIDITY.
using Serial = StrongId<struct SerialTag, std::uint64_t>;
// Serial minus the base of the mailbox's present UIDVALIDITY. Never 0 (RFC 3501, section 9: nz-number).
using Uid = StrongId<struct UidTag, std::uint32_t>;
using UidValidity = StrongId<struct UidValidityTag, std::uint32_t>;
// At most 2^63 - 1 (RFC 7162, section 7).
using ModSeq = StrongId<struct ModSeqTag, std::uint64_t>;
using BodyId = StrongId<struct BodyIdTag, std::uint64_t>;

}  // namespace imapd

template <class Tag, class Rep>
struct std::hash<imapd::StrongId<Tag, Rep>> {
  std::size_t operator()(imapd::StrongId<Tag, Rep> id) const { return std::hash<Rep>()(id.value()); }
};

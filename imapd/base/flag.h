#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace imapd {

// The flags that have a bit of their own. The values are on disk: never change or reuse one.
enum class SystemFlag : std::uint8_t { kAnswered = 0, kFlagged = 1, kDeleted = 2, kSeen = 3, kDraft = 4, kClaimed = 5 };

// One flag: a system flag or a keyword. `$Claimed` and `\Claimed` are one flag under two names. \Recent is not a flag of a
// message but of a session's view of it, so it is not here (RFC 3501, section 2.3.2).
class Flag {
 public:
  Flag(SystemFlag flag) : system_(flag) {}  // NOLINT: meant to convert
  // `name` as it stands on the wire: `\Seen`, `$Claimed`, `Junk`. Case does not matter. nullopt when it is a backslash flag that
  // does not exist here (\Recent included) or holds a character that an atom may not.
  static std::optional<Flag> parse(std::string_view name);

  bool is_system() const { return system_.has_value(); }
  SystemFlag system() const { return *system_; }
  const std::string& keyword() const { return keyword_; }
  // `\Seen`, `\Claimed`, `Junk`.
  std::string name() const;

 private:
  explicit Flag(std::string keyword) : keyword_(std::move(keyword)) {}
  std::optional<SystemFlag> system_;
  std::string keyword_;
};

// A message's flags. Keywords are compared without case and keep the spelling of whoever set them first.
class FlagSet {
 public:
  FlagSet() = default;
  FlagSet(std::initializer_list<Flag> flags) {
    for (const Flag& flag : flags) add(flag);
  }
  static FlagSet from_bits(std::uint32_t bits) {
    FlagSet set;
    set.bits_ = bits;
    return set;
  }
  bool contains(SystemFlag flag) const { return (bits_ & bit(flag)) != 0; }
  bool contains(const Flag& flag) const;
  bool contains_keyword(std::string_view keyword) const;
  void add(const Flag& flag);
  void remove(const Flag& flag);
  bool empty() const { return bits_ == 0 && keywords_.empty(); }
  std::uint32_t bits() const { return bits_; }
  const std::vector<std::string>& keywords() const { return keywords_; }
  // All members; system flags first.
  std::vector<Flag> flags() const;
  friend bool operator==(const FlagSet& a, const FlagSet& b);

  static constexpr std::uint32_t bit(SystemFlag flag) { return 1u << static_cast<unsigned>(flag); }

 private:
  std::uint32_t bits_ = 0;
  std::vector<std::string> keywords_;  // Ascending without regard to case, each once.
};

bool equals_ignoring_case(std::string_view a, std::string_view b);

}  // namespace imapd

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace imapd::auth {

// RFC 4314, section 2.1. The letters, not these values, are on disk.
enum class Right : std::uint8_t {
  kLookup,       // l
  kRead,         // r: SELECT, browse, peek
  kSeen,         // s: keep \Seen
  kWrite,        // w: other flags; claim and settle
  kInsert,       // i: APPEND, COPY into, enqueue
  kPost,         // p
  kCreate,       // k: child mailboxes
  kDeleteMailbox,  // x
  kDeleteMessages,  // t: \Deleted
  kExpunge,      // e
  kAdminister,   // a: SETACL, policy, release of others' claims
};

// A set of rights.
class Rights {
 public:
  constexpr Rights() = default;
  constexpr Rights(Right right) : bits_(bit(right)) {}  // NOLINT: meant to convert
  static constexpr Rights all() { return Rights(static_cast<std::uint16_t>((1u << kCount) - 1)); }

  // Letters of RFC 4314 in any order, repeats allowed. The virtual rights of RFC 2086 stand for their members: `c` for k and x,
  // `d` for e and t (section 2.1.1, the first of its two readings). nullopt when another character occurs: digits, upper case.
  static std::optional<Rights> parse(std::string_view letters);

  constexpr bool has(Right right) const { return (bits_ & bit(right)) != 0; }
  constexpr bool has_all(Rights rights) const { return (bits_ & rights.bits_) == rights.bits_; }
  constexpr bool has_any(Rights rights) const { return (bits_ & rights.bits_) != 0; }
  constexpr bool empty() const { return bits_ == 0; }

  // For storage: real rights only, in the order `lrswipkxtea`.
  std::string to_string() const;
  // For ACL and MYRIGHTS: with `c` when k or x is there and `d` when e or t is (section 2.1.1).
  std::string to_string_with_virtual() const;

  friend constexpr Rights operator|(Rights a, Rights b) { return Rights(static_cast<std::uint16_t>(a.bits_ | b.bits_)); }
  // Those of `a` that are not in `b`.
  friend constexpr Rights operator-(Rights a, Rights b) {
    return Rights(static_cast<std::uint16_t>(a.bits_ & ~static_cast<unsigned>(b.bits_)));
  }
  friend constexpr bool operator==(Rights, Rights) = default;

 private:
  static constexpr unsigned kCount = 11;
  static constexpr std::uint16_t bit(Right right) { return static_cast<std::uint16_t>(1u << static_cast<unsigned>(right)); }
  constexpr explicit Rights(std::uint16_t bits) : bits_(bits) {}
  std::uint16_t bits_ = 0;
};

// Identifier -> rights as letters. Identifiers: a user name, `anyone`, and either of them with `-` in front.
using Acl = std::map<std::string, std::string>;

// May `identifier` stand in an ACL? `anyone` or a valid user name, optionally after one `-`.
bool is_valid_acl_identifier(std::string_view identifier);

// Who asks for rights on a mailbox.
struct Principal {
  std::string_view user;
  bool is_owner = false;
  bool is_server_administrator = false;
};

// What the principal may do: the union of the positive entries for `anyone` and the user, minus the union of the negative ones
// (RFC 4314, section 2). A server administrator has all rights. An owner has at least l and a, whatever the list says, so that
// nobody can lock a mailbox's owner out. Letters that are no rights are ignored: they were never stored by us.
Rights effective(const Acl& acl, const Principal& principal);

}  // namespace imapd::auth

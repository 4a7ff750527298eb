#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace imapd::session {

using FlagNames = std::set<std::string>;  // In lower case, without \recent.
using UidList = std::vector<std::uint32_t>;  // Ascending.

// `(\Seen $A)`.
FlagNames parse_flag_names(std::string_view list);
// `1:3,7`; `*` is `largest`.
UidList parse_number_set(std::string_view set, std::uint32_t largest = 0);

// What a client knows of its selected mailbox by the untagged answers that it was sent, and whether these may be so: message
// numbers, UIDs, flags and mod-sequences by RFC 3501, 7162 and 9586. Pure.
class ClientModel {
 public:
  // How messages are named to this client.
  enum class Names { kNumbers, kVanished, kUidsOnly };

  struct Entry {
    std::uint32_t uid = 0;  // 0: not told yet.
    std::uint64_t mod_seq = 0;
    std::optional<FlagNames> flags;  // nullopt: not told yet, or no longer certain.
    bool has_mod_seq = false;  // MODSEQ came no earlier than FLAGS: an answer to FETCH FLAGS needs none (RFC 7162, section 3.1).
    bool told = false;  // FLAGS came in answer to the present command.
  };
  // Of the command whose answer comes now.
  struct Command {
    bool forbids_expunge = false;  // FETCH, STORE, SEARCH with message numbers (RFC 3501, section 7.4.1).
    bool opens = false;            // SELECT, EXAMINE: the mailbox begins anew.
  };

  void begin(const Command& command);
  // Returns what is wrong with the line; empty: nothing.
  std::string take(std::string_view line);

  void set_names(Names names) { names_ = names; }
  Names names() const { return names_; }
  void close() { entries_.clear(); selected_ = false; }
  bool selected() const { return selected_; }
  const std::vector<Entry>& entries() const { return entries_; }
  std::vector<Entry>& entries() { return entries_; }
  Entry* find(std::uint32_t uid);
  // The last that was told, 0: none.
  std::uint64_t highest_mod_seq() const { return highest_mod_seq_; }
  std::uint32_t uid_validity() const { return uid_validity_; }
  const UidList& vanished_earlier() const { return vanished_earlier_; }  // Since begin().
  const UidList& found() const { return found_; }  // Of SEARCH and ESEARCH, since begin().

 private:
  std::string exists(std::uint32_t count);
  std::string expunge(std::uint32_t number);
  std::string vanished(std::string_view set);
  std::string fetch(std::uint32_t number, std::string_view items);
  std::string uid_fetch(std::uint32_t uid, std::string_view items);
  std::string apply(Entry& entry, std::string_view items);
  std::string search(std::string_view rest);
  std::string esearch(std::string_view rest);
  // The entry that has this UID, or one without a UID that may be it; nullptr: none.
  Entry* place_of(std::uint32_t uid);

  Names names_ = Names::kNumbers;
  Command command_;
  bool selected_ = false;
  std::vector<Entry> entries_;  // By message number, from 1.
  std::uint64_t highest_mod_seq_ = 0;
  std::uint32_t uid_validity_ = 0;
  UidList found_;
  UidList vanished_earlier_;
};

}  // namespace imapd::session

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "imapd/base/flag.h"
#include "imapd/base/ids.h"
#include "imapd/base/uid_set.h"
#include "imapd/wire/command.h"

namespace imapd::wire {

// Under which of its two names `\Claimed` is shown.
enum class ClaimedAs { kBoth, kBackslash, kKeyword };
// What mailbox names are sent in: modified UTF-7 (RFC 3501, section 5.1.3) until the client has enabled UTF-8 (RFC 6855, section 3;
// RFC 9051, section 5.1).
enum class MailboxNames { kUtf7, kUtf8 };
enum class Condition { kOk, kNo, kBad, kPreAuth, kBye };

// --- pieces, appended to `to` ---------------------------------------------------------------------

// string: quoted when it is short, printable ASCII; else a literal. Bare 8-bit, CR, LF and NUL never stand in quotes.
void append_string(std::string& to, std::string_view value);
// nstring: NIL for nullopt.
void append_nstring(std::string& to, std::optional<std::string_view> value);
// astring: bare where it can be. Never bare NIL or the empty string.
void append_astring(std::string& to, std::string_view value);
// A mailbox name, given in UTF-8. In kUtf8 what is not ASCII stands in quotes. `name` is valid UTF-8 without NUL.
void append_mailbox(std::string& to, std::string_view name, MailboxNames names);
// `{n}` CR LF: the caller appends exactly `size` bytes after it.
void append_literal_header(std::string& to, std::size_t size);
// `(\Seen \Claimed $Claimed Junk)`. `recent` adds \Recent.
void append_flags(std::string& to, const FlagSet& flags, ClaimedAs claimed_as, bool recent = false);
// `BODY[1.HEADER.FIELDS (FROM)]<0>`, `RFC822.TEXT`: the name under which the content goes back.
void append_section_name(std::string& to, const FetchSection& section);
// `1:3,7`.
void append_number_ranges(std::string& to, std::span<const SequenceSet::Range> ranges);
// Numbers as `1:3,7`; in another order than ascending, as sets of RFC 5267 may be: `7,1:3`.
std::string number_set(std::span<const std::uint32_t> numbers);
std::string_view status_item_name(StatusItem item);

// --- response codes, without their brackets --------------------------------------------------------

namespace code {
inline constexpr std::string_view kAlert = "ALERT";
inline constexpr std::string_view kParse = "PARSE";
inline constexpr std::string_view kReadOnly = "READ-ONLY";
inline constexpr std::string_view kReadWrite = "READ-WRITE";
inline constexpr std::string_view kTryCreate = "TRYCREATE";
inline constexpr std::string_view kBadCharset = "BADCHARSET (US-ASCII UTF-8)";
inline constexpr std::string_view kUidNotSticky = "UIDNOTSTICKY";
// RFC 5530.
inline constexpr std::string_view kUnavailable = "UNAVAILABLE";
inline constexpr std::string_view kAuthenticationFailed = "AUTHENTICATIONFAILED";
inline constexpr std::string_view kAuthorizationFailed = "AUTHORIZATIONFAILED";
inline constexpr std::string_view kExpired = "EXPIRED";
inline constexpr std::string_view kPrivacyRequired = "PRIVACYREQUIRED";
inline constexpr std::string_view kContactAdmin = "CONTACTADMIN";
inline constexpr std::string_view kNoPerm = "NOPERM";
inline constexpr std::string_view kInUse = "INUSE";
inline constexpr std::string_view kExpungeIssued = "EXPUNGEISSUED";
inline constexpr std::string_view kCorruption = "CORRUPTION";
inline constexpr std::string_view kServerBug = "SERVERBUG";
inline constexpr std::string_view kClientBug = "CLIENTBUG";
inline constexpr std::string_view kCannot = "CANNOT";
inline constexpr std::string_view kLimit = "LIMIT";
inline constexpr std::string_view kOverQuota = "OVERQUOTA";
inline constexpr std::string_view kAlreadyExists = "ALREADYEXISTS";
inline constexpr std::string_view kNonExistent = "NONEXISTENT";
inline constexpr std::string_view kTooBig = "TOOBIG";          // RFC 4469 and 7889.
inline constexpr std::string_view kUseAttr = "USEATTR";        // RFC 6154.
inline constexpr std::string_view kClosed = "CLOSED";          // RFC 7162.
inline constexpr std::string_view kHasChildren = "HASCHILDREN";  // RFC 9051.
inline constexpr std::string_view kNoModSeq = "NOMODSEQ";      // RFC 7162.
inline constexpr std::string_view kCompressionActive = "COMPRESSIONACTIVE";  // RFC 4978.
inline constexpr std::string_view kUnknownCte = "UNKNOWN-CTE";  // RFC 3516.
inline constexpr std::string_view kNotSaved = "NOTSAVED";      // RFC 5182.
inline constexpr std::string_view kUidRequired = "UIDREQUIRED";  // RFC 9586.
inline constexpr std::string_view kAnnotations = "ANNOTATIONS READ-ONLY NOPRIVATE";  // RFC 5257.
inline constexpr std::string_view kAnnotateTooMany = "ANNOTATE TOOMANY";
std::string capability(std::string_view capabilities);
// The flags as a list; `any` adds `\*`: new keywords may be made.
std::string permanent_flags(const FlagSet& flags, ClaimedAs claimed_as, bool any);
std::string uid_next(Uid uid);
std::string uid_validity(UidValidity uid_validity);
std::string unseen(std::uint32_t sequence_number);
std::string highest_mod_seq(ModSeq mod_seq);
// RFC 8474.
std::string mailbox_id(std::string_view object_id);
// RFC 9585.
std::string in_progress(std::string_view tag, std::uint32_t progress, std::uint32_t goal);
// RFC 7162, 3.1.3: sequence numbers for STORE, UIDs for UID STORE. The set is not empty.
std::string modified(std::span<const std::uint32_t> ascending_sequence_numbers);
std::string modified(const UidSet& uids);
// RFC 5267, section 4.3.1.
std::string no_update(std::string_view tag);
// RFC 4315. The sets are not empty; the two of COPYUID are of one size.
std::string append_uid(UidValidity uid_validity, const UidSet& uids);
std::string copy_uid(UidValidity uid_validity, const UidSet& from, const UidSet& to);
}  // namespace code

// --- whole responses -------------------------------------------------------------------------------

struct ListLine {
  std::vector<std::string_view> attributes;  // `\HasChildren`, `\NonExistent`, ...
  std::string mailbox;                       // UTF-8.
  bool child_info_subscribed = false;        // RFC 5258: ("CHILDINFO" ("SUBSCRIBED")).
  std::optional<std::string> old_name = {};  // RFC 5465 and RFC 9051: ("OLDNAME" (mailbox)).
};

struct StatusLine {
  std::string mailbox;
  std::vector<std::pair<StatusItem, std::uint64_t>> items;  // The number of MAILBOXID is the mailbox's.
};

// RFC 9394, section 3.1: the results of a range, "" when it holds none.
struct EsearchPartial {
  PartialRange range;
  std::string numbers;
};

// RFC 7377, section 2.1: which mailbox was searched.
struct EsearchMailbox {
  std::string name;  // UTF-8.
  UidValidity uid_validity;
};

struct EsearchLine {
  std::string tag;
  bool uid = false;
  std::optional<std::uint32_t> min;
  std::optional<std::uint32_t> max;
  std::optional<std::uint32_t> count;
  std::string all;                 // number_set() or UidSet::to_string(); "" = left out, as it must be when nothing was found.
  std::optional<ModSeq> mod_seq;
  std::optional<EsearchPartial> partial;
  // RFC 5267, sections 4.3.3 and 4.3.4: pairs of a position and a set; "" = left out.
  std::string remove_from = {};
  std::string add_to = {};
  std::optional<EsearchMailbox> mailbox = {};
};

// Appends whole response lines to a string that the caller owns and sends. `text` never breaks out of its line: what is not
// printable ASCII in it is replaced.
class ResponseWriter {
 public:
  // `out` outlives the writer.
  explicit ResponseWriter(std::string& out, ClaimedAs claimed_as = ClaimedAs::kBoth) : out_(out), claimed_as_(claimed_as) {}

  // `tag OK [code] text`; an empty `code` is left out.
  void tagged(std::string_view tag, Condition condition, std::string_view text, std::string_view code = {});
  void ok(std::string_view tag, std::string_view text, std::string_view code = {}) { tagged(tag, Condition::kOk, text, code); }
  void no(std::string_view tag, std::string_view text, std::string_view code = {}) { tagged(tag, Condition::kNo, text, code); }
  void bad(std::string_view tag, std::string_view text, std::string_view code = {}) { tagged(tag, Condition::kBad, text, code); }
  // `* OK [code] text`.
  void untagged(Condition condition, std::string_view text, std::string_view code = {}) { tagged("*", condition, text, code); }
  // `+ text`.
  void continuation(std::string_view text);
  // `* ` and `line`, which the caller has put together from the pieces above.
  void line(std::string_view line);

  void capability(std::string_view capabilities);
  void enabled(std::span<const std::string> capabilities);
  // `any` is not part of FLAGS, only of PERMANENTFLAGS.
  void flags(const FlagSet& flags);
  void exists(std::uint32_t count);
  void recent(std::uint32_t count);
  void expunge(std::uint32_t sequence_number);
  // RFC 7162, 3.2.10. `uids` is not empty.
  void vanished(const UidSet& uids, bool earlier);
  void list(const ListLine& line);
  void lsub(const ListLine& line);
  // The answer to `LIST "" ""`: the delimiter only.
  void list_delimiter();
  // One personal namespace, rooted at "" (RFC 2342).
  void name_space();
  void status(const StatusLine& line);
  void search(std::span<const std::uint32_t> numbers, std::optional<ModSeq> highest = {});
  // RFC 5256, section 4; the numbers stand in the order of the sort.
  void sort(std::span<const std::uint32_t> numbers, std::optional<ModSeq> highest = {});
  void esearch(const EsearchLine& line);
  void id(std::span<const std::pair<std::string, std::string>> fields);

  ClaimedAs claimed_as() const { return claimed_as_; }
  // Of all lines from now on. For those that the caller forms it is the argument of append_mailbox().
  void set_mailbox_names(MailboxNames names) { mailbox_names_ = names; }
  MailboxNames mailbox_names() const { return mailbox_names_; }
  // False: recent() writes nothing and no message is \Recent, as IMAP4rev2 has neither (RFC 9051, appendix E).
  void show_recent(bool shown) { recent_shown_ = shown; }
  bool recent_shown() const { return recent_shown_; }
  std::string& out() { return out_; }

 private:
  void list_line(std::string_view name, const ListLine& line);
  void number_line(std::string_view name, std::span<const std::uint32_t> numbers, std::optional<ModSeq> highest);

  std::string& out_;
  ClaimedAs claimed_as_;
  MailboxNames mailbox_names_ = MailboxNames::kUtf7;
  bool recent_shown_ = true;
};

// One `* n FETCH (...)` line. Items go out in the order of the calls; finish() ends it and must be called once.
class FetchWriter {
 public:
  // `responses` outlives the writer; nothing else may be written to it before finish().
  FetchWriter(ResponseWriter& responses, std::uint32_t sequence_number);
  // `* uid UIDFETCH (...)` (RFC 9586): the UID is no item of it then.
  FetchWriter(ResponseWriter& responses, Uid uid);
  void uid(Uid uid);
  void flags(const FlagSet& flags, bool recent = false);
  void mod_seq(ModSeq mod_seq);
  void internal_date(const DateTime& date);
  void rfc822_size(std::uint64_t size);
  // Already formed, with its parentheses: `ENVELOPE`, `BODY`, `BODYSTRUCTURE`.
  void formed(std::string_view name, std::string_view value);
  // kLiteral8 (RFC 3516): only for BINARY whose content holds a NUL.
  enum class Literal { kPlain, kLiteral8 };
  // nullopt: NIL, for a part that is not there. Content is always a literal, or "" when empty.
  void section(const FetchSection& section, std::optional<std::string_view> content, Literal literal = Literal::kPlain);
  // For content that the caller streams: exactly `size` bytes must be appended to out() (or sent) after this.
  void section_header(const FetchSection& section, std::size_t size, Literal literal = Literal::kPlain);
  void email_id(std::string_view object_id);
  void save_date(const DateTime& date);
  void finish();

 private:
  void item(std::string_view name);

  std::string& out_;
  ClaimedAs claimed_as_;
  bool recent_shown_;
  bool first_ = true;
};

}  // namespace imapd::wire

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "imapd/base/flag.h"
#include "imapd/base/ids.h"
#include "imapd/wire/annotation.h"
#include "imapd/wire/command_acl.h"
#include "imapd/wire/command_append.h"
#include "imapd/wire/command_metadata.h"
#include "imapd/wire/command_multisearch.h"
#include "imapd/wire/command_notify.h"
#include "imapd/wire/command_quota.h"
#include "imapd/wire/command_connection.h"
#include "imapd/wire/command_context.h"
#include "imapd/wire/command_sort.h"
#include "imapd/wire/date_time.h"
#include "imapd/wire/fetch_items.h"
#include "imapd/wire/result_options.h"
#include "imapd/wire/search_keys.h"
#include "imapd/wire/sequence_set.h"

// One struct per command of a client. Mailbox names, references and patterns are UTF-8 (decoded from modified UTF-7), and INBOX
// in any case is "INBOX". Sets are as sent: resolve() them against the mailbox.
namespace imapd::wire {

struct Capability {};
struct Noop {};
struct Logout {};
struct StartTls {};
struct Login {
  std::string user;
  std::string password;
};
struct Authenticate {
  std::string mechanism;  // In capitals.
  // RFC 4959, as sent: base64, "" when it was `=` (an empty response). nullopt: none was sent, ask with a continuation.
  std::optional<std::string> initial_response;
};
struct Enable {
  std::vector<std::string> capabilities;  // In capitals; unknown ones are for the session to ignore.
};
// RFC 2971: fields in order, each value may be NIL. Empty for `ID NIL` and `ID ()`.
struct Id {
  std::vector<std::pair<std::string, std::optional<std::string>>> fields;
};

// RFC 7162, 3.2.5: the parameters of QRESYNC.
struct QresyncParameters {
  UidValidity uid_validity;
  ModSeq mod_seq;
  std::optional<SequenceSet> known_uids;
  std::optional<std::pair<SequenceSet, SequenceSet>> sequence_match;  // Known sequence numbers, known UIDs.
};
enum class OpenMode { kReadWrite, kReadOnly };
// SELECT, or EXAMINE (kReadOnly).
struct Select {
  std::string mailbox;
  OpenMode mode = OpenMode::kReadWrite;
  bool condstore = false;
  bool annotate = false;  // RFC 5257.
  std::optional<QresyncParameters> qresync;
};
struct Create {
  std::string mailbox;                   // A trailing '/' is kept.
  std::vector<std::string> special_use;  // RFC 6154: `\Sent`, as sent.
};
struct Delete {
  std::string mailbox;
};
struct Rename {
  std::string from;
  std::string to;
};
struct Subscribe {
  std::string mailbox;
};
struct Unsubscribe {
  std::string mailbox;
};

enum class StatusItem { kMessages, kRecent, kUidNext, kUidValidity, kUnseen, kHighestModSeq, kSize, kDeleted, kAppendLimit, kDeletedStorage, kMailboxId };

// RFC 3501, 6.3.8 and RFC 5258.
struct List {
  std::string reference;
  std::vector<std::string> patterns;  // At least one.
  bool extended = false;              // Any of RFC 5258's syntax was used; `LIST "" ""` asks for the delimiter only without it.
  bool select_subscribed = false;
  bool select_remote = false;
  bool select_recursive_match = false;
  bool select_special_use = false;
  bool return_subscribed = false;
  bool return_children = false;
  bool return_special_use = false;
  std::optional<std::vector<StatusItem>> return_status;
  bool return_my_rights = false;             // RFC 8440.
  std::vector<std::string> return_metadata;  // RFC 9590: entries, as in GetMetadata.
};
struct Lsub {
  std::string reference;
  std::string pattern;
};
struct Namespace {};
struct Status {
  std::string mailbox;
  std::vector<StatusItem> items;  // At least one, each once.
};

struct Check {};
struct Close {};
struct Unselect {};
struct Expunge {};
struct UidExpunge {
  SequenceSet uids;
};
struct Idle {};

struct Search {
  bool uid = false;
  std::optional<ResultOptions> returns;  // nullopt: answer with `* SEARCH`, not `* ESEARCH`.
  std::optional<std::string> charset;   // In capitals, as asked for: the session refuses those it does not know (BADCHARSET).
  SearchKey program;
  bool names_mod_seq = false;  // A MODSEQ key is in it: enables CONDSTORE and adds (MODSEQ n) to the answer (RFC 7162, 3.1.5).
};
struct Fetch {
  bool uid = false;
  SequenceSet set;
  std::vector<FetchItem> items;  // At least one; macros are expanded; attributes occur once.
  std::optional<ModSeq> changed_since;  // Messages with a mod-sequence > this; 0 means all of them.
  bool vanished = false;                // Only together with changed_since and uid.
  std::optional<PartialRange> partial;  // RFC 9394: of the messages that the set names, those; only with uid.
};
enum class StoreMode { kReplace, kAdd, kRemove };
struct Store {
  bool uid = false;
  SequenceSet set;
  std::optional<ModSeq> unchanged_since;  // Passes what has a mod-sequence <= this.
  StoreMode mode = StoreMode::kReplace;
  bool silent = false;
  std::vector<Flag> flags;  // Each once.
  std::vector<SetAnnotation> annotations;  // Not empty: of these (RFC 5257) and of no flags.
};
struct Copy {
  bool uid = false;
  SequenceSet set;
  std::string mailbox;
};
struct Move {
  bool uid = false;
  SequenceSet set;
  std::string mailbox;
};

struct Command {
  std::string tag;
  std::variant<Capability, Noop, Logout, StartTls, Compress, Unauthenticate, Login, Authenticate, Enable, Id, Select, Create, Delete, Rename, Subscribe,
               Unsubscribe, List, Lsub, Namespace, Status, Append, Check, Close, Unselect, Expunge, UidExpunge, Idle, Search, Sort, Thread,
               Fetch, Store, Copy, Move, Replace, GetMetadata, SetMetadata, Notify, GetQuota,
               GetQuotaRoot, SetQuota, SetAcl, DeleteAcl, GetAcl, ListRights,
               MyRights, CancelUpdate, MultiSearch>
      verb;
};

// What could not be understood. Answer: `tag BAD text`.
struct BadCommand {
  std::string tag;   // "*" when the line had none.
  std::string text;  // Names the command and what is wrong; printable ASCII only.
};

}  // namespace imapd::wire

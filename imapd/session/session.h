#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "imapd/auth/rights.h"
#include "imapd/auth/users.h"
#include "imapd/base/async.h"
#include "imapd/base/error.h"
#include "imapd/base/uid_set.h"
#include "imapd/session/connection.h"
#include "imapd/session/features.h"
#include "imapd/session/mailbox_view.h"
#include "imapd/session/progress.h"
#include "imapd/session/registry.h"
#include "imapd/session/reply.h"
#include "imapd/session/search_context.h"
#include "imapd/session/services.h"
#include "imapd/session/state_table.h"
#include "imapd/store/store.h"
#include "imapd/wire/response.h"

namespace imapd::ext {
class MetadataWatch;
class Notifications;
}

namespace imapd::session {

// One client: who it is, what it has selected, what it has enabled. Commands (commands.h) are functions over it; loop.h runs it.
//
// Operation    A command appends untagged lines to out() and returns its Reply. In loops that write much it calls
//              `co_await session.flush_if_full()` between whole lines.
// Errors       flush_if_full() throws boost::system::system_error when the client is gone or does not read: commands let it
//              pass, the loop ends the session.
// Concurrency  All members on the session's strand.
class Session {
 public:
  // All outlive the session.
  Session(Services& services, Connection& connection, Registry::Number number);
  Session(const Session&) = delete;
  ~Session();

  Services& services() { return services_; }
  store::Store& store() { return services_.store; }
  Connection& connection() { return connection_; }
  // The holder's name of what this session claims; also its name in the log.
  const std::string& id() const { return id_; }
  Registry::Number number() const { return number_; }
  State state() const;

  // --- who ---
  const std::string& user() const { return identity_->user; }  // Logged in.
  bool is_administrator() const { return identity_->is_administrator; }
  void log_in(auth::Identity identity) { identity_ = std::move(identity); }
  auth::Rights rights(const store::MailboxInfo& mailbox) const;
  // Has the rank kAdministrator with the right `a`.
  store::Actor actor(const store::MailboxInfo& mailbox) const;

  // Nobody on the way can read what is said: TLS, or loopback. Else passwords are neither asked for nor taken.
  bool is_private() const;
  // False: the user has as many connections as he may have.
  bool take_place_of_user(const std::string& user);
  // UNAUTHENTICATE (RFC 8437): as if nobody had ever logged in. What the session has claimed is its holder's no more.
  void forget_user();

  // --- the layers of the stream ---
  enum class Layer { kNone, kTls, kDeflate };
  // To be put on once the present command is answered.
  void ask_for_layer(Layer layer) { layer_asked_ = layer; }
  Layer take_layer_asked() { return std::exchange(layer_asked_, Layer::kNone); }
  bool compressed() const { return compressed_; }
  void set_compressed() { compressed_ = true; }

  // --- mailboxes, by the names that this client uses for them (mailbox_name.h) ---
  // A mailbox on which the user does not have the right `l` is kNotFound: it does not exist for him. A name that is not there as it
  // is given is looked for in its normalized form.
  Result<store::MailboxInfo> find(const std::string& name) const;
  // As find(), and selectable (kNotFound), with all of `needed` (kPermissionDenied).
  Result<store::MailboxInfo> find(const std::string& name, auth::Rights needed) const;

  // --- the answer ---
  const std::string& tag() const { return tag_; }
  wire::ResponseWriter& out() { return writer_; }
  Task<void> flush_if_full();
  // For commands that go on for long, where they let others run and are between whole lines: `done` of `all` messages are done.
  // Says so to the client if it is time to (RFC 9585).
  Progress& progress() { return progress_; }
  Task<void> tell_progress(std::uint64_t done, std::uint64_t all);

  // --- selected ---
  bool selected() const { return view_.has_value(); }
  MailboxView& view() { return *view_; }
  // The selected mailbox as of the last commit; kNotFound when it has been deleted.
  Result<store::MailboxInfo> selected_mailbox() const;
  // False: its user has lost the right to read it, and the session has been told to end. It could go on without a selected mailbox
  // (`[CLOSED]`), but that most clients do not expect; after a BYE all of them know where they are.
  bool may_still_read(const store::MailboxInfo& selected);
  void select(MailboxView view);
  void unselect();
  // The results that the client is told the changes of.
  SearchContexts& contexts() { return contexts_; }
  // Sends `* VANISHED (EARLIER)` for these, line by line (RFC 7162, section 3.2.10.1).
  Task<void> tell_vanished_earlier(UidSet uids);
  // Pulls what has changed in the selected mailbox and tells it, as far as the client wants to hear of it (NOTIFY).
  Task<void> sync(MailboxView::Expunges expunges);
  // A command has changed the selected mailbox, and its answer is made of what sync() tells: the next one tells everything.
  // `arrived`: what came by it.
  void changed_here(UidSet arrived = {});

  // --- news of other mailboxes (NOTIFY, RFC 5465) ---
  // nullptr: nothing was asked for yet.
  ext::Notifications* notifications() { return notifications_.get(); }
  // A command of this session has changed the tree: it need not be told of that.
  void changed_tree_here(store::TreeEvent::Kind kind, const store::MailboxPath& path);
  void set_notifications(std::unique_ptr<ext::Notifications> notifications);
  // As sync(), and what else the client wants to hear of.
  Task<void> tell_news(MailboxView::Expunges expunges);
  // The same while no command runs.
  Task<void> tell_news_unasked();

  // --- what is enabled (RFC 5161) ---
  bool enabled(Feature feature) const { return features_.has(feature); }
  bool condstore() const { return enabled(Feature::kCondstore); }
  bool uid_only() const { return enabled(Feature::kUidOnly); }
  bool rev2() const { return enabled(Feature::kRev2); }
  // Mailbox names are UTF-8 both ways, as both UTF8=ACCEPT and IMAP4rev2 have it, and quoted strings may hold it.
  bool utf8() const { return enabled(Feature::kUtf8) || rev2(); }
  // Enables what the feature implies too. The first command that enables CONDSTORE, to be called before it writes its own lines,
  // sends HIGHESTMODSEQ for the selected mailbox (RFC 7162, section 3.1).
  void enable(Feature feature);

  // --- for the loop ---
  void begin_command(std::string tag);
  // What follows, until the next command, is no part of one: it tells no progress (RFC 9585 names the command by its tag).
  void begin_unasked() { unasked_ = true; }
  // Ends the session as soon as the present command is done: `* BYE [code] text`. `code` lives for ever.
  void end(std::string bye_text, std::string_view code = {});
  bool ending() const { return bye_text_.has_value(); }
  // Writes the BYE of end(), once. Only between whole lines.
  void say_bye();
  // From any thread, while something that the session owns keeps it alive (a subscription): ends its wait for input. All commits
  // until the session looks, in tell_news(), cost one wake-up.
  void post_wake();

 private:
  void tell_view_what_is_enabled();

  Services& services_;
  Connection& connection_;
  const Registry::Number number_;
  const std::string id_;
  wire::ResponseWriter writer_;
  std::optional<auth::Identity> identity_;
  NamedQuota::Share place_of_user_;
  Layer layer_asked_ = Layer::kNone;
  bool compressed_ = false;
  std::optional<MailboxView> view_;
  SearchContexts contexts_;  // Over view_.
  std::optional<std::string> bye_text_;
  std::string_view bye_code_;
  Features features_;
  std::string tag_;
  bool unasked_ = false;
  Progress progress_;
  bool bye_said_ = false;
  bool expunges_were_withheld_ = false;
  bool changed_here_ = false;
  UidSet arrived_here_;
  std::atomic<bool> wake_posted_{false};
  // Last: their subscriptions end before what they wake.
  std::unique_ptr<ext::Notifications> notifications_;
  std::unique_ptr<ext::MetadataWatch> metadata_watch_;  // nullptr: ENABLE METADATA was not given.
};

}  // namespace imapd::session

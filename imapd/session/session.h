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
#include "imapd/session/connection.h"
#include "imapd/session/features.h"
#include "imapd/session/mailbox_view.h"
#include "imapd/session/registry.h"
#include "imapd/session/reply.h"
#include "imapd/session/services.h"
#include "imapd/session/state_table.h"
#include "imapd/store/store.h"
#include "imapd/wire/response.h"

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
  // A mailbox on which the user does not have the right `l` is kNotFound: it does not exist for him.
  Result<store::MailboxInfo> find(const std::string& name) const;
  // As find(), and selectable (kNotFound), with all of `needed` (kPermissionDenied).
  Result<store::MailboxInfo> find(const std::string& name, auth::Rights needed) const;

  // --- the answer ---
  const std::string& tag() const { return tag_; }
  wire::ResponseWriter& out() { return writer_; }
  Task<void> flush_if_full();

  // --- selected ---
  bool selected() const { return view_.has_value(); }
  MailboxView& view() { return *view_; }
  // The selected mailbox as of the last commit; kNotFound when it has been deleted.
  Result<store::MailboxInfo> selected_mailbox() const;
  void select(MailboxView view);
  void unselect() { view_.reset(); }
  // Sends `* VANISHED (EARLIER)` for these, line by line (RFC 7162, section 3.2.10.1).
  Task<void> tell_vanished_earlier(UidSet uids);
  // Pulls what has changed in the selected mailbox and tells it.
  Task<void> sync(MailboxView::Expunges expunges);

  // --- what is enabled (RFC 5161) ---
  bool enabled(Feature feature) const { return features_.has(feature); }
  bool condstore() const { return enabled(Feature::kCondstore); }
  bool uid_only() const { return enabled(Feature::kUidOnly); }
  // Enables what the feature implies too. The first command that enables CONDSTORE, to be called before it writes its own lines,
  // sends HIGHESTMODSEQ for the selected mailbox (RFC 7162, section 3.1).
  void enable(Feature feature);

  // --- for the loop ---
  void begin_command(std::string tag) { tag_ = std::move(tag); }
  // Ends the session as soon as the present command is done: `* BYE text`.
  void end(std::string bye_text);
  bool ending() const { return bye_text_.has_value(); }
  // Writes the BYE of end(), once. Only between whole lines.
  void say_bye();
  // True when nobody has posted a wake-up that has not run yet: a burst of commits costs one.
  std::atomic<bool>& wake_posted() { return wake_posted_; }

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
  std::optional<std::string> bye_text_;
  Features features_;
  std::string tag_;
  bool bye_said_ = false;
  bool expunges_were_withheld_ = false;
  std::atomic<bool> wake_posted_{false};
};

}  // namespace imapd::session

#include "imapd/session/session.h"

#include <algorithm>
#include <utility>

#include "imapd/ext/metadata_watch.h"
#include "imapd/ext/notify.h"
#include "imapd/ops/log.h"
#include "imapd/session/mailbox_name.h"
#include "imapd/session/pull.h"
#include "imapd/session/vanished.h"

namespace imapd::session {
namespace {

// Replies are sent in pieces of this size while a command goes on: large enough to cost few system calls.
constexpr std::size_t kFlushBytes = 64 * 1024;

}  // namespace

Session::Session(Services& services, Connection& connection, Registry::Number number)
    : services_(services),
      connection_(connection),
      number_(number),
      id_(services.sessions.holder_name(number)),
      writer_(connection.out(), services.options.claimed_as),
      progress_(services.clock.now()) {
  store().holder_opened(id_);
}

Session::~Session() { store().holder_closed(id_); }

State Session::state() const {
  if (!identity_) return State::kNotAuthenticated;
  return view_ ? State::kSelected : State::kAuthenticated;
}

bool Session::is_private() const {
  if (connection_.stream().tls() != nullptr) return true;
  boost::system::error_code error;
  const auto address = asio::ip::make_address(connection_.stream().peer_address(), error);
  if (error || !services_.options.loopback_is_private) return false;
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).is_loopback();
  }
  return address.is_loopback();
}

bool Session::take_place_of_user(const std::string& user) {
  place_of_user_ = services_.connections_of_user.take(user);
  if (!place_of_user_) return false;
  connection_.share_literals(NamedAmount::Share(services_.large_literals_of_user, user));
  return true;
}

void Session::forget_user() {
  notifications_.reset();
  metadata_watch_.reset();
  view_.reset();
  contexts_.clear();
  identity_.reset();
  place_of_user_.release();
  connection_.share_literals(NamedAmount::Share());
  features_ = Features();
  writer_.set_mailbox_names(wire::MailboxNames::kUtf7);
  writer_.show_recent(true);
  expunges_were_withheld_ = false;
  store().holder_closed(id_);
  store().holder_opened(id_);
}

auth::Rights Session::rights(const store::MailboxInfo& mailbox) const {
  const bool is_owner = mailbox.path.owner == identity_->user;
  const auth::Principal principal{identity_->user, is_owner, identity_->is_administrator};
  return auth::effective(mailbox.acl, principal);
}

store::Actor Session::actor(const store::MailboxInfo& mailbox) const {
  store::Actor actor;
  actor.door = store::Door::kImap;
  actor.user = identity_->user;
  actor.holder = id_;
  if (rights(mailbox).has(auth::Right::kAdminister)) actor.rank = store::Actor::Rank::kAdministrator;
  return actor;
}

Result<store::MailboxInfo> Session::find(const std::string& name) const {
  auto mailbox = services_.store.find_mailbox(path_of(name, identity_->user));
  if (!mailbox) mailbox = services_.store.find_mailbox(path_of(normalized_name(name), identity_->user));
  if (!mailbox || !rights(*mailbox).has(auth::Right::kLookup)) {
    return make_error(Code::kNotFound, "There is no such mailbox");
  }
  return std::move(*mailbox);
}

Result<store::MailboxInfo> Session::find(const std::string& name, auth::Rights needed) const {
  TRY_ASSIGN(mailbox, find(name));
  if (!mailbox.selectable) return make_error(Code::kNotFound, "This is a level of the hierarchy and not a mailbox");
  if (!rights(mailbox).has_all(needed)) return make_error(Code::kPermissionDenied, "You do not have the right to do this");
  return mailbox;
}

Task<void> Session::flush_if_full() {
  if (connection_.out().size() >= std::min(kFlushBytes, services_.options.unsent_reply_bytes_max)) {
    co_await connection_.flush();
    co_await connection_.let_others_run();
  }
}

Task<void> Session::tell_progress(std::uint64_t done, std::uint64_t all) {
  if (unasked_) co_return;
  const auto report = progress_.at(done, all, services_.clock.now());
  if (!report) co_return;
  writer_.untagged(wire::Condition::kOk, "Still at it", wire::code::in_progress(tag_, report->done, report->goal));
  co_await connection_.flush();
}

void Session::begin_command(std::string tag) {
  tag_ = std::move(tag);
  unasked_ = false;
  progress_ = Progress(services_.clock.now());
}

Result<store::MailboxInfo> Session::selected_mailbox() const {
  auto mailbox = services_.store.mailbox(view_->mailbox());
  if (!mailbox) return make_error(Code::kNotFound, "The selected mailbox has been deleted");
  return std::move(*mailbox);
}

bool Session::may_still_read(const store::MailboxInfo& selected) {
  if (rights(selected).has(auth::Right::kRead)) return true;
  end("You may not read the selected mailbox any more");
  return false;
}

void Session::select(MailboxView view) {
  view_.emplace(std::move(view));
  contexts_.clear();
  tell_view_what_is_enabled();
  expunges_were_withheld_ = false;
  if (notifications_) notifications_->selected_changed();
}

void Session::unselect() {
  view_.reset();
  contexts_.clear();
  if (notifications_) notifications_->selected_changed();
}

void Session::changed_here(UidSet arrived) {
  changed_here_ = true;
  for (const UidSet::Range& range : arrived.ranges()) arrived_here_.add_range(range.first, range.last);
}

void Session::changed_tree_here(store::TreeEvent::Kind kind, const store::MailboxPath& path) {
  if (notifications_) notifications_->done_here(kind, path);
}

void Session::set_notifications(std::unique_ptr<ext::Notifications> notifications) {
  notifications_ = std::move(notifications);
  if (notifications_) {
    notifications_->selected_changed();
  } else if (view_) {
    view_->set_tells_flags(true);
  }
}

void Session::tell_view_what_is_enabled() {
  if (condstore()) view_->enable_mod_seq();
  if (uid_only()) {
    view_->set_names(MailboxView::Names::kUidsOnly);
  } else if (enabled(Feature::kQresync)) {
    view_->set_names(MailboxView::Names::kVanished);
  }
}

void Session::enable(Feature feature) {
  const bool had_condstore = condstore();
  features_.add(feature);
  if (feature == Feature::kQresync) features_.add(Feature::kCondstore);
  if (enabled(Feature::kMetadata) && !metadata_watch_) metadata_watch_ = std::make_unique<ext::MetadataWatch>(*this);
  if (utf8()) writer_.set_mailbox_names(wire::MailboxNames::kUtf8);
  if (rev2()) writer_.show_recent(false);
  if (!view_) return;
  tell_view_what_is_enabled();
  if (had_condstore || !condstore()) return;
  writer_.untagged(wire::Condition::kOk, "CONDSTORE is on", wire::code::highest_mod_seq(view_->told_mod_seq()));
}

void Session::end(std::string bye_text, std::string_view code) {
  if (bye_text_) return;
  bye_text_ = std::move(bye_text);
  bye_code_ = code;
}

void Session::say_bye() {
  if (!std::exchange(bye_said_, true)) writer_.untagged(wire::Condition::kBye, *bye_text_, bye_code_);
}

Task<void> Session::tell_vanished_earlier(UidSet uids) {
  UidRangeChunks chunks(uids);
  for (UidSet chunk = chunks.next(); !chunk.empty(); chunk = chunks.next()) {
    writer_.vanished(chunk, true);
    co_await flush_if_full();
  }
}

void Session::post_wake() {
  if (wake_posted_.exchange(true)) return;
  services_.sessions.post(number_, [](Session& woken) { woken.connection().wake(); });
}

Task<void> Session::tell_news(MailboxView::Expunges expunges) {
  // Before the first look: what is committed from here on wakes again, and all that came while the wake-up was on its way does not.
  wake_posted_.store(false);
  co_await sync(expunges);
  if (notifications_ && !ending()) co_await notifications_->tell_others();
  if (metadata_watch_ && !ending()) metadata_watch_->tell();
}

Task<void> Session::tell_news_unasked() {
  if (notifications_) co_await tell_news(notifications_->expunges_unasked());
}

Task<void> Session::sync(MailboxView::Expunges expunges) {
  const bool changed_here = std::exchange(changed_here_, false);
  const UidSet arrived_here = std::exchange(arrived_here_, UidSet());
  if (!view_) co_return;
  const auto now = services_.store.mailbox(view_->mailbox());
  if (!now || now->uid_validity != view_->uid_validity()) {
    end("The selected mailbox is not there any more");
    co_return;
  }
  if (!may_still_read(*now)) co_return;
  // Then the view stays as it was (RFC 5465, section 5: "a snapshot facility").
  if (notifications_ && !notifications_->wants_selected() && !changed_here) co_return;
  const Uid first_new = view_->uid_next();
  const std::size_t bytes_max = std::min(kFlushBytes, services_.options.unsent_reply_bytes_max);
  bool more = now->highest_mod_seq > view_->pulled();
  while (more) {
    const auto pulled = pull_some(store(), *view_, rev2() ? store::Store::Recent::kLook : store::Store::Recent::kTake);
    if (!pulled) ops::log_warning("changes_unreadable", {{"session", id_}, {"error", pulled.error().message}});
    more = pulled && *pulled;
    // One who is far behind is told flags as they are read, so that only one piece of them is held. New messages and EXPUNGEs
    // wait for the last piece: until then every message keeps its number.
    if (!more) break;
    while (view_->tell_some(MailboxView::Expunges::kWithhold, writer_, bytes_max) == MailboxView::Progress::kMore) {
      co_await connection_.flush();
    }
  }
  if (!contexts_.empty()) co_await tell_gone_from_results(*this);
  while (view_->tell_some(expunges, writer_, bytes_max) == MailboxView::Progress::kMore) {
    co_await connection_.flush();
  }
  if (!contexts_.empty()) co_await tell_changed_results(*this);
  // RFC 7162, section 3.2: MODSEQ items were sent, so the client must be told from where to resynchronize should the connection
  // be lost before the delayed EXPUNGE; section 6 has the example.
  const bool withheld = view_->withholds_expunges();
  if (condstore() && (withheld || expunges_were_withheld_)) {
    writer_.untagged(wire::Condition::kOk, withheld ? "EXPUNGE is delayed" : "All is told",
                     wire::code::highest_mod_seq(view_->told_mod_seq()));
  }
  expunges_were_withheld_ = withheld;
  if (notifications_) co_await notifications_->fetch_new(first_new, arrived_here);
}

}  // namespace imapd::session

#include "imapd/ext/multisearch.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "imapd/base/limits.h"
#include "imapd/session/mailbox_name.h"
#include "imapd/session/pull.h"
#include "imapd/session/search_filters.h"
#include "imapd/session/search_result.h"
#include "imapd/session/search_run.h"
#include "imapd/session/uid_only.h"

// ESEARCH (RFC 7377, MULTISEARCH).
namespace imapd::session {
namespace {

using Mailboxes = wire::SearchSource::Mailboxes;

bool is_selected_alone(const wire::MultiSearch& command) {
  const auto is_selected = [](const wire::SearchSource& source) { return source.mailboxes == Mailboxes::kSelected; };
  return std::ranges::all_of(command.sources, is_selected);
}

bool names_selected(const wire::MultiSearch& command) {
  return command.sources.empty() || std::ranges::any_of(command.sources, [](const wire::SearchSource& source) {
           return source.mailboxes == Mailboxes::kSelected;
         });
}

// Which paths the sources name. The selected mailbox is known by its number and not by its name.
class Sources {
 public:
  Sources(Session& session, std::vector<wire::SearchSource> sources) : user_(session.user()), sources_(std::move(sources)) {
    const auto path_name = [this](const std::string& name) { return path_of(name, user_).name; };
    for (wire::SearchSource& source : sources_) {
      for (std::string& name : source.names) {
        if (const auto mailbox = session.find(name)) name = name_of(mailbox->path);  // Its normalized name.
        name = path_name(name);
      }
      if (source.mailboxes != Mailboxes::kSubscribed) continue;
      for (const std::string& name : session.store().subscriptions(user_)) subscriptions_.insert(path_name(name));
    }
  }

  bool contain(const store::MailboxPath& path) const {
    return std::ranges::any_of(sources_, [&](const wire::SearchSource& source) { return contains(source, path); });
  }

 private:
  bool contains(const wire::SearchSource& source, const store::MailboxPath& path) const {
    const auto any_name = [&source](auto fits) { return std::ranges::any_of(source.names, fits); };
    switch (source.mailboxes) {
      case Mailboxes::kSelected:
        return false;
      // RFC 5465, section 6.3: where nobody can tell into which mailboxes something is delivered, all personal ones are meant.
      case Mailboxes::kInboxes:
      case Mailboxes::kPersonal:
        return path.owner == user_;
      case Mailboxes::kSubscribed:
        return subscriptions_.contains(path.name);
      case Mailboxes::kNamed:
        return any_name([&](const std::string& name) { return path.name == name; });
      case Mailboxes::kSubtree:
        return any_name([&](const std::string& top) {
          return path.name == top || (path.name.starts_with(top) && path.name[top.size()] == '/');
        });
      case Mailboxes::kSubtreeOne:
        return any_name([&](const std::string& top) { return path.name == top || parent_of(path.name) == top; });
    }
    return false;
  }

  const std::string user_;
  std::vector<wire::SearchSource> sources_;
  std::set<std::string, std::less<>> subscriptions_;
};

// Without `l` and `r` a mailbox is as if it were not there (RFC 7377, section 2.2). In the order of their names, but the selected one
// first; nullopt: there are too many.
std::optional<std::vector<store::MailboxInfo>> mailboxes_to_search(Session& session, const wire::MultiSearch& command) {
  std::vector<store::MailboxInfo> found;
  std::optional<MailboxId> selected;
  if (session.selected() && names_selected(command)) {
    auto mailbox = session.selected_mailbox();
    selected = session.view().mailbox();
    if (mailbox && session.rights(*mailbox).has(auth::Right::kRead)) found.push_back(std::move(*mailbox));
  }
  if (is_selected_alone(command)) return found;
  const Sources sources(session, command.sources);
  for (store::MailboxInfo& mailbox : session.store().mailboxes()) {
    const bool foreign = !mailbox.path.owner.empty() && mailbox.path.owner != session.user();
    if (foreign || !mailbox.selectable || mailbox.id == selected || !sources.contain(mailbox.path)) continue;
    if (!session.rights(mailbox).has_all(auth::Rights(auth::Right::kLookup) | auth::Right::kRead)) continue;
    if (found.size() == limits::kMultisearchMailboxesMax) return std::nullopt;
    found.push_back(std::move(mailbox));
  }
  return found;
}

bool has_selected(Session& session, const std::vector<store::MailboxInfo>& mailboxes) {
  const MailboxId selected = session.view().mailbox();
  return std::ranges::find(mailboxes, selected, &store::MailboxInfo::id) != mailboxes.end();
}

// As if it were selected now, read-only.
Result<MailboxView> view_of(Session& session, const store::Snapshot& snapshot, MailboxId id) {
  const Serial recent_from = session.store().recent_from(id, store::Store::Recent::kLook);
  TRY_ASSIGN(mailbox, snapshot.mailbox(id));
  TRY_ASSIGN(uids, snapshot.uids(id));
  TRY_ASSIGN(recent, uids_from(snapshot, id, uids, recent_from));
  MailboxView view(mailbox, std::move(uids), wire::OpenMode::kReadOnly);
  view.add_recent(recent);
  return view;
}

// Searches one mailbox and answers for it. What the session has selected is searched as the client knows it.
Task<Result<std::optional<Reply>>> search_one(Session& session, const wire::MultiSearch& command, const store::MailboxInfo& mailbox) {
  const bool is_selected = session.selected() && session.view().mailbox() == mailbox.id;
  // The command may have lasted: what the user may no longer read is searched no more.
  const auto now = session.store().mailbox(mailbox.id);
  if (!now || !session.rights(*now).has_all(auth::Rights(auth::Right::kLookup) | auth::Right::kRead)) co_return std::optional<Reply>();
  if (!is_selected && now->counters.messages == 0) co_return std::optional<Reply>();
  const store::Snapshot snapshot = session.store().snapshot();
  std::optional<MailboxView> other;
  if (!is_selected) {
    auto made = view_of(session, snapshot, mailbox.id);
    // It has been deleted meanwhile.
    if (!made && made.error().code == Code::kNotFound) co_return std::optional<Reply>();
    if (!made) co_return std::move(made.error());
    other.emplace(std::move(*made));
  }
  const MailboxView& view = is_selected ? session.view() : *other;
  search::Matcher matcher = make_matcher(session, view, command.program);
  const auto found = co_await find_messages(session, view, snapshot, matcher, Extent::kAll);
  if (!found) co_return found.error();
  if (command.returns) {
    if (auto not_saved = save_result(session, *command.returns, *found)) co_return std::optional<Reply>(std::move(*not_saved));
  }
  ResultForm form{ResultForm::Kind::kSearch, true, command.names_mod_seq, command.returns.value_or(wire::ResultOptions()), {}};
  form.mailbox = wire::EsearchMailbox{name_of(mailbox.path), view.uid_validity()};
  if (!found->empty()) write_result(session, form, *found);
  if (is_selected && command.returns && command.returns->update) {
    SearchContext context{session.tag(), true, std::move(matcher), {}};
    context.mailbox = form.mailbox;
    keep_updated(session, std::move(context), *found, "ESEARCH");
  }
  co_await session.flush_if_full();
  co_return std::optional<Reply>();
}

// What the command asks for and the present state does not allow.
std::optional<Reply> state_refusal(Session& session, const wire::MultiSearch& command) {
  const bool updates = command.returns && command.returns->update;
  const bool saves = command.returns && command.returns->save;
  if (!session.selected() && (names_selected(command) || updates)) return bad("Select a mailbox first");
  if (saves && !is_selected_alone(command)) return bad("SAVE is for the selected mailbox alone");
  if (updates && session.contexts().has(session.tag())) return bad("A result is kept up to date under this tag");
  if (session.uid_only() && names_message_numbers(command.program)) {
    return bad("Message numbers are not used any more", wire::code::kUidRequired);
  }
  return std::nullopt;
}

// RFC 5182, section 2.1: a search with SAVE that ends with NO leaves `$` empty.
Reply forget_saved(Session& session, const wire::MultiSearch& command, Reply reply) {
  const bool saves = command.returns && command.returns->save;
  if (saves && reply.condition == wire::Condition::kNo) session.view().save({});
  return reply;
}

}  // namespace

Task<Reply> run(Session& session, wire::MultiSearch command) {
  if (auto refusal = state_refusal(session, command)) co_return std::move(*refusal);
  if (auto refusal = charset_refusal(session, command)) co_return forget_saved(session, command, std::move(*refusal));
  if (auto refusal = put_filters(session, command)) co_return forget_saved(session, command, std::move(*refusal));
  const auto mailboxes = mailboxes_to_search(session, command);
  if (!mailboxes) co_return no("Search fewer mailboxes at once", wire::code::kLimit);
  if (command.names_mod_seq) session.enable(Feature::kCondstore);
  for (const store::MailboxInfo& mailbox : *mailboxes) {
    auto searched = co_await search_one(session, command, mailbox);
    if (!searched) co_return forget_saved(session, command, refused(searched.error()));
    if (*searched) co_return std::move(**searched);
    // Also where nothing was written: to find out what is in a large mailbox is work.
    co_await session.connection().let_others_run();
    if (session.ending()) co_return no("The session is ending", wire::code::kUnavailable);
  }
  // UPDATE is of the selected mailbox, and that was not among those that were searched.
  if (command.returns && command.returns->update && !has_selected(session, *mailboxes)) tell_no_update(session, session.tag());
  co_return ok("ESEARCH completed");
}

}  // namespace imapd::session

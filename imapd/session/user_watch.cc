#include "imapd/session/user_watch.h"

#include <string>

#include "imapd/session/session.h"

namespace imapd::session {
namespace {

using Kind = store::TreeEvent::Kind;

void check(Session& session, const std::string& user) {
  if (session.state() == State::kNotAuthenticated || session.user() != user) return;
  const auto found = session.store().user(user);
  if (!found) return;
  if (!*found) {
    session.end("Your account has been removed");
  } else if (session.is_administrator() && !(*found)->administrator) {
    session.end("You are no administrator any more, log in again");
  } else {
    return;
  }
  session.connection().wake();
}

}  // namespace

UserWatch::UserWatch(store::Store& store, Registry& sessions)
    : subscription_(store.change_feed().subscribe_tree([&sessions](const store::TreeEvent& event) {
        if (event.kind != Kind::kUserRemoved && event.kind != Kind::kUserChanged) return;
        sessions.post_all([user = event.user](Session& session) { check(session, user); });
      })) {}

}  // namespace imapd::session

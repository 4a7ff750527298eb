#include "imapd/ext/registry.h"

#include <array>

#include "imapd/session/session.h"

namespace imapd::ext {
namespace {

using session::Feature;
using When = Extension::When;

constexpr std::array kExtensions = {
    Extension{"IMAP4rev1", "RFC 3501", "imapd/session"},
    Extension{"LITERAL+", "RFC 7888", "imapd/wire/framer.cc"},
    Extension{"SASL-IR", "RFC 4959", "imapd/session/cmd_login.cc", When::kBeforeLogin},
    Extension{"AUTH=PLAIN", "RFC 4616", "imapd/session/cmd_login.cc", When::kAuthentication},
    Extension{"AUTH=LOGIN", "draft-murchison-sasl-login", "imapd/session/cmd_login.cc", When::kAuthentication},
    Extension{"ID", "RFC 2971", "imapd/session/cmd_any.cc"},
    Extension{"ENABLE", "RFC 5161", "imapd/session/cmd_any.cc"},
    Extension{"IDLE", "RFC 2177", "imapd/session/cmd_idle.cc"},
    Extension{"NAMESPACE", "RFC 2342", "imapd/session/cmd_any.cc"},
    Extension{"CHILDREN", "RFC 3348", "imapd/session/cmd_list.cc"},
    Extension{"LIST-STATUS", "RFC 5819", "imapd/session/cmd_list.cc"},
    Extension{"SPECIAL-USE", "RFC 6154", "imapd/session/cmd_list.cc"},
    Extension{"UNSELECT", "RFC 3691", "imapd/session/cmd_select.cc"},
    Extension{"UIDPLUS", "RFC 4315", "imapd/session/cmd_expunge.cc"},
    Extension{"MOVE", "RFC 6851", "imapd/session/cmd_copy.cc"},
    Extension{"ESEARCH", "RFC 4731", "imapd/session/cmd_search.cc"},
    Extension{"CONDSTORE", "RFC 7162", "imapd/session/cmd_store.cc", When::kAlways, Feature::kCondstore},
    Extension{"APPENDLIMIT", "RFC 7889", "imapd/session/cmd_append.cc"},
};

bool is_shown(When when, bool logged_in) {
  switch (when) {
    case When::kAlways: return true;
    case When::kBeforeLogin: return !logged_in;
    case When::kLoggedIn: return logged_in;
    case When::kAuthentication: return !logged_in;
  }
  return false;
}

}  // namespace

std::span<const Extension> extensions() { return kExtensions; }

std::string capabilities(session::Session& session) {
  const bool logged_in = session.state() != session::State::kNotAuthenticated;
  std::string line;
  for (const Extension& extension : extensions()) {
    if (!is_shown(extension.when, logged_in)) continue;
    if (!line.empty()) line += ' ';
    line += extension.name;
    if (extension.name == "APPENDLIMIT") line += '=' + std::to_string(session.services().options.message_bytes_max);
  }
  return line;
}

}  // namespace imapd::ext

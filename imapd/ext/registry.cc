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
    Extension{"STARTTLS", "RFC 3501", "imapd/session/tls.cc", When::kTlsPossible},
    Extension{"LOGINDISABLED", "RFC 3501", "imapd/session/cmd_login.cc", When::kNotPrivate},
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
    Extension{"CREATE-SPECIAL-USE", "RFC 6154", "imapd/session/cmd_mailbox.cc"},
    Extension{"COMPRESS=DEFLATE", "RFC 4978", "imapd/ext/compress.cc", When::kUncompressed},
    Extension{"UNAUTHENTICATE", "RFC 8437", "imapd/ext/unauthenticate.cc", When::kLoggedIn},
    Extension{"UNSELECT", "RFC 3691", "imapd/session/cmd_select.cc"},
    Extension{"UIDPLUS", "RFC 4315", "imapd/session/cmd_expunge.cc"},
    Extension{"MOVE", "RFC 6851", "imapd/session/cmd_copy.cc"},
    Extension{"ESEARCH", "RFC 4731", "imapd/session/cmd_search.cc"},
    Extension{"SEARCHRES", "RFC 5182", "imapd/session/search_result.cc"},
    Extension{"WITHIN", "RFC 5032", "imapd/search/match.cc"},
    Extension{"SORT", "RFC 5256", "imapd/ext/sort.cc"},
    Extension{"SORT=DISPLAY", "RFC 5957", "imapd/search/sort.cc"},
    Extension{"ESORT", "RFC 5267", "imapd/ext/sort.cc"},
    Extension{"THREAD=ORDEREDSUBJECT", "RFC 5256", "imapd/ext/thread.cc"},
    Extension{"THREAD=REFERENCES", "RFC 5256", "imapd/ext/thread.cc"},
    Extension{"I18NLEVEL=1", "RFC 5255", "imapd/mime/text.cc"},
    Extension{"CONDSTORE", "RFC 7162", "imapd/session/cmd_store.cc", When::kAlways, Feature::kCondstore},
    Extension{"QRESYNC", "RFC 7162", "imapd/session/cmd_select.cc", When::kAlways, Feature::kQresync},
    Extension{"UIDONLY", "RFC 9586", "imapd/session/uid_only.cc", When::kAlways, Feature::kUidOnly},
    Extension{"OBJECTID", "RFC 8474", "imapd/wire/object_id.cc"},
    Extension{"SAVEDATE", "RFC 8514", "imapd/session/cmd_fetch.cc"},
    Extension{"STATUS=SIZE", "RFC 8438", "imapd/session/status.cc"},
    Extension{"PREVIEW", "RFC 8970", "imapd/mime/preview.cc"},
    Extension{"APPENDLIMIT", "RFC 7889", "imapd/session/cmd_append.cc"},
    Extension{"ACL", "RFC 4314", "imapd/ext/acl.cc"},
    Extension{"RIGHTS=kxte", "RFC 4314", "imapd/ext/acl.cc"},
    Extension{"METADATA", "RFC 5464", "imapd/ext/metadata.cc"},
    Extension{"QUOTA", "RFC 9208", "imapd/ext/quota.cc"},
    Extension{"QUOTA=RES-STORAGE", "RFC 9208", "imapd/ext/quota.cc"},
    Extension{"QUOTA=RES-MESSAGE", "RFC 9208", "imapd/ext/quota.cc"},
    Extension{"QUOTA=RES-MAILBOX", "RFC 9208", "imapd/ext/quota.cc"},
    Extension{"QUOTASET", "RFC 9208", "imapd/ext/quota.cc"},
    Extension{"LIST-METADATA", "RFC 9590", "imapd/session/cmd_list.cc"},
};

bool is_shown(When when, session::Session& session) {
  const bool logged_in = session.state() != session::State::kNotAuthenticated;
  switch (when) {
    case When::kAlways: return true;
    case When::kBeforeLogin: return !logged_in;
    case When::kLoggedIn: return logged_in;
    case When::kAuthentication: return !logged_in && session.is_private();
    case When::kNotPrivate: return !logged_in && !session.is_private();
    case When::kTlsPossible:
      return !logged_in && session.services().tls != nullptr && session.connection().stream().tls() == nullptr;
    case When::kUncompressed: return logged_in && !session.compressed();
  }
  return false;
}

}  // namespace

std::span<const Extension> extensions() { return kExtensions; }

std::string capabilities(session::Session& session) {
  std::string line;
  for (const Extension& extension : extensions()) {
    if (!is_shown(extension.when, session)) continue;
    if (!line.empty()) line += ' ';
    line += extension.name;
    if (extension.name == "APPENDLIMIT") line += '=' + std::to_string(session.services().options.message_bytes_max);
  }
  return line;
}

}  // namespace imapd::ext

#include "imapd/ext/registry.h"

#include <array>

#include "imapd/session/login.h"
#include "imapd/session/session.h"

namespace imapd::ext {
namespace {

using session::Feature;
using When = Extension::When;

constexpr std::array kExtensions = {
    Extension{"IMAP4rev1", "RFC 3501", "imapd/session"},
    Extension{"IMAP4rev2", "RFC 9051", "imapd/session", When::kAlways, Feature::kRev2},
    Extension{"LITERAL-", "RFC 7888", "imapd/wire/framer.cc", When::kBeforeLogin},
    Extension{"LITERAL+", "RFC 7888", "imapd/wire/framer.cc", When::kLoggedIn},
    Extension{"STARTTLS", "RFC 3501", "imapd/session/tls.cc", When::kTlsPossible},
    Extension{"LOGINDISABLED", "RFC 3501", "imapd/session/cmd_login.cc", When::kNotPrivate},
    Extension{"SASL-IR", "RFC 4959", "imapd/session/cmd_authenticate.cc", When::kBeforeLogin},
    Extension{"AUTH=EXTERNAL", "RFC 4422", "imapd/session/cmd_authenticate.cc", When::kCertificate},
    Extension{"AUTH=SCRAM-SHA-256-PLUS", "RFC 7677", "imapd/auth/scram.cc", When::kChannelBinding},
    Extension{"AUTH=SCRAM-SHA-256", "RFC 7677", "imapd/auth/scram.cc", When::kAuthentication},
    Extension{"AUTH=PLAIN", "RFC 4616", "imapd/auth/sasl.cc", When::kAuthentication},
    Extension{"AUTH=LOGIN", "draft-murchison-sasl-login", "imapd/auth/sasl.cc", When::kAuthentication},
    Extension{"AUTH=OAUTHBEARER", "RFC 7628", "imapd/auth/sasl_bearer.cc", When::kTokens},
    Extension{"AUTH=XOAUTH2", "Google's XOAUTH2", "imapd/auth/sasl_bearer.cc", When::kTokens},
    Extension{"ID", "RFC 2971", "imapd/session/cmd_any.cc"},
    Extension{"UTF8=ACCEPT", "RFC 6855", "imapd/session/mailbox_name.cc", When::kAlways, Feature::kUtf8},
    Extension{"ENABLE", "RFC 5161", "imapd/session/cmd_any.cc"},
    Extension{"IDLE", "RFC 2177", "imapd/session/cmd_idle.cc"},
    Extension{"NAMESPACE", "RFC 2342", "imapd/session/cmd_any.cc"},
    Extension{"CHILDREN", "RFC 3348", "imapd/session/cmd_list.cc"},
    Extension{"LIST-EXTENDED", "RFC 5258", "imapd/session/cmd_list.cc"},
    Extension{"LIST-MYRIGHTS", "RFC 8440", "imapd/session/cmd_list.cc"},
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
    Extension{"PARTIAL", "RFC 9394", "imapd/session/search_result.cc"},
    Extension{"FILTERS", "RFC 5466", "imapd/session/search_filters.cc"},
    Extension{"WITHIN", "RFC 5032", "imapd/search/match.cc"},
    Extension{"SORT", "RFC 5256", "imapd/ext/sort.cc"},
    Extension{"SORT=DISPLAY", "RFC 5957", "imapd/search/sort.cc"},
    Extension{"ESORT", "RFC 5267", "imapd/ext/sort.cc"},
    Extension{"MULTISEARCH", "RFC 7377", "imapd/ext/multisearch.cc"},
    Extension{"CONTEXT=SEARCH", "RFC 5267", "imapd/session/search_context.cc"},
    Extension{"CONTEXT=SORT", "RFC 5267", "imapd/session/search_context.cc"},
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
    Extension{"INPROGRESS", "RFC 9585", "imapd/session/progress.h"},
    Extension{"APPENDLIMIT", "RFC 7889", "imapd/session/cmd_append.cc"},
    Extension{"MULTIAPPEND", "RFC 3502", "imapd/session/cmd_append.cc"},
    Extension{"CATENATE", "RFC 4469", "imapd/ext/catenate.cc"},
    Extension{"REPLACE", "RFC 8508", "imapd/ext/replace.cc"},
    Extension{"BINARY", "RFC 3516", "imapd/mime/encode_nuls.cc"},
    Extension{"ACL", "RFC 4314", "imapd/ext/acl.cc"},
    Extension{"RIGHTS=kxte", "RFC 4314", "imapd/ext/acl.cc"},
    Extension{"METADATA", "RFC 5464", "imapd/ext/metadata.cc", When::kAlways, Feature::kMetadata},
    Extension{"ANNOTATE-EXPERIMENT-1", "RFC 5257", "imapd/ext/annotate.cc"},
    Extension{"NOTIFY", "RFC 5465", "imapd/ext/notify.cc"},
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
    case When::kCertificate: return !logged_in && session::certified_user(session).has_value();
    case When::kChannelBinding: return !logged_in && session.is_private() && !session::channel_binding(session).empty();
    case When::kTokens: return !logged_in && session.is_private() && session.services().authenticator.takes_tokens();
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

#pragma once

#include <string>
#include <string_view>

#include "imapd/base/error.h"

// The mechanisms that carry a bearer token. Pure.
namespace imapd::auth {

// What the client claims; nobody has checked it yet.
struct BearerCredentials {
  std::string authzid;  // Whom to act as. Empty: the user whom the token names.
  std::string token;    // Empty: none, or not of the scheme Bearer: the client asks where it gets one.
};

// OAUTHBEARER's message, decoded (RFC 7628, section 3.1): a GS2 header without channel binding, then `key=value` ended by ^A each,
// among them `auth`. `host` and `port` are not compared: the names and ports by which clients reach the server are not known to
// it. kInvalidArgument.
Result<BearerCredentials> parse_oauthbearer(std::string_view message);
// XOAUTH2's, as Google's mail servers have it: `user=NAME` ^A `auth=Bearer TOKEN` ^A ^A. kInvalidArgument.
Result<BearerCredentials> parse_xoauth2(std::string_view message);

// The JSON by which a token is refused (RFC 7628, section 3.2.2). An issuer that is an https URL is taken to publish how it is
// reached (OpenID Connect Discovery).
std::string oauthbearer_refusal(std::string_view issuer);
// The same in XOAUTH2's form.
std::string xoauth2_refusal(std::string_view issuer);

}  // namespace imapd::auth

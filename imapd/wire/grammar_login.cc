#include "imapd/wire/grammar_login.h"

#include "imapd/base/flag.h"
#include "imapd/wire/grammar_atoms.h"

namespace imapd::wire {
namespace {

constexpr std::size_t kIdFieldsMax = 30;  // RFC 2971, 3.3.

bool is_base64_char(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/' || c == '=';
}

}  // namespace

// login = "LOGIN" SP userid SP password
Result<Login> parse_login(Cursor& cursor) {
  TRY_ASSIGN(user, parse_astring(cursor, "user name"));
  TRY(cursor.expect(' ', "after the user name"));
  TRY_ASSIGN(password, parse_astring(cursor, "password"));
  return Login{.user = std::move(user), .password = std::move(password)};
}

// authenticate = "AUTHENTICATE" SP auth-type [SP (base64 / "=")] *(CRLF base64) (RFC 4959)
Result<Authenticate> parse_authenticate(Cursor& cursor) {
  Authenticate authenticate;
  TRY_ASSIGN(mechanism, parse_atom(cursor, "mechanism"));
  authenticate.mechanism = to_upper(mechanism);
  if (cursor.skip(' ')) {
    const std::string_view response = cursor.take_while(is_base64_char);
    if (response.empty()) return syntax_error("initial response must be base64 or '='");
    authenticate.initial_response = response == "=" ? "" : std::string(response);
  }
  return authenticate;
}

// enable = "ENABLE" 1*(SP capability) (RFC 5161)
Result<Enable> parse_enable(Cursor& cursor) {
  Enable enable;
  do {
    TRY_ASSIGN(capability, parse_atom(cursor, "capability"));
    enable.capabilities.push_back(to_upper(capability));
  } while (cursor.skip(' '));
  return enable;
}

// id = "ID" SP id_params_list
// id_params_list = "(" *(string SP nstring) ")" / nil (RFC 2971)
Result<Id> parse_id(Cursor& cursor) {
  Id id;
  if (!cursor.skip('(')) {
    if (equals_ignoring_case(cursor.take_while(is_atom_char), "NIL")) return id;
    return syntax_error("a list or NIL expected");
  }
  if (cursor.skip(')')) return id;
  do {
    TRY_ASSIGN(field, parse_string(cursor, "field"));
    TRY(cursor.expect(' ', "after a field"));
    TRY_ASSIGN(value, parse_nstring(cursor, "value of a field"));
    id.fields.emplace_back(std::move(field), std::move(value));
    if (id.fields.size() > kIdFieldsMax) return syntax_error("too many fields");
  } while (cursor.skip(' '));
  TRY(cursor.expect(')', "after the fields"));
  return id;
}

}  // namespace imapd::wire

// Where passwords come from. None is ever taken from the command line: it would stand in `ps` and in the shell's history.
#pragma once

#include <string>

namespace tools::ctl {

// The caller's own: `file`, else CLAIMQ_PASSWORD, else the file that CLAIMQ_PASSWORD_FILE names, else asked for on the terminal.
// Throws Failure (kUsage) when there is none of these.
std::string own_password(const std::string& user, const std::string& file);

// Whether own_password() would find one without asking.
bool password_is_given(const std::string& file);

// The user's JSON Web Token: the first line of `file`, else CLAIMQ_TOKEN, else of the file CLAIMQ_TOKEN_FILE. Empty: none.
std::string own_token(const std::string& file);

enum class Origin { kGiven, kGenerated };

struct NewPassword {
  std::string text;
  // Generated: shown to the user once.
  Origin origin = Origin::kGiven;
};

// For `user add` and `user passwd`: the first line of `file` ("-" is standard input), or one of 24 random letters and digits
// when `file` is empty.
NewPassword new_password(const std::string& file);

}  // namespace tools::ctl

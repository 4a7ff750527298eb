// `claimq user add | passwd | list | remove`.
#include "tools/client/units.h"
#include "tools/ctl/api_json.h"
#include "tools/ctl/password.h"
#include "tools/ctl/program.h"

namespace tools::ctl {
namespace {

using client::AdminStub;
using client::ExitCode;

struct UserOptions {
  std::string name;
  std::string password_file;
  bool administrator = false;
};

// A generated password is shown here and nowhere else.
void report(const Program& program, const std::string& line, Json json, const NewPassword& password) {
  std::string text = line;
  if (password.origin == Origin::kGenerated) {
    text += "\nPassword: " + password.text + "\nIt is not shown again.";
    json["password"] = password.text;
  }
  program.print(text, json);
}

ExitCode add(Program& program, const UserOptions& options) {
  const NewPassword password = new_password(options.password_file);
  claimq::v1::CreateUserRequest request;
  request.set_name(options.name);
  request.set_password(password.text);
  request.set_administrator(options.administrator);
  auto& connection = program.connection();
  const auto response = connection.call(connection.admin(), &AdminStub::CreateUser, request);
  report(program, "Added " + std::string(options.administrator ? "administrator " : "user ") + options.name + ".",
         json_of(response.user()), password);
  return ExitCode::kOk;
}

ExitCode set_password(Program& program, const UserOptions& options) {
  const NewPassword password = new_password(options.password_file);
  claimq::v1::SetPasswordRequest request;
  request.set_name(options.name);
  request.set_password(password.text);
  auto& connection = program.connection();
  connection.call(connection.admin(), &AdminStub::SetPassword, request);
  Json json = Json::object();
  json["name"] = options.name;
  report(program, "Changed the password of " + options.name + ".", json, password);
  return ExitCode::kOk;
}

ExitCode list(Program& program) {
  auto& connection = program.connection();
  const auto response = connection.call(connection.admin(), &AdminStub::ListUsers, claimq::v1::ListUsersRequest());
  client::Table table({{.title = "USER"}, {.title = "ADMINISTRATOR"}, {.title = "CREATED"}});
  Json json = Json::array();
  for (const auto& user : response.users()) {
    table.add({user.name(), user.administrator() ? "yes" : "no",
               user.has_create_time() ? client::format_time(user.create_time()) : "-"});
    json.push_back(json_of(user));
  }
  program.print(table, json, "No users.");
  return ExitCode::kOk;
}

ExitCode remove(Program& program, const std::string& name) {
  claimq::v1::DeleteUserRequest request;
  request.set_name(name);
  auto& connection = program.connection();
  connection.call(connection.admin(), &AdminStub::DeleteUser, request);
  Json json = Json::object();
  json["removed"] = name;
  program.print("Removed user " + name + ".", json);
  return ExitCode::kOk;
}

void add_password_option(CLI::App& command, UserOptions& options) {
  command.add_option(
      "--new-password-file", options.password_file,
      "The new password: first line of this file, - for standard input; generated and printed without it");
}

}  // namespace

void add_user_commands(CLI::App& app, Program& program) {
  CLI::App& user = *app.add_subcommand("user", "Add, list and remove users, and change passwords");
  user.require_subcommand(1);

  auto& added = program.keep<UserOptions>();
  CLI::App& add_command = *user.add_subcommand("add", "Add a user");
  add_command.add_option("USER", added.name)->required();
  add_command.add_flag("--administrator", added.administrator, "May do everything");
  add_password_option(add_command, added);
  program.on(add_command, [&program, &added] { return add(program, added); });

  auto& changed = program.keep<UserOptions>();
  CLI::App& passwd_command = *user.add_subcommand("passwd", "Change a user's password");
  passwd_command.add_option("USER", changed.name)->required();
  add_password_option(passwd_command, changed);
  program.on(passwd_command, [&program, &changed] { return set_password(program, changed); });

  program.on(*user.add_subcommand("list", "List users"), [&program] { return list(program); });

  auto& removed = program.keep<std::string>();
  CLI::App& remove_command = *user.add_subcommand("remove", "Remove a user");
  remove_command.add_option("USER", removed)->required();
  program.on(remove_command, [&program, &removed] { return remove(program, removed); });
}

}  // namespace tools::ctl

#include "broker/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <map>
#include <string>

namespace broker {

namespace ops = imapd::ops;

namespace {

// `imap.claimed_as` -> `--imap-claimed-as`
std::string flag_of(std::string_view option) {
  std::string flag = "--" + std::string(option);
  std::replace(flag.begin(), flag.end(), '.', '-');
  std::replace(flag.begin(), flag.end(), '_', '-');
  return flag;
}

ExitCode refused(const imapd::Error& error) {
  std::cerr << "claimqd: " << error.message << '\n';
  return kBadConfiguration;
}

}  // namespace

std::variant<ops::Config, ExitCode> parse_command_line(int argc, char** argv) {
  CLI::App app("claimqd: a message queue whose queues are IMAP mailboxes", "claimqd");
  app.set_version_flag("--version", std::string("claimqd " CLAIMQ_VERSION));
  std::string config_file;
  app.add_option("--config", config_file, "TOML file with the options below; the command line goes before it")
      ->type_name("PATH");
  std::map<std::string_view, std::string> values;
  std::map<std::string_view, CLI::Option*> flags;
  for (const ops::OptionInfo& info : ops::option_infos()) {
    std::string text(info.text);
    if (!info.default_value.empty()) text += " Default: " + std::string(info.default_value) + ".";
    flags[info.name] = app.add_option(flag_of(info.name), values[info.name], text)->type_name(std::string(info.range));
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? ExitCode{0} : kBadConfiguration;
  }

  ops::Config config;
  if (!config_file.empty()) {
    const auto applied = ops::apply_toml_file(config, config_file);
    if (!applied) return refused(applied.error());
  }
  for (const auto& [name, flag] : flags) {
    if (flag->count() == 0) continue;
    const auto set = ops::set_option(config, name, values[name]);
    if (!set) return refused(set.error());
  }
  const auto valid = ops::validate(config);
  if (!valid) return refused(valid.error());
  return config;
}

}  // namespace broker
